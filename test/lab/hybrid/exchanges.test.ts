import { describe, expect, it } from "vitest";
import { groups } from "../../../src/groups/index.ts";
import {
  checkExchange,
  type ExchangeVector,
  parseExchanges,
} from "../../../src/lab/hybrid/exchanges.ts";
import { readCorpus } from "../../../src/lab/vectors/read.ts";
import { runCorpus } from "../../../src/lab/vectors/corpus.ts";
import { noble } from "../../../src/index.ts";
import { providers } from "../../crypto/providers.ts";
import { loadText } from "../../vectors/load.ts";

const text = loadText("hybrid/exchanges.json");
const { exchanges } = JSON.parse(text) as { exchanges: readonly ExchangeVector[] };
const named = (name: string): ExchangeVector => exchanges.find((each) => each.name === name)!;
const hybrid = named("X25519MLKEM768");
const nist = named("SecP256r1MLKEM768");

/** The byte at that place with its lowest bit changed. */
const flipped = (hex = "", at = 0): string => {
  const byte = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16) ^ 1;
  return hex.slice(0, 2 * at) + byte.toString(16).padStart(2, "0") + hex.slice(2 * at + 2);
};

describe.each(providers)("key exchanges, by $name", ({ name, provider }) => {
  const outcomeOf = (exchange: ExchangeVector) => checkExchange(exchange, "exchanges[0]", provider);
  const problemOf = (exchange: ExchangeVector): string => {
    const outcome = outcomeOf(exchange);
    return outcome.kind === "failed" ? outcome.problem : outcome.kind;
  };

  it("are right where they are ours, of every group", () => {
    expect(new Set(exchanges.map(({ group }) => group)).size).toBe(groups.length);
    const row = runCorpus("exchanges.json", readCorpus("exchanges.json", text), { provider });
    expect(row).toMatchObject({ passed: exchanges.length, failures: [] });
  });

  it.each<[string, Partial<ExchangeVector>, string]>([
    [
      "the client's share",
      { clientShare: flipped(hybrid.clientShare, 1200) },
      "clientShare: bytes 1184 to 1215, of x25519, are not what follows",
    ],
    [
      "the first part of the secret",
      { sharedSecret: flipped(hybrid.sharedSecret, 3) },
      "sharedSecret: bytes 0 to 31, of ML-KEM-768, are not what follows",
    ],
    [
      "the second part of the secret",
      { sharedSecret: flipped(hybrid.sharedSecret, 40) },
      "sharedSecret: bytes 32 to 63, of x25519, are not what follows",
    ],
    [
      "the order of the secret",
      { sharedSecret: hybrid.sharedSecret!.slice(64) + hybrid.sharedSecret!.slice(0, 64) },
      "sharedSecret: the parts are right, and stand in the other order: ML-KEM-768, then x25519",
    ],
    [
      "the order of the share",
      { clientShare: hybrid.clientShare!.slice(2368) + hybrid.clientShare!.slice(0, 2368) },
      "clientShare: the parts are right, and stand in the other order: ML-KEM-768, then x25519",
    ],
    [
      "a length",
      { serverShare: hybrid.serverShare!.slice(2) },
      "serverShare: 1119 bytes, not ML-KEM-768 1088 + x25519 32 = 1120",
    ],
    [
      "a key too few",
      { privateKeys: hybrid.privateKeys!.slice(1) },
      "privateKeys: 1 of them; X25519MLKEM768 has ML-KEM-768, x25519",
    ],
  ])("are found to be wrong in %s", (_, change, problem) => {
    expect(problemOf({ ...hybrid, ...change })).toBe(`exchanges[0].${problem}`);
  });

  it("are checked as far as they are there", () => {
    const { group, clientShare, serverShare, sharedSecret, privateKeys } = hybrid;
    expect(outcomeOf({ group }).kind).toBe("skipped");
    expect(outcomeOf({ group, clientShare: clientShare! }).kind).toBe("passed");
    const client = { group, privateKeys: privateKeys!, serverShare: serverShare! };
    expect(outcomeOf({ ...client, sharedSecret: sharedSecret! }).kind).toBe("passed");
    expect(problemOf({ ...client, sharedSecret: flipped(sharedSecret) })).toMatch(/\.sharedSecret/);
  });

  it("are found to be wrong in a share that nobody may take", () => {
    const { group } = nist;
    const off = problemOf({ group, clientShare: flipped(nist.clientShare, 64) });
    expect(off).toMatch(/^exchanges\[0\]\.clientShare: secp256r1: /);
    const unreduced = `${hybrid.clientShare!.slice(0, 2300)}${"ff".repeat(2)}${hybrid.clientShare!.slice(2304)}`;
    const key = problemOf({ group: hybrid.group, clientShare: unreduced });
    expect(key).toMatch(/^exchanges\[0\]\.clientShare: ML-KEM-768: /);
  });

  it.runIf(provider.kems["ML-KEM-768"].encapsulateWith !== undefined)(
    `are found to be wrong in the server's answer, where ${name} takes its randomness`,
    () => {
      const serverShare = flipped(hybrid.serverShare, 1100);
      expect(problemOf({ ...hybrid, serverShare })).toBe(
        "exchanges[0].serverShare: bytes 1088 to 1119, of x25519, are not what follows",
      );
    },
  );
});

describe("a file of key exchanges", () => {
  const file = (exchange: object) =>
    JSON.stringify({ format: "kemistry exchanges", version: 1, exchanges: [exchange] });

  it.each([
    ["an unknown member", { group: "x25519", clientshare: "00" }, /exchanges\[0\].*clientshare/],
    ["an unknown group", { group: "X25519MLKEM769" }, /exchanges\[0\]\.group/],
    [
      "what is no hexadecimal",
      { group: "x25519", clientShare: "0" },
      /exchanges\[0\]\.clientShare/,
    ],
  ])("with %s is refused", (_, exchange, message) => {
    expect(() => parseExchanges(file(exchange))).toThrow(message);
  });

  it("names each case, by its name or by its group and place", () => {
    const ids = parseExchanges(file({ group: "x25519" })).cases.map(({ id }) => id);
    expect(ids).toEqual(["x25519 0"]);
    expect(parseExchanges(text).cases[0]?.id).toBe("X25519MLKEM768");
    expect(parseExchanges(text).cases[0]?.run({ provider: noble }).kind).toBe("passed");
  });
});
