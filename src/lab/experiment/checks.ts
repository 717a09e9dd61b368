/**
 * What a cell must hold before its figures count: studies were wrong because nobody looked. Whatever is read here is
 * read from the wire, and not from the plan.
 */
import { kemParameters, signatureNameIn } from "../../crypto/index.ts";
import { NamedGroup, nameOf, SignatureScheme } from "../../registry/index.ts";
import { decodeMessage, messageType } from "../../messages/index.ts";
import type { Certificate } from "../../identity/index.ts";
import type { Network } from "../network/index.ts";
import type { KemSize, SignatureSize } from "../sizes/index.ts";
import { type MessageFacts, messageFacts } from "../trace/message-facts.ts";
import type { ChainPlan } from "./chain.ts";
import { dualCode, dualName, dualParts } from "./dual-chains.ts";
import type { GroupPlan, HandshakePlan } from "./ends.ts";
import type { Recording } from "./record.ts";
import { keyBytes } from "./stand-in.ts";

/** What the wire says. */
export interface CellFacts {
  /** Of the ServerHello; a code point in hexadecimal where it is not the planned one and has no name. */
  readonly group: string;
  /** Of the server's CertificateVerify; absent where none was sent. */
  readonly signature?: string;
  /** Bytes of shares, keys and signatures, both ends' together. */
  readonly cryptoBytes: number;
  /** Bytes of the first ClientHello, header included. */
  readonly clientHello: number;
  /** Of the first ClientHello: bytes of each extension by name, header included, and `other` for the rest. */
  readonly helloParts: Readonly<Record<string, number>>;
  /** Bytes on the wire until both ends are open. */
  readonly clientBytes: number;
  /** Bytes on the wire until both ends are open. */
  readonly serverBytes: number;
}

export interface Checked {
  /** For the row. */
  readonly facts: CellFacts;
  /** What is wrong, in words; empty: nothing is. */
  readonly broken: readonly string[];
}

export function checkRecording(plan: HandshakePlan, recording: Recording): Checked {
  const seen = readWire(recording);
  const broken = [
    ...checkGroup(plan.group, seen),
    ...checkSignature(plan, seen),
    ...checkBytes(plan, recording, seen),
  ];
  const [hello] = recording.sent.flatMap((item) =>
    item.kind === "message" ? [messageFacts(item.raw)] : [],
  );
  return {
    facts: {
      group: seen.group === plan.group.code ? plan.group.name : nameOf(NamedGroup, seen.group, 4),
      ...(seen.encapsulation !== undefined && { signature: plan.chain.kem?.name ?? "a KEM" }),
      ...(seen.verify && {
        signature: isSignature(plan.chain, seen.verify)
          ? proofOf(plan.chain)
          : nameOf(SignatureScheme, seen.verify.scheme, 4),
      }),
      cryptoBytes: seen.shares.client + seen.shares.server + authenticationBytes(recording, seen),
      clientHello: hello?.bytes ?? 0,
      helloParts: partsOf(hello),
      clientBytes: recording.handshakeBytes.client,
      serverBytes: recording.handshakeBytes.server,
    },
    broken,
  };
}

function partsOf(hello: MessageFacts | undefined): Record<string, number> {
  const extensions = hello?.extensions ?? [];
  const named = extensions.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    ...Object.fromEntries(extensions.map(({ name, bytes }) => [name, bytes])),
    other: (hello?.bytes ?? 0) - named,
  };
}

interface Seen {
  /** Of the ServerHello's share. */
  readonly group: number;
  readonly shares: { readonly client: number; readonly server: number };
  readonly verify?: { readonly scheme: number; readonly signature: Uint8Array };
  /** The server took a key that the client knew before (AuthKEM). */
  readonly isKeyKnown: boolean;
  /** Bytes that the client encapsulated to the server's key (AuthKEM). */
  readonly encapsulation?: number;
}

function readWire({ sent }: Recording): Seen {
  let [group, client, server] = [0, 0, 0];
  let verify: Seen["verify"];
  let [encapsulation, early]: (number | undefined)[] = [];
  let isKeyKnown = false;
  const offered = new Map<number, number>();
  for (const item of sent) {
    if (item.kind !== "message") continue;
    const type = messageType(item.raw);
    if (type === "client_hello") {
      const { extensions } = decodeMessage(type, item.raw).body;
      for (const share of extensions.key_share ?? []) {
        offered.set(share.group, share.keyExchange.length);
      }
      early = extensions.stored_auth_key?.ciphertext.length;
    } else if (type === "server_hello") {
      const share = decodeMessage(type, item.raw).body.extensions.key_share;
      group = share?.group ?? 0;
      server = share?.keyExchange.length ?? 0;
      client = offered.get(group) ?? 0;
      if (decodeMessage(type, item.raw).body.extensions.stored_auth_key !== undefined) {
        [encapsulation, isKeyKnown] = [early, true];
      }
    } else if (type === "certificate_verify" && item.from === "server") {
      const { algorithm, signature } = decodeMessage(type, item.raw).body;
      verify = { scheme: algorithm, signature };
    } else if (type === "kem_encapsulation" && item.from === "client") {
      encapsulation = decodeMessage(type, item.raw).body.encapsulation.length;
    }
  }
  return {
    group,
    shares: { client, server },
    isKeyKnown,
    ...(verify && { verify }),
    ...(encapsulation !== undefined && { encapsulation }),
  };
}

