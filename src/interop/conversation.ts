/**
 * One case with two implementations: a server, a tap before it, a client, and what they say to each other.
 *
 * Who waits for what is decided by what an end has heard, and by what has passed the tap, never by time alone; time
 * only ends what hangs. What came of it is not decided here: that is read from the tap.
 */
import type { KeyLogLine, Trace } from "../lab/trace/trace.ts";
import { pause } from "../peers/process.ts";
import { utf8 } from "../wire/index.ts";
import type { Role } from "../schedule/index.ts";
import { type InteropCase, setupOf } from "./case.ts";
import { carrierOf } from "./carriers.ts";
import { request as firstRequest, type RunFolder } from "./files.ts";
import type { Implementation, RunningEnd, RunningServer } from "./implementation.ts";
import { startTap, type Tap, type TappedConnection } from "./tap.ts";

/** What passed the tap of one connection, and what the ends said of it. */
export interface Conversation {
  readonly trace: Trace;
  readonly exported: Readonly<Record<Role, string | undefined>>;
  /** All that each end was to hear came to it. */
  readonly heard: boolean;
  /** What was to be done in between and could not be. */
  readonly unapplied: readonly string[];
  /** Why it was ended before it was over. */
  readonly hung: string | undefined;
}

export interface Talk {
  readonly conversations: readonly Conversation[];
  /** What each end said of itself. */
  readonly output: Readonly<Record<Role, string>>;
}

/** Milliseconds in which a client connects: a virtual machine or a browser takes its time to start. */
const startingTime = 90_000;
/** Milliseconds of silence after which nothing more is awaited. */
const patience = 8000;
/** Milliseconds for the end of a stream, where everything was said. */
const leaving = 3000;

/** A page: `dump` is how a Firefox without a window says what it was shown. */
const shown = '<p>hello</p><script>self.dump?.("hello\\n")</script>\n';
const answer = utf8(
  `HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${shown.length}\r\nConnection: close\r\n\r\n${shown}`,
);
const request = utf8(firstRequest);
const large = (name: string): Uint8Array => utf8(`${name} `.padEnd(100, ".").repeat(100_000));

/** @throws Error if an end cannot be started */
export async function talk(
  test: InteropCase,
  ends: Readonly<Record<Role, Implementation>>,
  folder: RunFolder,
): Promise<Talk> {
  const setups = { client: setupOf(test, "client"), server: setupOf(test, "server") };
  const files = folder.run(Object.values(setups));
  const server = await ends.server.startServer({ setup: setups.server, files });
  let client: RunningEnd | undefined;
  let tap: Tap | undefined;
  const conversations: Conversation[] = [];
  try {
    const opened = await startTap(server.port, (nth) => carrierOf(test, nth));
    tap = opened;
    const count = test.second === undefined ? 1 : 2;
    for (let connection = 0; connection < count; connection++) {
      if (client === undefined || !ends.client.connectsAgain) {
        await client?.stop();
        const { port } = opened;
        const start = { setup: setups.client, files, port, connection };
        client = await ends.client.startClient(start);
      }
      const dialogue = new Dialogue(test, client, server, connection);
      conversations.push(await dialogue.run(() => opened.connections[connection]));
    }
    return {
      conversations,
      output: { client: client?.output() ?? "", server: server.output() },
    };
  } finally {
    await client?.stop();
    await server.stop();
    tap?.close();
  }
}

class Dialogue {
  readonly #test: InteropCase;
  readonly #client: RunningEnd;
  readonly #server: RunningServer;
  readonly #isEarly: boolean;
  #connection: TappedConnection | undefined;
  #hung: string | undefined;
  #heard = true;
  #exported: Conversation["exported"] = { client: undefined, server: undefined };

  constructor(test: InteropCase, client: RunningEnd, server: RunningServer, nth: number) {
    this.#test = test;
    this.#client = client;
    this.#server = server;
    this.#isEarly = nth > 0 && setupOf(test, "client").earlyData === true;
  }

