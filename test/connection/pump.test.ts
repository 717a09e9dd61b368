import { describe, expect, it } from "vitest";
import {
  type Both,
  type Medium,
  type Outlet,
  pump,
  pumpAsync,
  type PumpedEnd,
  type TapEvent,
} from "../../src/connection/pump.ts";
import { otherRole, type Role } from "../../src/schedule/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { makeEnds } from "../support/ends.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Says what is waiting, and writes down what it is given. */
class Talker implements PumpedEnd {
  readonly heard: string[] = [];
  waiting: Uint8Array[] = [];
  ended = false;
  readonly #answer: (said: string) => string | undefined;

  constructor(answer: (said: string) => string | undefined = () => undefined) {
    this.#answer = answer;
  }

  say(...words: string[]): void {
    this.waiting.push(...words.map(utf8));
  }

  takeOutput(): Uint8Array[] {
    return this.waiting.splice(0);
  }

  receive(bytes: Uint8Array): void {
    this.heard.push(text(bytes));
    const answer = this.#answer(text(bytes));
    if (answer !== undefined) this.say(answer);
  }

  receiveEnd(): void {
    this.heard.push("the end");
  }
}

const talkers = (): Both<Talker> => ({
  client: new Talker(),
  server: new Talker((said) => `${said}?`),
});

/** Keeps everything until it is told to go on, a thing at a time, each a second later. */
class Slow implements Medium {
  #outlet: Outlet | undefined;
  #seconds = 0;
  readonly #kept: (() => void)[] = [];

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  take(from: Role, bytes: Uint8Array): void {
    this.#kept.push(() => this.#outlet?.deliver(otherRole(from), bytes));
  }

  end(from: Role): void {
    this.#kept.push(() => this.#outlet?.end(otherRole(from)));
  }

  advance(): boolean {
    const next = this.#kept.shift();
    this.#seconds++;
    next?.();
    return next !== undefined;
  }

  now = (): number => this.#seconds * 1000;
}

describe("the pump", () => {
  it("carries all that is waiting in one piece, until nobody has anything left", () => {
    const ends = talkers();
    ends.client.say("one", "two");
    pump(ends);
    expect(ends.server.heard).toEqual(["onetwo"]);
    expect(ends.client.heard).toEqual(["onetwo?"]);
  });

  it("lets an end say something once nothing moves, and ends when nobody does", () => {
    const ends = talkers();
    const words = ["one", "two"];
    pump(ends, {
      idle() {
        const word = words.shift();
        if (word !== undefined) ends.client.say(word);
        return word !== undefined;
      },
    });
    expect(ends.client.heard).toEqual(["one?", "two?"]);
  });

  it("tells the end of a stream once, after the last bytes", () => {
    const ends = talkers();
    ends.client.say("goodbye");
    ends.client.ended = true;
    pump(ends);
    expect(ends.server.heard).toEqual(["goodbye", "the end"]);
    expect(ends.client.heard).toEqual(["goodbye?"]);
  });

  it("lets the medium go on before an end speaks, by the medium's clock", () => {
    const ends = talkers();
    const events: TapEvent[] = [];
    ends.client.say("hello");
    let asked = 0;
    pump(ends, { medium: new Slow(), tap: (event) => events.push(event), idle: () => asked++ < 1 });
    expect(asked).toBe(2);
    expect(
      events.map((event) => [
        event.at,
        event.end,
        event.direction,
        event.kind === "bytes" ? text(event.bytes) : event.kind,
      ]),
    ).toEqual([
      [0, "client", "sent", "hello"],
      [1000, "server", "received", "hello"],
      [1000, "server", "sent", "hello?"],
      [2000, "client", "received", "hello?"],
    ]);
  });

  it("refuses ends that never fall silent", () => {
    const ends = { client: new Talker((said) => said), server: new Talker((said) => said) };
    ends.client.say("ping");
    expect(() => pump(ends, { rounds: 10 })).toThrow(/never fall silent: more than 10 rounds/);
  });

  it("carries more chunks than a call takes arguments", () => {
    const ends = talkers();
    ends.client.waiting = Array.from({ length: 200_000 }, () => Uint8Array.of(97));
    pump(ends);
    expect(ends.server.heard[0]).toHaveLength(200_000);
  });

  it("leaves a busy end to itself, or waits for it", async () => {
    const make = () =>
      makeEnds({ verifyServer: ({ chain }) => Promise.resolve({ chain, verified: undefined }) });
    const ends = make();
    ends.server.start();
    ends.client.start();
    pump(ends);
    expect(ends.client).toMatchObject({ busy: true, state: "handshaking" });
    await pumpAsync(ends);
    expect([ends.client.state, ends.server.state]).toEqual(["open", "open"]);
  });

  it("waits for an end outside of this process until that is at rest", async () => {
    const ends = talkers();
    const words = ["one", "two"];
    const outside = Object.assign(ends.client, {
      async rest() {
        await Promise.resolve();
        const word = words.shift();
        if (word !== undefined) ends.client.say(word);
        return word !== undefined;
      },
    });
    await pumpAsync({ ...ends, client: outside });
    expect(ends.client.heard).toEqual(["one?", "two?"]);
    words.push("three");
    pump({ ...ends, client: outside });
    expect(ends.client.heard).toEqual(["one?", "two?"]);
  });

  it("takes the first of two outside ends that has something, and stops for neither", async () => {
    const never = new Promise<boolean>(() => {});
    const server = Object.assign(new Talker(), { rest: () => never });
    let rests = 0;
    const client = Object.assign(new Talker(), {
      rest: () => {
        if (rests++ === 0) client.say("quick");
        return rests === 1 ? Promise.resolve(true) : Promise.reject(new Error("over"));
      },
    });
    await expect(pumpAsync({ client, server })).rejects.toThrow("over");
    expect(server.heard).toEqual(["quick"]);
  });
});