const checkGroup = ({ name, code }: GroupPlan, { group }: Seen): string[] =>
  group === code
    ? []
    : [`group: expected ${name}, the ServerHello says ${nameOf(NamedGroup, group, 4)}`];

/** As host and length, where a size stands in. */
function checkSignature(
  { chain, resumed, storedKey = false }: HandshakePlan,
  { verify, encapsulation, isKeyKnown }: Seen,
): string[] {
  const { leaf, kem, second } = chain;
  if (kem !== undefined && !resumed) {
    if (storedKey !== isKeyKnown) {
      const [expected, got] = storedKey ? ["known before", "shown"] : ["shown", "known before"];
      return [`authentication: expected a key that is ${expected}, it was ${got}`];
    }
    if (verify === undefined && encapsulation === kem.ciphertext) return [];
    const said =
      verify === undefined ? `${encapsulation ?? "no"} bytes encapsulated` : "a CertificateVerify";
    return [`authentication: expected ${kem.ciphertext} bytes of ${kem.name}, got ${said}`];
  }
  if (resumed)
    return verify === undefined ? [] : ["signature: a resumed session has none, the wire has one"];
  if (verify === undefined) return ["signature: the server sent no CertificateVerify"];
  if (isSignature(chain, verify)) return [];
  const length = leaf.signature + (second === undefined ? 0 : lengthBytes + second.leaf.signature);
  const said = `${nameOf(SignatureScheme, verify.scheme, 4)} with ${verify.signature.length} bytes`;
  return [
    `signature: expected ${proofOf(chain)} with ${length} bytes, the CertificateVerify says ${said}`,
  ];
}

function isSignature(
  { leaf, second }: ChainPlan,
  { scheme, signature }: NonNullable<Seen["verify"]>,
): boolean {
  if (second === undefined) {
    const isScheme = leaf.scheme === undefined || leaf.scheme.code === scheme;
    return isScheme && isLength(leaf, signature.length);
  }
  const [one, other] = dualParts(signature);
  return scheme === dualCode && isLength(leaf, one.length) && isLength(second.leaf, other.length);
}

/** What signs for a chain. */
const proofOf = ({ leaf, second }: ChainPlan): string =>
  second === undefined ? leaf.name : dualName(leaf.name, second.leaf.name);

/** Of the first of two signatures. */
const lengthBytes = 2;

/** ECDSA's DER leaves out leading zeros: a byte or two of each half, hardly ever more. */
const derSlack = 8;

const isLength = ({ scheme, signature, measured }: SignatureSize, length: number): boolean =>
  measured === true
    ? length > 0
    : scheme !== undefined && signatureNameIn(scheme).startsWith("ecdsa")
      ? length <= signature && length >= signature - derSlack
      : length === signature;

/** Each key and each signature of each certificate that arrived is as long as the registry says. */
function checkBytes(
  plan: HandshakePlan,
  { client, server }: Recording,
  { shares }: Seen,
): string[] {
  const { group, chain, mutual, resumed } = plan;
  const expected = sharesOf(group);
  const broken: string[] = [];
  for (const side of ["client", "server"] as const) {
    if (shares[side] !== expected[side]) {
      broken.push(`${side} share: expected ${expected[side]} bytes, got ${shares[side]}`);
    }
  }
  if (resumed) return broken;
  const planned = certificatesOf(chain);
  const received = [
    ...(plan.storedKey ? [] : [chainOf(client)]),
    ...(mutual ? [chainOf(server)] : []),
  ];
  for (const certificates of received) {
    if (certificates.length !== planned.length) {
      broken.push(`chain: expected ${planned.length} certificates, got ${certificates.length}`);
      continue;
    }
    for (const [at, certificate] of certificates.entries()) {
      const { key, issuer } = planned[at]!;
      const bytes = keyBytes(certificate);
      // RSA's modulus may be written with a byte more, or less
      const isRsa = "scheme" in key && key.scheme?.keyType === "rsa";
      const isKey = isRsa || bytes === Math.max(key.publicKey, 32);
      if (!isKey)
        broken.push(`certificate ${at}: expected a key of ${key.publicKey} bytes, got ${bytes}`);
      if (!isLength(issuer, certificate.signature.length)) {
        broken.push(
          `certificate ${at}: expected a signature of ${issuer.signature} bytes, got ${certificate.signature.length}`,
        );
      }
    }
  }
  return broken;
}

