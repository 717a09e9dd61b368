/** Who waits for a session of a token, and who does not any more. No module is needed for that. */
import type { PKCS11 } from "pkcs11js";
import { describe, expect, it } from "vitest";
import { Sessions } from "../../src/hsm/sessions.ts";

/** A pool over a token that only opens and closes. */
function makePool(limit: number) {
  let opened = 0;
  const calls = {
    C_OpenSession: () => Buffer.of(++opened),
    C_CloseSession() {},
  } as unknown as PKCS11;
  const pool = new Sessions({ calls, slot: Buffer.alloc(8), pin: undefined }, limit);
  const done: string[] = [];
  const releases: (() => void)[] = [];
  /** Something that takes a session until it is released. */
  const work = (name: string, signal?: AbortSignal): Promise<void> =>
    pool.use(
      name,
      async () => {
        await new Promise<void>((resolve) => releases.push(resolve));
        done.push(name);
      },
      signal,
    );
  const release = async (): Promise<void> => {
    releases.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { pool, work, release, done, opened: () => opened };
}

describe("sessions", () => {
  it("are few, and who comes later waits in order", async () => {
    const { pool, work, release, done, opened } = makePool(2);
    const all = ["a", "b", "c", "d"].map((name) => work(name));
    await Promise.resolve();
    expect([pool.waiting, opened()]).toEqual([2, 2]);
    for (let i = 0; i < 4; i++) await release();
    await Promise.all(all);
    expect([done, pool.waiting, opened()]).toEqual([["a", "b", "c", "d"], 0, 2]);
  });

  it("are not waited for by who was canceled, and nobody is delayed by them", async () => {
    const { pool, work, release, done } = makePool(1);
    const controller = new AbortController();
    const first = work("first");
    const gone = Array.from({ length: 1000 }, () => work("gone", controller.signal));
    const honest = work("honest");
    await Promise.resolve();
    expect(pool.waiting).toBe(1001);
    controller.abort(new Error("nobody waits"));
    const settled = await Promise.allSettled(gone);
    expect(settled.every(({ status }) => status === "rejected")).toBe(true);
    expect(settled[0]).toMatchObject({ reason: { message: "nobody waits" } });
    expect(pool.waiting).toBe(1);
    await release();
    await release();
    await Promise.all([first, honest]);
    expect(done).toEqual(["first", "honest"]);
    await expect(work("too late", controller.signal)).rejects.toThrow("nobody waits");
  });

  it("finish what has begun, whoever is canceled meanwhile", async () => {
    const { work, release, done } = makePool(1);
    const controller = new AbortController();
    const first = work("first", controller.signal);
    await Promise.resolve();
    controller.abort();
    await release();
    await first;
    expect(done).toEqual(["first"]);
  });
});
