/** Makes the negative vectors: every way in which a hybrid's share can be wrong, in both directions. */
import { noble } from "../../crypto/index.ts";
import { type Group, groups, isHybrid } from "../../groups/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
import { Refused } from "./adapter.ts";
import { groupFacts } from "./describe.ts";
import {
  type Component,
  type Exchange,
  formatVersion,
  type GroupFacts,
  type HandshakeVector,
  shareFormat,
  type ShareFile,
  type ShareVector,
} from "./format.ts";
import { generateFull } from "./generate.ts";
import { providerAdapter } from "./provider-adapter.ts";
import { type ShareEntry, withShares } from "./with-shares.ts";
import { refused, taken, type Verdict, wrongParts } from "./wrong-parts.ts";

interface WrongShare {
  readonly name: string;
  readonly share: Uint8Array;
  readonly verdict: Verdict;
  readonly section: string;
}

const lengthRules = "RFC 10024 §4.1–4.2";

/** Hybrids only: a group of one component has no layout to get wrong. */
export const shareGroups: readonly Group[] = groups.filter(isHybrid);

/**
 * Makes vectors for a group: one good handshake, and key shares that an end must refuse. The same seed gives the
 * same file.
 *
 * @throws Error if a share is not what its description says
 */
export function generateShares(group: Group, seed: string): ShareFile {
  const { identities, handshake } = generateFull(group, seed);
  return {
    format: shareFormat,
    version: formatVersion,
    license: "MIT",
    origin: { kind: "generated", seed },
    group: groupFacts(group),
    identities,
    handshake,
    shares: sharesAround(group, seed, handshake),
  };
}

/**
 * The wrong shares to put into a handshake.
 * @throws Error if a share is not what its description says
 */
export function sharesAround(
  group: Group,
  seed: string,
  handshake: HandshakeVector,
): ShareVector[] {
  const facts = groupFacts(group);
  // Right parts of other key exchanges
  const strangerGroup = shareGroups[(shareGroups.indexOf(group) + 1) % shareGroups.length] ?? group;
  const other = generateFull(group, `${seed}, another`).handshake;
  const stranger = generateFull(strangerGroup, seed).handshake;
  return (["client", "server"] as const).flatMap((from) => {
    const { bytes: hello = "" } =
      handshake.messages.find(({ type }) => type === `${from}_hello`) ?? {};
    const wrong = wrongShares(from, handshake, other, stranger);
    return [
      ...wrong.map((each) => toVector(facts, handshake, from, fromHex(hello), each)),
      ...wrongHellos(from, fromHex(hello), {
        entry: { group: group.code, keyExchange: fromHex(shareOf(handshake, from)) },
        stranger: strangerGroup.code,
      }),
    ];
  });
}

function wrongShares(
  from: Role,
  { exchange }: HandshakeVector,
  other: HandshakeVector,
  stranger: HandshakeVector,
): WrongShare[] {
  const kems = exchange.components.map(({ kem }) => kem);
  const parts = exchange.components.map((component) => partOf(component, from));
  const others = other.exchange.components.map((component) => partOf(component, from));
  const name = (index: number): string => `${kems[index]} part`;
  const withPart = (index: number, part: Uint8Array): Uint8Array =>
    concat(...parts.with(index, part));
  const wrongLength = (what: string, share: Uint8Array): WrongShare => ({
    name: what,
    share,
    verdict: refused,
    section: lengthRules,
  });
  const whole = concat(...parts);
  const mirrored = concat(
    ...exchange.components.map((component) =>
      partOf(component, from === "client" ? "server" : "client"),
    ),
  );
  return [
    wrongLength("empty", new Uint8Array()),
    wrongLength("one byte", Uint8Array.of(0)),
    wrongLength("everything twice", concat(whole, whole)),
    wrongLength("a share of another group", fromHex(shareOf(stranger, from))),
    ...parts.flatMap((part, index) => [
      wrongLength(`${name(index)} one byte short`, withPart(index, part.subarray(0, -1))),
      wrongLength(`${name(index)} one byte long`, withPart(index, concat(part, Uint8Array.of(0)))),
      wrongLength(`${name(index)} twice`, withPart(index, concat(part, part))),
      wrongLength(`${name(index)} missing`, withPart(index, new Uint8Array())),
    ]),
    {
      name: "parts in the other order",
      share: concat(...parts.toReversed()),
      // Any bytes are a ciphertext, and any but a few an X25519 key; but no key and no point
      verdict: from === "server" && kems[1] === "x25519" ? taken : refused,
      section: "RFC 10024 §4.1",
    },
    {
      name: "the other end's share",
      share: mirrored,
      // As a ciphertext a key is as good as any bytes, but only where it is as long as one
      verdict: from === "server" && mirrored.length === whole.length ? taken : refused,
      section: lengthRules,
    },
    ...parts.flatMap((part, index) =>
      wrongParts(kems[index] ?? "", from, part, others[index] ?? part).map((wrong): WrongShare => ({
        name: `${name(index)}: ${wrong.name}`,
        share: withPart(index, wrong.bytes),
        verdict: wrong.verdict,
        section: wrong.section,
      })),
    ),
  ];
}

