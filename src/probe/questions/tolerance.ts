import { randomBytes } from "node:crypto";
import { ProtocolVersion } from "../../registry/index.ts";
import type { HelloParts } from "../hello.ts";
import { filler, schemeCodes, suiteCodes } from "../hello.ts";
import { question, unlessGroups } from "../question.ts";
import { plainGroup } from "./ordinary.ts";
import { carryOut, type Trial } from "./trials.ts";

const { "TLS 1.2": tls12, "TLS 1.3": tls13 } = ProtocolVersion;

/** Numbers that nobody has given a meaning. */
const unknown = { group: 0xfeee, suite: 0xffee, scheme: 0xfeee, version: 0x0305 };
const unknownShare = (bytes: number) => ({
  group: unknown.group,
  keyExchange: new Uint8Array(randomBytes(bytes)),
});

type Share = NonNullable<HelloParts["shares"]>[number];

const trial = (name: string, parts: (group: number, share: Share) => HelloParts): Trial => ({
  name,
  send(asker, known, how) {
    const { code } = plainGroup(known);
    const [share] = asker.shares(code) as [Share];
    return asker.hello({ groups: [code], shares: [share], ...parts(code, share) }, how);
  },
});

const trials: readonly Trial[] = [
  // RFC 8701 §3.1
  trial("GREASE everywhere", (group, share) => ({
    versions: [0x2a2a, tls13],
    suites: [0x0a0a, ...suiteCodes],
    groups: [0x1a1a, group],
    shares: [{ group: 0x1a1a, keyExchange: Uint8Array.of(0) }, share],
    schemes: [0x5a5a, ...schemeCodes],
    first: { "0x3a3a": new Uint8Array(0) },
    last: { "0x4a4a": Uint8Array.of(0) },
  })),
  trial("unknown groups", (group) => ({ groups: [unknown.group, 0xfeed, group] })),
  trial("the share of an unknown group first", (group, share) => ({
    groups: [unknown.group, group],
    shares: [unknownShare(1500), share],
  })),
  trial("an unknown version first", () => ({ versions: [unknown.version, tls13] })),
  trial("TLS 1.2 offered beside", () => ({ versions: [tls13, tls12] })),
  trial("200 unknown suites", () => ({
    suites: [...Array.from({ length: 200 }, (_, index) => 0xfe00 + index), ...suiteCodes],
  })),
  trial("unknown signature schemes", () => ({ schemes: [unknown.scheme, ...schemeCodes] })),
  trial("an unknown extension", () => ({ last: filler(40) })),
  trial("a ClientHello of 4 kB", () => ({ last: filler(4000) })),
  trial("a ClientHello of 15 kB", () => ({ last: filler(15_000) })),
  // RFC 9846 §4.2.2: who does not want to look like TLS 1.2 leaves it empty
  trial("no session id", () => ({ sessionId: new Uint8Array(0) })),
];

/** What a server must ignore, so that something new can ever be said (RFC 9846 §4.2.2, §9.3). */
export const tolerance = question({
  name: "tolerance",
  title: "is what is unknown ignored",
  unless: unlessGroups,
  ask: (asker, known) => carryOut(trials, asker, known),
});