  async run(connection: () => TappedConnection | undefined): Promise<Conversation> {
    await this.#until(() => (this.#connection = connection()) !== undefined, "the client connects");
    if (this.#connection !== undefined) await this.#speak();
    // Secrets are written down before what they protect is sent, but not always flushed
    const lines = (role: Role, end: RunningEnd): KeyLogLine[] =>
      end.keyLog().map((line) => ({ end: role, line }));
    const client = this.#client;
    const server = this.#server;
    const carrier = this.#connection?.carrier;
    return {
      trace: {
        events: this.#connection?.events ?? [],
        keyLog: [...lines("client", client), ...lines("server", server)],
      },
      exported: this.#exported,
      heard: this.#heard,
      unapplied: carrier?.unapplied ?? [],
      hung: this.#hung ?? this.#connection?.failure,
    };
  }

  async #speak(): Promise<void> {
    const { says, ends } = this.#test;
    const [first, reply] =
      says === "10 MB" ? [large("request"), large("answer")] : [request, answer];
    // A client that is told what to say early by its arguments has said this already, if it was taken
    const isSaid = this.#isEarly && this.#client.saysEarly === "by itself";
    if (!isSaid || this.#test.second?.earlyData === "refused") this.#client.say(first);
    if (ends === "client half-closes") this.#client.halfClose();
    // Who makes a request of its own has more in it
    const heard = this.#client.speaks === "itself" ? utf8("GET /") : first;
    await this.#hears(this.#server, heard);
    this.#server.say(reply);
    await this.#hears(this.#client, this.#replyOf(first, reply));
    if (setupOf(this.#test, "client").keyUpdate) await this.#updateKeys();
    if (setupOf(this.#test, "client").exporter !== undefined) {
      await this.#until(
        () => this.#client.exported() !== undefined && this.#server.exported() !== undefined,
        "both ends say what they export",
      );
      this.#exported = { client: this.#client.exported(), server: this.#server.exported() };
    }
    if (ends === "client half-closes") this.#server.close();
    // A client may connect again at once
    this.#client.begin();
    this.#server.begin();
    this.#client.close();
    await this.#over();
  }

  /** What a client hears behind its request. */
  #replyOf(first: Uint8Array, reply: Uint8Array): Uint8Array {
    if (this.#server.speaks === "echo") return first;
    if (this.#server.speaks === "itself") return utf8("HTTP/1.");
    return this.#client.speaks === "itself" ? utf8("hello") : reply;
  }

  async #updateKeys(): Promise<void> {
    const sides = [
      ["client", this.#client, this.#server],
      ["server", this.#server, this.#client],
    ] as const;
    for (const [role, from, to] of sides) {
      const sent = this.#connection!.sentBy(role);
      from.updateKeys();
      await this.#until(
        () => this.#connection!.sentBy(role) > sent,
        `the ${role} updates its keys`,
      );
      const line = utf8(`the ${role} under new keys\n`);
      from.say(line);
      await this.#hears(to, line);
    }
  }

  /** A client says what it heard, whoever speaks for it; a server that speaks for itself does not. */
  async #hears(end: RunningEnd, bytes: Uint8Array): Promise<void> {
    if (end === this.#server && end.speaks !== "input") return;
    const name = end === this.#client ? "client" : "server";
    // A browser says what it was shown once it ends
    const heard = await this.#until(
      () => end.hasHeard(bytes),
      `the ${name} says what it heard`,
      () => (end.speaks === "itself" ? end.isOver : this.#connection?.isOver === true),
    );
    if (!heard) this.#heard = false;
  }

  async #over(): Promise<void> {
    const connection = this.#connection!;
    for (let waited = 0; waited < leaving && !connection.isOver; waited += 10) await pause(10);
    connection.close();
  }

  /** False: it will not be, since the connection is over or has hung. */
  async #until(
    isSo: () => boolean,
    what: string,
    isTooLate = (): boolean => this.#connection?.isOver === true,
  ): Promise<boolean> {
    const begin = performance.now();
    for (;;) {
      if (isSo()) return true;
      if (this.#hung !== undefined || isTooLate()) return isSo();
      const isGone = this.#connection === undefined && this.#client.isOver;
      const since = Math.max(begin, this.#connection?.lastEvent ?? 0);
      const limit = this.#connection === undefined ? startingTime : patience;
      if (isGone || performance.now() - since > limit) {
        this.#hung = isGone ? "the client did not connect" : `waited in vain until ${what}`;
        return false;
      }
      await pause(5);
    }
  }
}