/** Those that are sent: whose key each holds, and who signed it. */
function certificatesOf({
  kem,
  send,
  second,
  ...first
}: ChainPlan): { readonly key: SignatureSize | KemSize; readonly issuer: SignatureSize }[] {
  return [first, ...(second === undefined ? [] : [second])].flatMap(
    ({ leaf, intermediates, root }, at) => {
      const issuers = [...intermediates, root];
      const keys = [(at === 0 ? kem : undefined) ?? leaf, ...(send === "all" ? intermediates : [])];
      return keys.map((key, place) => ({ key, issuer: issuers[place]! }));
    },
  );
}

function sharesOf({ kems }: GroupPlan): { client: number; server: number } {
  const sizes = kems.map(kemLengths);
  return {
    client: sizes.reduce((sum, [publicKey]) => sum + publicKey, 0),
    server: sizes.reduce((sum, [, ciphertext]) => sum + ciphertext, 0),
  };
}

const kemLengths = (kem: GroupPlan["kems"][number]): readonly [number, number] => {
  if (typeof kem === "string") {
    const { publicKeyLength, ciphertextLength } = kemParameters[kem];
    return [publicKeyLength, ciphertextLength];
  }
  return "runs" in kem
    ? [kem.publicKey, kem.ciphertext]
    : [kem.publicKeyLength, kem.ciphertextLength];
};

/** That arrived: a session knows its peer's, which nobody sends again. */
const chainOf = ({ negotiated }: Recording["client"]): readonly Certificate[] =>
  negotiated === undefined || negotiated.resumed ? [] : (negotiated.peer?.chain ?? []);

/** Keys and signatures of all certificates, and of both CertificateVerify; ciphertexts that stand in their place. */
function authenticationBytes(
  { client, server, sent }: Recording,
  { isKeyKnown, encapsulation = 0 }: Seen,
): number {
  const certificates = [...(isKeyKnown ? [] : chainOf(client)), ...chainOf(server)];
  const inChains = certificates.reduce(
    (sum, certificate) => sum + keyBytes(certificate) + certificate.signature.length,
    0,
  );
  const proofs = sent.flatMap((item) => {
    if (item.kind !== "message") return [];
    const type = messageType(item.raw);
    if (type === "certificate_verify") {
      const { algorithm, signature } = decodeMessage(type, item.raw).body;
      return [signature.length - (algorithm === dualCode ? lengthBytes : 0)];
    }
    return type === "kem_encapsulation"
      ? [decodeMessage(type, item.raw).body.encapsulation.length]
      : [];
  });
  const known = isKeyKnown ? encapsulation : 0;
  return inChains + known + proofs.reduce((sum, length) => sum + length, 0);
}

/**
 * No handshake is faster than light and wire: a round trip for the hellos, over TCP one before for the connection, and
 * the time that the ClientHello and then the server's flight take to be sent. Jitter can shorten each way. In ms.
 */
export function floorOf(
  { up, down }: Network,
  { clientHello, serverBytes }: Pick<CellFacts, "clientHello" | "serverBytes">,
  roundTrips: 1 | 2,
): number {
  const serialised = (bytes: number, rate: number | undefined): number =>
    rate === undefined ? 0 : (bytes * 8) / (rate * 1000);
  return (
    roundTrips * (leastDelay(up) + leastDelay(down)) +
    serialised(clientHello, up.rate) +
    serialised(serverBytes, down.rate)
  );
}

/** Of one way, ms. A normal draw is a sum of twelve, and at most six deviations away. */
const leastDelay = ({ delay, jitter }: Network["up"]): number => {
  if (jitter === undefined) return delay;
  const most = jitter.deviation * (jitter.distribution === "normal" ? 6 : 1);
  return Math.max(0, delay - most);
};

/** Times as they can be. All in ms. */
export interface Possible {
  /** No handshake is faster. */
  readonly floor: number;
  /** Round trips as counted by hand; `undefined` where other things than windows decide. */
  readonly rounds: number | undefined;
  /** Round-trip time without queues. */
  readonly rtt: number;
  /** What both ends compute. */
  readonly busy: number;
}

/** @param ms of each handshake; `null`: it failed */
export function checkTimes(
  ms: readonly (number | null)[],
  { floor, rounds, rtt, busy }: Possible,
): string[] {
  const broken: string[] = [];
  // Figures are rounded to the microsecond
  const tooFast = ms.filter((time) => time !== null && time < floor - 0.001).length;
  if (tooFast > 0) {
    broken.push(
      `latency: ${tooFast} of ${ms.length} are faster than ${floor.toFixed(3)} ms, the floor`,
    );
  }
  const [first] = ms;
  if (rounds === undefined || typeof first !== "number") return broken;
  const observed = first / rtt;
  // Between two rounds only computing and the wire's own time may stand
  if (observed < rounds - 0.01 || observed > rounds + busy / rtt + 0.25) {
    broken.push(`rounds: expected ${rounds}, took ${observed.toFixed(2)} round trips`);
  }
  return broken;
}
