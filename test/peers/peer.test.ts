import { describe, expect, it } from "vitest";
import { argumentsOf, lacking } from "../../src/peers/command.ts";
import { fillIn, findPeer } from "../../src/peers/find.ts";
import { knownPeers } from "../../src/peers/known/index.ts";
import { type Peer, readPeer } from "../../src/peers/peer.ts";

const peer: Peer = {
  name: "mine",
  title: "Mine",
  get: "build it",
  program: ["nowhere/mine", "node"],
  version: { arguments: ["--version"], pattern: "^v(\\S+)" },
  groups: { x25519: "X", secp256r1: "P-256" },
  separator: ":",
  sharesFirst: true,
  credentials: ["ecdsa"],
  client: {
    arguments: ["connect", "{port}"],
    options: { groups: ["-g", "{groups}"], earlyData: ["-e", "{early}"], alpn: ["-a", "{alpn}"] },
    resumes: { first: ["-save", "{session}"], second: ["-load", "{session}"] },
    speaks: "input",
  },
  lacks: { rawKeys: "Mine was written before RFC 7250" },
};
const files = { port: "1", session: "s", early: "e" };

describe("a setup", () => {
  const client = (setup: object, connection = 0) =>
    argumentsOf(peer, "client", setup, { files, connection });

  it("becomes arguments, with the peer's own names", () => {
    expect(client({})).toEqual(["connect", "1"]);
    // Protocols have commas between them, whatever stands between groups
    const setup = { groups: ["x25519", "secp256r1"], alpn: ["a", "b"] };
    expect(client(setup)).toEqual(["connect", "1", "-g", "X:P-256", "-a", "a,b"]);
  });

  it("keeps a session first, then offers it, and only then says something early", () => {
    const setup = { resumption: true, earlyData: true };
    expect(client(setup, 0)).toEqual(["connect", "1", "-save", "s"]);
    expect(client(setup, 1)).toEqual(["connect", "1", "-load", "s", "-e", "e"]);
  });

  it("marks the groups whose shares are sent", () => {
    const marking = { ...peer, shareMark: "*" };
    const setup = { groups: ["x25519", "secp256r1"], shares: ["secp256r1"] };
    const args = argumentsOf(marking, "client", setup, { files, connection: 0 });
    expect(args).toContain("X:*P-256");
  });

  it.each([
    ["the role", "server", {}, "Mine is no server here"],
    ["a group", "client", { groups: ["x448"] }, "Mine does not have x448"],
    ["a certificate", "client", { credential: "rsa" }, "Mine does not take a certificate of rsa"],
    ["what has a reason", "client", { rawKeys: true }, "Mine was written before RFC 7250"],
    ["what has none", "client", { keyUpdate: true }, /^Mine as a client has no command for Key/],
    [
      "shares of others",
      "client",
      { groups: ["x25519"], shares: ["secp256r1"] },
      /no choice of key/,
    ],
  ] as const)("is refused for want of %s", (_, role, setup, reason) => {
    expect(lacking(peer, role, setup)).toMatch(reason);
  });

  it("is not refused for what the peer has", () => {
    const setup = {
      groups: ["x25519", "secp256r1"],
      shares: ["x25519"],
      resumption: true,
    } as const;
    expect(lacking(peer, "client", setup)).toBeUndefined();
  });
});

describe("a peer", () => {
  it("is the first program that is there, with its version", () => {
    const found = findPeer(peer, "/nowhere");
    expect(found).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/) });
  });

  it("is absent without a program, and as another version", () => {
    const gone = findPeer({ ...peer, program: ["nowhere/mine"] }, "/nowhere");
    expect(gone).toMatchObject({ absent: "not here: build it" });
    const old = findPeer({ ...peer, version: { arguments: ["--version"], pattern: "^v1\\." } }, "");
    expect(old).toMatchObject({ absent: expect.stringMatching(/another version.*v\d.*build it/) });
  });

  it("is absent as long as the script is that its program would run", () => {
    const scripted = (script: string): Peer => ({
      ...peer,
      client: { ...peer.client!, arguments: [`{peers}/${script}`, "{port}"] },
    });
    expect(findPeer(scripted("peer.test.ts"), import.meta.dirname)).toHaveProperty("version");
    expect(findPeer(scripted("gone.ts"), import.meta.dirname)).toMatchObject({
      absent: expect.stringMatching(/gone\.ts is not there: npm run peers/),
    });
  });

  it("is read from a file, field by field", () => {
    expect(readPeer(JSON.stringify(peer))).toEqual(peer);
    const wrong = JSON.stringify({ ...peer, client: { ...peer.client, speaks: "loudly" } });
    expect(() => readPeer(wrong)).toThrow(/client\.speaks: expected one of input, itself, echo/);
    expect(() => readPeer(JSON.stringify({ ...peer, port: 1 }))).toThrow(/port: expected no such/);
  });

  it.each(knownPeers.map((each) => [each.name, each] as const))(
    "that is described here can be written to a file: %s",
    (_, each) => expect(readPeer(JSON.stringify(each))).toEqual(each),
  );
});

it("a placeholder without a value is an error", () => {
  expect(fillIn(["a{b}c"], { b: "1" })).toEqual(["a1c"]);
  expect(() => fillIn(["{gone}"], {})).toThrow('{gone} in "{gone}" has no value');
});
