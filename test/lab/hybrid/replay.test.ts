import { describe, expect, it } from "vitest";
import { noble } from "../../../src/crypto/index.ts";
import {
  type Adapter,
  type AdapterEnd,
  Refused,
  Unsupported,
} from "../../../src/lab/hybrid/adapter.ts";
import { engineAdapter } from "../../../src/lab/hybrid/engine-adapter.ts";
import type { HandshakeFile, ShareFile } from "../../../src/lab/hybrid/format.ts";
import { providerAdapter } from "../../../src/lab/hybrid/provider-adapter.ts";
import { replay } from "../../../src/lab/hybrid/replay.ts";
import { loadHandshakes, loadShares } from "../../vectors/hybrid-files.ts";
import { subjects } from "../../vectors/subjects.ts";

const name = "X25519MLKEM768.json.gz";
const whole = loadHandshakes(`hybrid/handshakes/${name}`);
const file: HandshakeFile = { ...whole, handshakes: whole.handshakes.slice(0, 1) };
const engine = engineAdapter(subjects[0]!.subject);
const raw = providerAdapter(noble);

/** What came of each check of the first handshake: a problem, a reason, or `passed`. */
const results = (adapter: Adapter): Record<string, string> =>
  Object.fromEntries(
    replay(file, adapter).map(({ id, outcome }) => [
      id.replace(/^.*: /, ""),
      outcome.kind === "failed"
        ? outcome.problem
        : outcome.kind === "skipped"
          ? outcome.reason
          : "passed",
    ]),
  );

const changed = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, at) => (at === 0 ? ~byte : byte));

it("an adapter of nothing has every check skipped but those of the file itself", () => {
  expect(results({ name: "nothing" })).toEqual({
    file: "passed",
    facts: "passed",
    "client share": "the adapter has no clientShare",
    "server share": "the adapter has no serverShare",
    secrets: "the adapter has no secrets",
    export: "the adapter has no exportKeyingMaterial",
    records: "the adapter has no openRecord",
    client: "the adapter has no connect",
    server: "the adapter has no connect",
  });
});

it("our own passes every check", () => {
  expect(new Set(Object.values(results(engine)))).toEqual(new Set(["passed"]));
});

it("what an adapter cannot do is skipped with its reason, and what it breaks over failed", () => {
  const clientShare = (): never => {
    throw new Unsupported("keys are made in hardware");
  };
  const serverShare = (): never => {
    throw new TypeError("oops");
  };
  const found = results({ name: "half", clientShare, serverShare, secrets: () => ({}) });
  expect(found).toMatchObject({
    "client share": "keys are made in hardware",
    "server share": "TypeError: oops",
    secrets: "the adapter derives none of the secrets",
  });
});

describe("an adapter that computes something else fails", () => {
  it("at the client's share and secret", () => {
    const withShare = (change: "share" | "secret"): Adapter => ({
      name: "wrong",
      clientShare(group, privateKeys) {
        const right = raw.clientShare!(group, privateKeys);
        return {
          share: change === "share" ? changed(right.share) : right.share,
          sharedSecret: (answer) => changed(right.sharedSecret(answer)),
        };
      },
    });
    expect(results(withShare("share"))["client share"]).toBe("another share");
    expect(results(withShare("secret"))["client share"]).toBe("another shared secret");
  });

  it("at the server's share and secret", () => {
    const withShare = (change: "share" | "sharedSecret"): Adapter => ({
      name: "wrong",
      serverShare(...inputs) {
        const right = raw.serverShare!(...inputs);
        return { ...right, [change]: changed(right[change]) };
      },
    });
    expect(results(withShare("share"))["server share"]).toBe("another share");
    expect(results(withShare("sharedSecret"))["server share"]).toBe("another shared secret");
  });

  it("at the secrets, of which it may derive some", () => {
    const secrets: Adapter["secrets"] = (...inputs) => {
      const { main, early } = raw.secrets!(...inputs);
      return { main: changed(main!), early: early! };
    };
    expect(results({ name: "wrong", secrets }).secrets).toBe("another secret: secrets.main");
  });

  it("at what it exports", () => {
    const exportKeyingMaterial: Adapter["exportKeyingMaterial"] = (...inputs) =>
      changed(raw.exportKeyingMaterial!(...inputs));
    expect(results({ name: "wrong", exportKeyingMaterial }).export).toBe(
      "exports something else: exported",
    );
  });

  it("at the binder key of what it resumes", () => {
    const resumed = whole.handshakes.find(({ kind }) => kind === "resumed")!;
    const [binder] = replay(
      { ...whole, handshakes: [whole.handshakes[0]!, resumed] },
      { name: "wrong", binderKey: (...inputs) => changed(raw.binderKey!(...inputs)) },
    ).filter(({ id }) => id.endsWith("binder key"));
    expect(binder?.outcome).toEqual({ kind: "failed", problem: "another key: session.binderKey" });
  });

  it("at the records", () => {
    const openRecord: Adapter["openRecord"] = (input) => raw.openRecord!(input);
    const opening = (change: (opened: Uint8Array) => Uint8Array | undefined) =>
      results({
        name: "wrong",
        openRecord: (input) => change(openRecord(input) ?? new Uint8Array()),
      }).records;
    expect(opening(() => undefined)).toMatch(/record 0 under serverHandshakeTraffic does not open/);
    expect(opening((opened) => changed(opened))).toBe("the records hold other messages");
    const dataOnly = (opened: Uint8Array) => (opened.at(-1) === 23 ? changed(opened) : opened);
    expect(opening(dataOnly)).toBe("the records hold other data");
  });

  it("at whole ends", () => {
    const ending = (change: (end: AdapterEnd) => Partial<AdapterEnd>) =>
      results({
        name: "wrong",
        connect(...inputs) {
          const end = engine.connect!(...inputs);
          return { ...end, ...change(end) };
        },
      }).client;
    expect(ending((end) => ({ takeOutput: () => end.takeOutput().map(changed) }))).toBe(
      `flights[0]: sends another byte at 0 of ${file.handshakes[0]!.flights[0]!.bytes.length / 2}`,
    );
    expect(ending(() => ({ takeOutput: () => [] }))).toBe("flights[0]: sends nothing");
    expect(
      ending((end) => ({ takeOutput: () => end.takeOutput().map((b) => b.subarray(9)) })),
    ).toMatch(/^flights\[0\]: sends another byte/);
    expect(ending(() => ({ alert: () => "internal_error" }))).toBe("ends with internal_error");
    expect(ending(() => ({ exportKeyingMaterial: () => new Uint8Array(32) }))).toBe(
      "exports something else: exported",
    );
    const { negotiated } = file.handshakes[0]!;
    expect(ending(() => ({ negotiated: () => ({ ...negotiated, group: "x25519" }) }))).toBe(
      "tells something else: negotiated.group",
    );
    expect(ending(() => ({ keyLog: () => [] }))).toBe("logs other secrets: secrets");
    expect(ending((end) => ({ receive: (bytes) => end.receive(changed(bytes)) }))).toMatch(
      /^flights\[2\]: .* and ends with \w+$/,
    );
  });
});

