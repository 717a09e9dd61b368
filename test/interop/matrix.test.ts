/** The runner itself, with this engine as both ends: that it sees what happens, and says so when it is otherwise. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, describe, expect, it, vi } from "vitest";
import {
  type Cell,
  cases,
  describeCell,
  explainCell,
  type Implementation,
  type InteropCase,
  matrixReport,
  ours,
  outcomes,
  pairsOf,
  RunFolder,
  runCell,
} from "../../src/interop/index.ts";
import { markdown } from "../../src/report/markdown.ts";

const folder = new RunFolder();
afterAll(() => folder.remove());

const own = ours("of today");
const pair = { client: own, server: own };
const named = (name: string): InteropCase => {
  const found = cases.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
};

describe("this engine with itself", () => {
  it.each(cases.map((test) => [test.name, test] as const))(
    "%s",
    async (_, test) => {
      const cell = await runCell(test, pair, folder);
      expect([cell.outcome, cell.reason]).toEqual(["passed", ""]);
    },
    60_000,
  );
});

it("waits for a peer as long as it takes", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const server = await own.startServer({ setup: {}, files: folder.run([]) });
    const socket = connect(server.port, "127.0.0.1");
    const answer = once(socket, "data");
    await once(socket, "connect");
    // The server has begun once it has read something
    socket.write(Buffer.from([22]));
    await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(300_000);
    socket.write(Buffer.from([99, 99, 99, 99]));
    const [alert] = (await answer) as [Buffer];
    expect([...alert]).toEqual([21, 3, 3, 0, 2, 2, expect.any(Number)]);
    // No general_error (117), by which a handshake that took too long ends
    expect(alert[6]).not.toBe(117);
    socket.destroy();
    await server.stop();
  } finally {
    vi.useRealTimers();
  }
});

describe("a cell", () => {
  it.each<[string, string, Partial<InteropCase>, RegExp]>([
    ["another group", "group-x25519", { expect: { group: "secp256r1" } }, /group: x25519 instead/],
    ["no retry", "group-x25519", { expect: { retried: true } }, /retried: false instead of true/],
    [
      "a full handshake in place of a resumed one",
      "resume",
      { server: { resumption: undefined as never } },
      /connection 2: resumed: false instead of true/,
    ],
    [
      "an alert",
      "no-common-group",
      { expect: { opened: true } },
      /alert handshake_failure by the s/,
    ],
    [
      "the alert of the other end",
      "no-common-group",
      { expect: { refusedBy: { end: "client", alerts: ["handshake_failure"] } } },
      /handshake_failure by the server instead of handshake_failure by the client/,
    ],
    [
      "no alert at all",
      "group-x25519",
      { expect: { refusedBy: { end: "server", alerts: ["handshake_failure"] } } },
      /no alert instead of handshake_failure/,
    ],
    [
      "limits that nobody said",
      "group-x25519",
      { expect: { limits: ["client"] } },
      /limits: none i/,
    ],
    [
      "an attack that found nothing to attack",
      "group-x25519",
      { steps: [{ from: "client", on: "certificate", drop: true }] },
      /nothing to apply this to: certificate of the client/,
    ],
  ])("fails for %s", async (_, name, change, reason) => {
    const cell = await runCell({ ...named(name), ...change }, pair, folder);
    expect(cell.outcome).toBe("failed");
    expect(cell.reason).toMatch(reason);
  });

  const plain = named("group-x25519");
  const but = (change: Partial<Implementation>): Implementation => ({ ...own, ...change });

  it("is not supported where an end cannot be asked", async () => {
    const client = but({ lacking: () => "it cannot" });
    const cell = await runCell(plain, { client, server: own }, folder);
    expect(cell).toMatchObject({ outcome: "not supported", reason: "it cannot" });
    expect(cell.evidence).toBeUndefined();
  });

  it("fails where an end cannot be started", async () => {
    const server = but({ startServer: () => Promise.reject(new Error("it does not listen")) });
    const cell = await runCell(plain, { client: own, server }, folder);
    expect(cell).toMatchObject({ outcome: "failed", reason: "it does not listen" });
  });

  it("is a known fault where a peer fails as it is known to, and told where it does not any more", async () => {
    const client = but({ fault: () => "it sends too much" });
    const wrong = { ...plain, expect: { group: "secp256r1" } };
    const fault = await runCell(wrong, { client, server: own }, folder);
    expect(fault).toMatchObject({ outcome: "known fault", reason: /^it sends too much \(group/ });
    const mended = await runCell(plain, { client, server: own }, folder);
    expect(mended.outcome).toBe("mended");
  });

  it("shows what passed, in the clear", async () => {
    const text = describeCell(await runCell(plain, pair, folder));
    expect(text).toMatch(/client {2}client_hello, \d+ bytes \(plaintext\)/);
    expect(text).toMatch(/server {2}finished, 36 bytes \(handshake\)/);
    expect(text).toMatch(/group: x25519\n/);
    expect(text).toMatch(/SERVER_HANDSHAKE_TRAFFIC_SECRET /);
  });
});

describe("an explained cell", () => {
  it("shows the last connection with what an attacker changed, and the alert", async () => {
    const test = named("x25519mlkem768-server-truncate");
    const page = explainCell(await runCell(test, pair, folder)) ?? "";
    expect(page).toContain("<h1>X25519MLKEM768</h1>");
    expect(page).toMatch(/<b>client<\/b> refuses, alert <code>illegal_parameter<\/code>/);
    expect(page).toMatch(/<b>server<\/b> not open/);
    expect(page).toContain("changed");
  });

  it("leaves out of much data all but its begin, and says so", async () => {
    const page = explainCell(await runCell(named("bulk"), pair, folder)) ?? "";
    expect(page).toMatch(/of 20\d{6} bytes the first \d{4,6} are shown/);
    expect(page.length).toBeLessThan(2_000_000);
  }, 60_000);

  it("is not there where nothing was run", async () => {
    const client = { ...own, lacking: () => "it cannot" };
    expect(explainCell(await runCell(named("alpn"), { client, server: own }, folder))).toBe(
      undefined,
    );
  });
});

describe("what is sealed", () => {
  it("is not seen, and neither a success nor a failure", async () => {
    const silent = (end: Implementation): Implementation => ({
      ...end,
      startClient: async (start) => muted(await end.startClient(start)),
      startServer: async (start) => muted(await end.startServer(start)),
    });
    const muted = <T extends object>(end: T): T =>
      new Proxy(end, {
        get: (target, name) => {
          if (name === "keyLog") return () => [];
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        },
      });
    const test = named("alpn");
    const cell = await runCell(test, { client: silent(own), server: silent(own) }, folder);
    expect(cell).toMatchObject({ outcome: "passed", reason: "not seen: opened, alpn" });
    const wrong = { ...test, expect: { ...test.expect, group: "secp521r1" } };
    const seen = await runCell(wrong, { client: silent(own), server: silent(own) }, folder);
    expect(seen.outcome).toBe("failed");
  });
});

describe("the matrix", () => {
  const other = { ...own, name: "other" };

  it("has every pair once, in both roles", () => {
    const names = pairsOf([own, other], [own]).map(({ client, server }) => [
      client.name,
      server.name,
    ]);
    expect(names).toEqual([
      ["kemistry", "kemistry"],
      ["other", "kemistry"],
      ["kemistry", "other"],
    ]);
  });

  it("is written as Markdown, with every outcome and its reason", () => {
    const cell = (outcome: Cell["outcome"], client: string): Cell => ({
      test: "group-x25519",
      client,
      server: "kemistry",
      outcome,
      reason: `as ${outcome}`,
      milliseconds: 1,
    });
    const text = markdown(
      matrixReport({
        participants: [{ name: "a", title: "A", version: "1", roles: ["client"] }],
        absent: [{ title: "B", reason: "it is not here" }],
        tests: [named("group-x25519")],
        cells: outcomes.map((outcome, at) => cell(outcome, `peer${at}`)),
      }),
    );
    expect(text).toContain("| group-x25519 | ✓ | failed | fault | mended | – |");
    expect(text).toContain("group-x25519, peer1 to kemistry: as failed");
    expect(text).toContain("group-x25519, peer2 to kemistry: as known fault.");
    expect(text).toContain("as not supported: group-x25519.");
    expect(text).toContain("B: it is not here");
    expect(text).toContain("1 passed, 1 failed");
  });
});
