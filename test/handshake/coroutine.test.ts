import { describe, expect as check, it } from "vitest";
import { settleOrCancel } from "../../src/handshake/coroutine.ts";
import { expect, settle } from "../../src/handshake/index.ts";
import { encodeMessage } from "../../src/messages/index.ts";
import { defaultLimits } from "../../src/record/index.ts";
import { decodeErrorOf, tlsErrorOf } from "../support/errors.ts";
import { withBody } from "../support/raw.ts";

const incoming = (raw: Uint8Array) => ({ kind: "message", raw, limits: defaultLimits }) as const;
const keyUpdate = encodeMessage("key_update", { requestUpdate: 1 });

describe("expect", () => {
  it("yields the types that it would take, and returns the message", () => {
    const wait = expect("key_update", "finished");
    check(wait.next()).toEqual({ done: false, value: ["key_update", "finished"] });
    check(wait.next(incoming(keyUpdate))).toEqual({
      done: true,
      value: { type: "key_update", body: { requestUpdate: 1 }, raw: keyUpdate },
    });
  });

  it("refuses another type before it reads it", () => {
    const wait = expect("certificate", "certificate_request");
    wait.next();
    // Its body would be malformed, too
    const error = tlsErrorOf(() => wait.next(incoming(withBody(20, new Uint8Array(0)))));
    check(error).toMatchObject({ code: "unexpected_message", alert: "unexpected_message" });
    check(error.detail).toMatchObject({
      expected: "certificate or certificate_request",
      received: "finished",
      where: "finished",
      section: "RFC 9846 §4",
    });
  });

  it("names a message that nobody knows by its number", () => {
    const wait = expect("finished");
    wait.next();
    check(
      tlsErrorOf(() => wait.next(incoming(withBody(99, new Uint8Array(0))))).detail.received,
    ).toBe("0x63");
  });

  it("lets malformed input be its own error", () => {
    const wait = expect("key_update");
    wait.next();
    check(decodeErrorOf(() => wait.next(incoming(withBody(24, new Uint8Array(2))))).path).toBe(
      "key_update",
    );
  });

  it("wants a message", () => {
    const wait = expect("finished");
    wait.next();
    check(tlsErrorOf(() => wait.next(undefined)).code).toBe("misuse");
  });
});

describe("settle", () => {
  it("suspends nothing for a value", () => {
    for (const value of [7, "text", null, undefined, {}, new Uint8Array(1)]) {
      check(settle<unknown>(value).next()).toEqual({ done: true, value });
    }
  });

  it("awaits a promise, and gives its value", async () => {
    const wait = settle(Promise.resolve("answer"));
    const step = wait.next();
    check(step.done).toBe(false);
    await step.value;
    check(wait.next()).toEqual({ done: true, value: "answer" });
  });

  it("throws what the promise was rejected with, and the promise that it yields never rejects", async () => {
    const reason = new Error("no");
    const wait = settle(Promise.reject(reason));
    await wait.next().value;
    check(() => wait.next()).toThrow(reason);
  });

  it("awaits another library's promise", async () => {
    class Foreign implements PromiseLike<string> {
      // oxlint-disable-next-line unicorn/no-thenable
      then = Promise.prototype.then.bind(Promise.resolve("answer")) as PromiseLike<string>["then"];
    }
    const wait = settle(new Foreign());
    const step = wait.next();
    check(step.done).toBe(false);
    await step.value;
    check(wait.next()).toEqual({ done: true, value: "answer" });
  });

  it("is not resumed before the operation ended", () => {
    const wait = settle(new Promise(() => undefined));
    wait.next();
    check(tlsErrorOf(() => wait.next()).code).toBe("misuse");
  });
});

describe("settleOrCancel", () => {
  it("aborts its signal where the coroutine ends before the operation", () => {
    let signal: AbortSignal | undefined;
    const wait = settleOrCancel((controller) => {
      ({ signal } = controller);
      return new Promise<number>(() => {});
    });
    check(wait.next().value).toBeInstanceOf(Promise);
    check(signal?.aborted).toBe(false);
    wait.return(0);
    check(signal?.aborted).toBe(true);
    check(signal?.reason).toMatchObject({ code: "canceled" });
  });

  it("leaves it alone where the operation was in time", async () => {
    let signal: AbortSignal | undefined;
    const wait = settleOrCancel(({ signal: given }) => {
      signal = given;
      return Promise.resolve(7);
    });
    await wait.next().value;
    check(wait.next()).toEqual({ done: true, value: 7 });
    check(signal?.aborted).toBe(false);
    const sync = settleOrCancel(() => 8);
    check(sync.next()).toEqual({ done: true, value: 8 });
  });
});