describe("shares", () => {
  const all = loadShares(`hybrid/shares/${name}`);
  const find = (ending: string): ShareFile => ({
    ...all,
    shares: all.shares.filter((share) => share.name.endsWith(ending)),
  });
  const own = ["file", "handshake", "shares"];
  const outcomes = (shares: ShareFile, adapter: Adapter) =>
    replay(shares, adapter)
      .filter(({ id }) => !own.includes(id))
      .map(({ outcome }) => (outcome.kind === "failed" ? outcome.problem : outcome.kind));
  const gullible: Adapter = {
    ...engine,
    clientShare: () => ({ share: new Uint8Array(), sharedSecret: () => new Uint8Array(64) }),
    serverShare: () => ({ share: new Uint8Array(), sharedSecret: new Uint8Array(64) }),
  };
  const suspicious: Adapter = {
    ...engine,
    clientShare: () => ({
      share: new Uint8Array(),
      sharedSecret() {
        throw new Refused("no");
      },
    }),
    serverShare() {
      throw new Refused("no");
    },
  };

  it("that are wrong must be refused", () => {
    const shares = find(": low-order point 1");
    expect(shares.shares.map(({ from }) => from)).toEqual(["client", "server"]);
    expect(outcomes(shares, engine)).toEqual(["passed", "passed", "passed", "passed"]);
    expect(outcomes(shares, gullible)).toEqual(["taken", "passed", "taken", "passed"]);
    expect(outcomes(shares, suspicious)).toEqual(["passed", "passed", "passed", "passed"]);
  });

  it("that look right must be taken, and lead to the secret that they lead to", () => {
    const shares = find(": another public key");
    const taken = outcomes(shares, engine);
    expect(taken).toEqual(taken.map(() => "passed"));
    expect(outcomes(shares, gullible)).toContain("another shared secret");
    expect(outcomes(shares, suspicious)).toContain("refused, but cannot be told");
  });

  it("need the right alert, from the right end", () => {
    const deaf = (alert: string | undefined): Adapter => ({
      ...engine,
      connect(...inputs) {
        const end = engine.connect!(...inputs);
        return { ...end, takeOutput: () => end.takeOutput().slice(0, -1), alert: () => alert };
      },
    });
    expect(outcomes(find("client: empty"), deaf("internal_error"))).toEqual([
      "passed",
      "answers with internal_error, not illegal_parameter",
    ]);
    const damaged = find("server: ML-KEM-768 part: first bit flipped");
    expect(outcomes(damaged, deaf("illegal_parameter"))[1]).toBe("answers with illegal_parameter");
    expect(outcomes(damaged, deaf(undefined))[1]).toBe(
      "the client ends with no alert, not bad_record_mac",
    );
  });

  it("may be overlooked where only the sender is bound", () => {
    const twice = find("client: the same entry twice");
    const lenient: Adapter = {
      ...engine,
      connect: (...inputs) => ({ ...engine.connect!(...inputs), alert: () => undefined }),
    };
    expect(outcomes(twice, engine)).toEqual(["passed"]);
    expect(outcomes(twice, lenient)).toEqual(["skipped"]);
  });
});
