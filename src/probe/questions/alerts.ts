/** Hellos that a server must refuse, and the alert by which the standard says so. */
import { randomBytes } from "node:crypto";
import { kemsOf } from "../../groups/group.ts";
import { wrongParts } from "../../lab/hybrid/wrong-parts.ts";
import { type AlertName, ContentType, ProtocolVersion } from "../../registry/index.ts";
import { concat } from "../../wire/index.ts";
import { type Answer, describeAnswer, goesOn } from "../answer.ts";
import { type Asker, groupOf } from "../asker.ts";
import type { AlertFact, ServerFacts } from "../facts.ts";
import { encodeHello, type HelloParts, inRecords, record, type ShareEntry } from "../hello.ts";
import { question, unlessGroups } from "../question.ts";
import { codeOf } from "./code-of.ts";
import { plainGroup } from "./ordinary.ts";

interface Refusal {
  readonly name: string;
  readonly section: string;
  /** Any of these is as the standard says. */
  readonly expected: readonly AlertName[];
  /** Who does not refuse it lets an attacker do something. */
  readonly dangerous?: true;
  send(asker: Asker, known: ServerFacts): Promise<Answer>;
}

/** How a hello that would be taken is changed. */
type Change = (good: { readonly group: number; readonly share: ShareEntry }) => HelloParts;

function goodHello(asker: Asker, known: ServerFacts, change: Change = () => ({})): Uint8Array {
  const { code: group } = plainGroup(known);
  const [share] = asker.shares(group) as [ShareEntry];
  const parts = { groups: [group], shares: [share], ...change({ group, share }) };
  return encodeHello(parts, asker.serverName);
}

const changed = (
  name: string,
  section: string,
  expected: readonly AlertName[],
  change: Change,
): Refusal => ({
  name,
  section,
  expected,
  send: (asker, known) => asker.send(inRecords(goodHello(asker, known, change))),
});

const bytes = (
  name: string,
  section: string,
  expected: readonly AlertName[],
  make: (hello: Uint8Array) => Uint8Array,
): Refusal => ({
  name,
  section,
  expected,
  send: (asker, known) => asker.send(make(goodHello(asker, known))),
});

/** The message with a byte behind its last field, counted in its length. */
function withTrailing(hello: Uint8Array): Uint8Array {
  const longer = concat(hello, Uint8Array.of(0));
  const length = longer.length - 4;
  longer.set([length >> 16, (length >> 8) & 0xff, length & 0xff], 1);
  return longer;
}

const always: readonly Refusal[] = [
  changed(
    "no group in common",
    "RFC 9846 §4.2.1",
    ["handshake_failure", "insufficient_security"],
    () => ({
      groups: [0xfeee],
      shares: [{ group: 0xfeee, keyExchange: new Uint8Array(32) }],
    }),
  ),
  changed(
    "no cipher suite in common",
    "RFC 9846 §4.2.1",
    ["handshake_failure", "insufficient_security"],
    () => ({
      suites: [0xffee],
    }),
  ),
  changed("no key_share", "RFC 9846 §9.2", ["missing_extension"], () => ({
    without: ["key_share"],
  })),
  changed("no supported_groups", "RFC 9846 §9.2", ["missing_extension"], () => ({
    without: ["supported_groups"],
  })),
  changed("no signature_algorithms", "RFC 9846 §9.2", ["missing_extension"], () => ({
    without: ["signature_algorithms"],
  })),
  changed("a version that nobody knows", "RFC 9846 §4.2.2", ["protocol_version"], () => ({
    versions: [0x0305],
  })),
  changed("compression", "RFC 9846 §4.2.2", ["illegal_parameter"], () => ({
    compression: Uint8Array.of(1, 0),
  })),
  changed("an extension twice", "RFC 9846 §4.3", ["illegal_parameter", "decode_error"], () => ({
    // signature_algorithms once more
    last: { "0x000d": Uint8Array.of(0, 2, 4, 3) },
  })),
  bytes("a byte behind the last field", "RFC 9846 §6.2", ["decode_error"], (hello) =>
    inRecords(withTrailing(hello)),
  ),
  bytes("a record that is too long", "RFC 9846 §5.1", ["record_overflow"], (hello) =>
    record(ContentType.handshake, concat(hello, new Uint8Array(2 ** 14 + 300 - hello.length))),
  ),
  bytes("application data first", "RFC 9846 §5", ["unexpected_message"], () =>
    record(ContentType.application_data, new Uint8Array(64), ProtocolVersion["TLS 1.2"]),
  ),
  {
    name: "another share than the one that was asked for",
    section: "RFC 9846 §4.3.8",
    expected: ["illegal_parameter"],
    send(asker, known) {
      const { code } = plainGroup(known);
      const same = { groups: [code], random: randomBytes(32), sessionId: randomBytes(32) };
      const first = encodeHello({ ...same, shares: [] }, asker.serverName);
      return asker.send(inRecords(first), {
        again: () => inRecords(encodeHello({ ...same, shares: [] }, asker.serverName)),
      });
    },
  },
];