const partOf = (component: Component, from: Role): Uint8Array =>
  fromHex((from === "client" ? component.publicKey : component.ciphertext) ?? "");

const shareOf = ({ exchange }: HandshakeVector, from: Role): string =>
  from === "client" ? exchange.clientShare : exchange.serverShare;

/** The secret, if there is one, is computed from the parts alone; it must bear the verdict out. */
function toVector(
  group: GroupFacts,
  { exchange }: HandshakeVector,
  from: Role,
  hello: Uint8Array,
  { name, share, verdict, section }: WrongShare,
): ShareVector {
  const secret = judge(group, exchange, from, share);
  if ((secret === undefined) !== (verdict.kind === "refused")) {
    throw new Error(`${group.name}, ${from}, ${name}: it is not ${verdict.kind}`);
  }
  return {
    name: `${from}: ${name}`,
    from,
    share: toHex(share),
    hello: toHex(withShares(hello, from, [{ group: group.code, keyExchange: share }])),
    alert: verdict.kind === "refused" ? verdict.alert : "bad_record_mac",
    section,
    ...(secret === undefined ? {} : { sharedSecret: toHex(secret) }),
  };
}

const pure = providerAdapter(noble);

/** The secret to which a share leads; `undefined` if it is refused. */
function judge(
  group: GroupFacts,
  { components }: Exchange,
  from: Role,
  share: Uint8Array,
): Uint8Array | undefined {
  const given = (member: "privateKey" | "randomness"): Uint8Array[] =>
    components.map((component) => fromHex(component[member] ?? ""));
  try {
    return from === "client"
      ? pure.serverShare?.(group, share, given("randomness")).sharedSecret
      : pure.clientShare?.(group, given("privateKey")).sharedSecret(share);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** What is wrong around a share. */
function wrongHellos(
  from: Role,
  hello: Uint8Array,
  { entry, stranger }: { readonly entry: ShareEntry; readonly stranger: number },
): ShareVector[] {
  const wrong = (
    name: string,
    alert: ShareVector["alert"],
    section: string,
    ...entries: readonly ShareEntry[]
  ): ShareVector => ({
    name: `${from}: ${name}`,
    from,
    hello: toHex(withShares(hello, from, entries)),
    alert,
    section,
  });
  const unoffered = { ...entry, group: stranger };
  const both = [
    wrong("under a group that was not offered", "illegal_parameter", "RFC 9846 §4.3.8", unoffered),
    wrong("no key_share", "missing_extension", "RFC 9846 §9.2"),
  ];
  if (from === "server") return both;
  const twice = wrong("the same entry twice", "illegal_parameter", "RFC 9846 §4.3.8", entry, entry);
  // A server may check what a client must not do
  return [...both, twice].map((share) =>
    share.section === "RFC 9846 §4.3.8" ? { ...share, optional: true } : share,
  );
}
