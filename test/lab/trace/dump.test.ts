import { describe, expect, it } from "vitest";
import { defineGroup } from "../../../src/groups/index.ts";
import { dumpMessage } from "../../../src/lab/trace/dump.ts";
import { type Experiment, runHandshake } from "../../../src/lab/run.ts";
import { messageType } from "../../../src/messages/index.ts";
import { DecodeError } from "../../../src/wire/index.ts";
import { experiment } from "../experiment.ts";

const messagesOf = (input: Experiment): Uint8Array[] =>
  runHandshake(input)
    .sent.filter((item) => item.kind === "message")
    .map((item) => item.raw);

const first = (input: Experiment, type: string): Uint8Array => {
  const raw = messagesOf(input).find((candidate) => messageType(candidate) === type);
  if (raw === undefined) throw new Error(`no ${type}`);
  return raw;
};

const summary = (raw: Uint8Array, ...groups: Parameters<typeof dumpMessage>[1][]) =>
  dumpMessage(raw, ...groups).map(({ name, note }) => `${name}: ${note}`);

describe("a dump", () => {
  it.each([
    ["1-RTT", experiment({ alpn: ["h2"] }, { alpn: ["h2"] })],
    [
      "a retry with a cookie",
      experiment({ groups: ["x25519", "secp256r1"] }, { groups: ["secp256r1"], retryCookie: true }),
    ],
    [
      "a request for a certificate",
      experiment({}, { clientAuthentication: "request", verifyClient: () => ({}) as never }),
    ],
    ["no session id", experiment({ middleboxCompatibility: false })],
  ])("covers every byte once, in order: %s", (_, input) => {
    const raws = messagesOf(input);
    expect(raws.length).toBeGreaterThan(5);
    for (const raw of raws) {
      let at = 0;
      for (const { offset, bytes } of dumpMessage(raw)) {
        expect(offset).toBe(at);
        at += bytes.length;
      }
      expect(at).toBe(raw.length);
    }
  });

  it("names numbers as their registry does", () => {
    const lines = summary(first(experiment(), "client_hello"));
    expect(lines).toContain("msg_type: client_hello");
    expect(lines).toContain("group: X25519MLKEM768");
    expect(lines).toContain("[0]: TLS_AES_128_GCM_SHA256");
    expect(lines).toContain('name: "localhost"');
    expect(lines).not.toContain("group: 4588");
  });

  it("cuts a hybrid share into its components, in the group's order", () => {
    const ofClient = summary(first(experiment(), "client_hello"));
    const at = ofClient.indexOf("keyExchange: 1216 bytes");
    expect(ofClient.slice(at + 1, at + 3)).toEqual([
      "ML-KEM-768: public key, 1184 bytes",
      "x25519: public key, 32 bytes",
    ]);
    const groups = ["SecP256r1MLKEM768"];
    const ofServer = summary(first(experiment({ groups }, { groups }), "server_hello"));
    expect(ofServer.slice(-2)).toEqual([
      "secp256r1: public key, 65 bytes",
      "ML-KEM-768: ciphertext, 1088 bytes",
    ]);
  });

  it("says where each line stands, as errors and steps of an adversary do", () => {
    const lines = dumpMessage(first(experiment(), "client_hello"));
    const at = (path: string) => lines.filter((line) => line.path === `client_hello.${path}`);
    expect(at("length")).toMatchObject([{ offset: 1 }]);
    expect(at("extensions.key_share")).toMatchObject([{ name: "key_share", note: "" }]);
    expect(at("extensions.key_share.extension_type")).toMatchObject([{ note: "51" }]);
    expect(at("extensions.key_share[0].keyExchange.length")).toMatchObject([{ note: "1216" }]);
    expect(at("extensions.key_share[0].keyExchange.x25519")).toMatchObject([{ depth: 4 }]);
    const named = lines.filter(({ bytes }) => bytes.length > 0).map(({ path }) => path);
    expect(new Set(named).size).toBe(named.length);
  });

  it("cuts the share of a group of the caller's own only if it is told the group", () => {
    const own = defineGroup({ name: "Own", code: 0xfe32, kems: ["ML-KEM-512", "secp256r1"] });
    const raw = first(experiment({ groups: [own] }, { groups: [own] }), "client_hello");
    expect(summary(raw)).toContain("keyExchange: 865 bytes");
    expect(summary(raw)).not.toContain("ML-KEM-512: public key, 800 bytes");
    expect(summary(raw, [own])).toContain("ML-KEM-512: public key, 800 bytes");
  });

  it("shows a message of an unknown type as bytes", () => {
    expect(summary(Uint8Array.of(99, 0, 0, 1, 7))).toEqual(["message: 0x63, 5 bytes"]);
  });

  it("refuses a message that is malformed", () => {
    const raw = first(experiment(), "finished");
    expect(() => dumpMessage(raw.subarray(0, -1))).toThrow(DecodeError);
  });
});