/** The way of being wrong that tells most, of each kind of component. */
const worst = (kem: string): string | undefined => {
  if (kem === "x25519") return "low-order point 1";
  if (kem.startsWith("secp")) return "off the curve";
  return kem.startsWith("ML-KEM") ? "last coefficient 3329" : undefined;
};

/** For each component that the server takes a share with that part wrong; of post-quantum groups also one that is too short. */
function wrongShares({ groups }: ServerFacts): Refusal[] {
  const done = new Set<string>();
  return (groups?.each ?? []).flatMap(({ name, postQuantum, hybrid }): Refusal[] => {
    const { code, kems } = groupOf(codeOf(name));
    // RFC 9846 names no alert for plain (EC)DH; RFC 10024 does for every part
    const expected: readonly AlertName[] = postQuantum ? ["illegal_parameter"] : [];
    const fresh = kems
      .map((kem) => (typeof kem === "string" ? kem : kem.name))
      .filter((kem) => worst(kem) !== undefined && !done.has(kem));
    for (const kem of fresh) done.add(kem);
    const parts = fresh.map((kem): Refusal => ({
      name: `${name}: ${kem}, ${worst(kem)}`,
      section: kem.startsWith("ML-KEM") ? "FIPS 203 §7.2" : "RFC 9846 §4.3.8.2, §7.4.2",
      expected,
      dangerous: true,
      send: (asker) => sendShare(asker, code, wrongPart(asker, code, kem)),
    }));
    if (!postQuantum) return parts;
    const short: Refusal = {
      name: `${name}: a share that is a byte short`,
      section: hybrid ? "RFC 10024 §4.2" : "draft-ietf-tls-mlkem §4.2",
      expected,
      send: (asker) => sendShare(asker, code, asker.shares(code)[0]!.keyExchange.subarray(0, -1)),
    };
    return [short, ...parts];
  });
}

const sendShare = (asker: Asker, group: number, keyExchange: Uint8Array): Promise<Answer> =>
  asker.hello({ groups: [group], shares: [{ group, keyExchange }] });

/** A fresh share of which one component's part is wrong. */
function wrongPart(asker: Asker, code: number, kem: string): Uint8Array {
  const [share, other] = [asker.shares(code)[0]!, asker.shares(code)[0]!];
  let at = 0;
  const parts = kemsOf(groupOf(code), asker.provider).map(({ name, publicKeyLength }) => {
    const place = [at, (at += publicKeyLength)] as const;
    const [part, stranger] = [share, other].map(({ keyExchange }) => keyExchange.slice(...place));
    if (name !== kem) return part!;
    const wrong = wrongParts(kem, "client", part!, stranger!);
    return wrong.find((each) => each.name === worst(kem))!.bytes;
  });
  return concat(...parts);
}

/** Whether a server refuses what it must, and says so by the alert of the standard. */
export const alerts = question({
  name: "alerts",
  title: "is what is wrong refused, and by the right alert",
  unless: unlessGroups,
  async ask(asker, known) {
    const facts: AlertFact[] = [];
    for (const refusal of [...always, ...wrongShares(known)]) {
      const { name, section, expected, dangerous = false, send } = refusal;
      const answer = await send(asker, known);
      const verdict = judge(answer, expected);
      facts.push({ name, section, expected, answer: describeAnswer(answer), verdict, dangerous });
    }
    return facts;
  },
});

/** @param expected none: any alert is right */
function judge(answer: Answer, expected: readonly AlertName[]): AlertFact["verdict"] {
  if (goesOn(answer)) return "not refused";
  if (answer.kind === "silent" || answer.kind === "unreachable") return "no answer";
  if (answer.kind !== "alert") return "wrong alert";
  const isRight = expected.length === 0 || expected.some((each) => each === answer.alert);
  return isRight ? "right" : "wrong alert";
}
