import { afterEach, describe, expect, it, vi } from "vitest";
import { pump } from "../../../src/connection/pump.ts";
import type { CommonOptions } from "../../../src/connection/index.ts";
import { defineGroup } from "../../../src/groups/index.ts";
import { KeyLogSecrets, OnPath, type OnPathOptions, type Role } from "../../../src/lab.ts";
import type { Step } from "../../../src/lab/adversary/step.ts";
import { concat, utf8 } from "../../../src/wire/index.ts";
import { makeEnds } from "../../support/ends.ts";
import { clientCredential } from "../../support/identities.ts";
import { ownSuite } from "../../support/own-parts.ts";

afterEach(() => vi.restoreAllMocks());

/** Two ends, and somebody between who opens and seals everything, and by default changes nothing. */
function between(
  secrets = new KeyLogSecrets(),
  options: Omit<OnPathOptions, "secrets"> = { steps: [] },
  common: CommonOptions = {},
) {
  const keyLog = (end: Role) => (line: string) => secrets.add(end, line);
  const ends = makeEnds(
    {
      ...common,
      keyLog: keyLog("client"),
      credentials: [clientCredential],
      postHandshakeAuthentication: true,
    },
    { ...common, keyLog: keyLog("server"), clientAuthentication: "none" },
  );
  const path = new OnPath({ ...options, secrets });
  const run = () => pump(ends, { medium: path });
  ends.server.start();
  ends.client.start();
  run();
  return { ends, path, run };
}

const dataOf = (end: ReturnType<typeof makeEnds>["client"]): string[] =>
  end
    .takeEvents()
    .flatMap((event) => (event.type === "data" ? [new TextDecoder().decode(event.data)] : []));

describe("an adversary that does nothing", () => {
  it("leaves a connection alone whose client authenticates afterwards, twice, among key updates", () => {
    const { ends, path, run } = between();
    for (const word of ["one", "two"]) {
      ends.server.requestCertificate();
      run();
      ends.client.updateKeys();
      ends.client.write(utf8(word));
      ends.server.write(utf8(word));
      run();
      expect(ends.server.negotiated?.peer?.chain).toHaveLength(1);
      expect(dataOf(ends.server)).toEqual([word]);
      expect(dataOf(ends.client)).toEqual([word]);
    }
    expect(ends.client.error).toBeUndefined();
    expect(ends.server.error).toBeUndefined();
    const names = path.units.filter(({ from }) => from === "client").map(({ name }) => name);
    expect(names.filter((name) => name === "finished")).toHaveLength(3);
    expect(names).not.toContain("sealed");
  });

  it("reads, seals and forges under a cipher suite that is nobody's, once it is given", () => {
    const steps: Step[] = [{ from: "server", on: "finished", forge: "finished" }];
    const suites = [ownSuite];
    const { ends, path } = between(new KeyLogSecrets(), { steps, suites }, { suites });
    expect(ends.client.negotiated?.cipherSuite).toBe(ownSuite.name);
    expect(path.unapplied).toEqual([]);
    expect(path.units.map(({ name }) => name)).not.toContain("sealed");
    const without = between(new KeyLogSecrets(), { steps }, { suites });
    expect(without.path.unapplied).toHaveLength(1);
    expect(without.path.units.map(({ name }) => name)).toContain("sealed");
  });

  it("knows the parts of a share of a group that is nobody's, once it is given", () => {
    const groups = [defineGroup({ name: "mine", code: 0xfe31, kems: ["x448", "ML-KEM-768"] })];
    const flip = "extensions.key_share[0].keyExchange.ML-KEM-768";
    const steps: Step[] = [{ from: "client", on: "client_hello", edit: [{ flip }] }];
    const { ends } = between(new KeyLogSecrets(), { steps, groups }, { groups });
    expect(ends.server.error ?? ends.client.error).toBeDefined();
    expect(() => between(new KeyLogSecrets(), { steps }, { groups })).toThrow(
      "ML-KEM-768 is not a component (none)",
    );
  });

  it("reads one of two connections whose secrets are in one log", () => {
    const secrets = new KeyLogSecrets();
    const first = between(secrets);
    const second = between(secrets);
    for (const { ends, path, run } of [first, second]) {
      ends.client.write(utf8("hello"));
      run();
      expect(dataOf(ends.server)).toEqual(["hello"]);
      expect(path.units.map(({ name }) => name)).not.toContain("sealed");
    }
  });

  it("copies each byte of a chunk as often, however many records are in it", () => {
    const copiedFor = (records: number): number => {
      let copied = 0;
      const record = Uint8Array.of(23, 3, 3, 0, 4, 1, 2, 3, 4);
      const chunk = concat(...Array.from({ length: records }, () => record));
      const path = new OnPath({ steps: [] });
      const { set, slice } = Uint8Array.prototype;
      vi.spyOn(Uint8Array.prototype, "set").mockImplementation(function (
        this: Uint8Array,
        from: ArrayLike<number>,
        at?: number,
      ) {
        copied += from.length;
        set.call(this, from, at);
      });
      vi.spyOn(Uint8Array.prototype, "slice").mockImplementation(function (
        this: Uint8Array,
        ...range: [start?: number, end?: number]
      ) {
        const part = slice.apply(this, range);
        copied += part.length;
        return part;
      });
      path.take("client", chunk);
      vi.restoreAllMocks();
      expect(path.units).toHaveLength(records);
      return copied;
    };
    expect(copiedFor(2000) / copiedFor(1000)).toBeCloseTo(2, 1);
  });

  it("cuts records and messages out of single bytes", () => {
    const whole = between();
    const hello = whole.path.units[0]!.raw;
    const header = Uint8Array.of(22, 3, 1, hello.length >> 8, hello.length & 0xff);
    const path = new OnPath({ steps: [] });
    for (const byte of concat(header, hello)) path.take("client", Uint8Array.of(byte));
    expect(path.units).toMatchObject([{ name: "client_hello", raw: hello }]);
  });
});
