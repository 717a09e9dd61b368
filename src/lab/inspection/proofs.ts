/** What each end proved: Finished (RFC 9846 §4.5.3), CertificateVerify (§4.5.2), and PSK binders (§4.3.11.2). */
import {
  algorithmOf,
  type Hash,
  hashOf,
  type Provider,
  schemes,
  suiteByCode,
} from "../../crypto/index.ts";
import { bindersLength } from "../../extensions/index.ts";
import type { CertificateCompressor } from "../../handshake/index.ts";
import { parseCertificate } from "../../identity/index.ts";
import { Certificate, type MessageBody, messageType } from "../../messages/index.ts";
import { HandshakeType, nameOf, SignatureScheme } from "../../registry/index.ts";
import {
  certificateVerifyContent,
  EarlySecret,
  type PskKind,
  type Role,
  SecretOwner,
  Transcript,
  TrafficSecret,
} from "../../schedule/index.ts";
import { concat, decode, equal, toHex } from "../../wire/index.ts";
import { maxElements, readMessage, type Script } from "./script.ts";

/** A value that proves something, held against what it must be. */
export interface Proof {
  /** The end that proves something. */
  readonly from: Role;
  /** verify_data, a signature, or the binder of a PSK. */
  readonly what: "finished" | "certificate_verify" | "binder";
  /** What came of checking it. */
  readonly verdict: "right" | "wrong" | "not checked";
  /** Why it was not checked, or with what: a scheme, an identity. */
  readonly detail: string;
}

export interface ProofTerms {
  readonly script: Script;
  readonly provider: Provider;
  /** Handshake traffic secret of that end. */
  readonly secretOf: (sender: Role) => Uint8Array | undefined;
  /** Pre-shared keys that were given: a key log has none. */
  readonly psks: readonly Uint8Array[];
  /** For certificates that are compressed. */
  readonly compressors: readonly CertificateCompressor[];
  /** Messages are missing that a transcript must have. */
  readonly isIncomplete: boolean;
}

/** In the order of the handshake. What was not sent, or cannot be seen, is not there. */
export function proofsOf(terms: ProofTerms): Proof[] {
  return [...binders(terms), ...flightProofs(terms, "server"), ...flightProofs(terms, "client")];
}

function flightProofs(terms: ProofTerms, from: Role): Proof[] {
  const { script } = terms;
  const proofs: Proof[] = [];
  const signed = script.find(from, "certificate_verify");
  if (signed !== undefined)
    proofs.push({ from, what: "certificate_verify", ...signature(terms, from) });
  if (script.find(from, "finished") !== undefined) {
    proofs.push({ from, what: "finished", ...finished(terms, from) });
  }
  return proofs;
}

type Judged = Pick<Proof, "verdict" | "detail">;
const unchecked = (detail: string): Judged => ({ verdict: "not checked", detail });
const judged = (isRight: boolean, detail: string): Judged => ({
  verdict: isRight ? "right" : "wrong",
  detail,
});

function finished({ script, provider, secretOf, isIncomplete }: ProofTerms, from: Role): Judged {
  const hash = negotiatedHash(script, provider);
  const secret = secretOf(from);
  if (script.isByKem) return unchecked("AuthKEM's is keyed by the main secret, which no log has");
  if (isIncomplete) return unchecked("messages before it are missing");
  if (hash === undefined) return unchecked("its cipher suite is not known");
  if (secret === undefined) return unchecked("its secret is not known");
  const said = script.find(from, "finished")!;
  const body = readMessage("finished", said.raw)?.body;
  const expected = new TrafficSecret(hash, secret, new SecretOwner()).verifyData(
    transcriptHash(hash, script.before(said)),
  );
  return judged(
    body !== undefined && equal(body.verifyData, expected),
    "over the whole transcript",
  );
}

function signature(terms: ProofTerms, from: Role): Judged {
  const { script, provider, isIncomplete } = terms;
  const hash = negotiatedHash(script, provider);
  const verify = script.all(from, "certificate_verify")[0];
  const certificate = certificateOf(terms, from);
  if (isIncomplete) return unchecked("messages before it are missing");
  if (hash === undefined) return unchecked("its cipher suite is not known");
  if (verify === undefined) return unchecked("it is malformed");
  const scheme = schemes.find(({ code }) => code === verify.body.algorithm);
  const name = nameOf(SignatureScheme, verify.body.algorithm);
  if (scheme === undefined) return unchecked(`${name} is not known`);
  const entry = certificate?.certificateList[0];
  if (entry === undefined)
    return unchecked("its certificate is not there, or cannot be decompressed");
  if (entry.extensions.delegated_credential !== undefined)
    return unchecked("a delegated key signs");
  const said = script.find(from, "certificate_verify")!;
  try {
    const { publicKey } = parseCertificate(entry.certData);
    const content = certificateVerifyContent(from, transcriptHash(hash, script.before(said)));
    const isRight = algorithmOf(scheme, provider).verifier(publicKey)(
      content,
      verify.body.signature,
    );
    return judged(isRight, name);
  } catch (error) {
    return unchecked(error instanceof Error ? error.message : String(error));
  }
}

/** Bytes of a certificate message that was compressed. */
const maxDecompressed = 2 ** 20;

/** Compressed or not (RFC 8879 §4). */
function certificateOf(
  { script, compressors }: ProofTerms,
  from: Role,
): MessageBody<"certificate"> | undefined {
  const compressed = script.body(from, "compressed_certificate");
  if (compressed === undefined) return script.body(from, "certificate");
  const { algorithm, uncompressedLength, compressedCertificateMessage } = compressed;
  const compressor = compressors.find((each) => each.algorithm === algorithm);
  if (compressor === undefined || uncompressedLength > maxDecompressed) return undefined;
  try {
    const plain = compressor.decompress(compressedCertificateMessage, uncompressedLength);
    return decode(Certificate, plain, maxElements);
  } catch {
    return undefined;
  }
}

function binders({ script, provider, psks }: ProofTerms): Proof[] {
  const common = { from: "client", what: "binder" } as const;
  return script.all("client", "client_hello").flatMap(({ body, raw }) => {
    const offered = body.extensions.pre_shared_key;
    if (offered === undefined) return [];
    if (psks.length === 0) {
      return offered.binders.map(() => ({ ...common, ...unchecked("no key log has its key") }));
    }
    const said = script.messages.find((message) => message.raw === raw)!;
    const earlier = script.before(said);
    const bound = raw.subarray(0, raw.length - bindersLength(offered.binders));
    return offered.binders.map((binder, index) => {
      const identity = toHex(
        offered.identities[index]?.identity.subarray(0, 8) ?? new Uint8Array(0),
      );
      const isRight = psks.some((psk) => isBinder(binder, { psk, earlier, bound, provider }));
      return isRight
        ? { ...common, ...judged(true, `identity ${identity}…`) }
        : { ...common, ...unchecked(`none of the given keys is that of identity ${identity}…`) };
    });
  });
}

interface Bound {
  readonly psk: Uint8Array;
  readonly earlier: readonly Uint8Array[];
  /** The hello up to its binders. */
  readonly bound: Uint8Array;
  readonly provider: Provider;
}

const kinds: readonly PskKind[] = ["resumption", "external", "imported"];

/** A binder does not say its hash, but for its length. */
function isBinder(binder: Uint8Array, { psk, earlier, bound, provider }: Bound): boolean {
  return Object.values(provider.hashes)
    .filter((hash) => hash.length === binder.length)
    .some((hash) =>
      kinds.some((kind) => {
        const owners = { handshake: new SecretOwner(), connection: new SecretOwner() };
        const early = new EarlySecret(hash, psk.slice(), owners);
        return equal(early.binder(kind, transcriptHash(hash, [...earlier, bound])), binder);
      }),
    );
}

function negotiatedHash(script: Script, provider: Provider): Hash | undefined {
  const code = script.body("server", "server_hello")?.cipherSuite;
  const suite = code === undefined ? undefined : suiteByCode(code);
  return suite && hashOf(suite, provider);
}

/** §4.1: a first ClientHello that was retried is represented by its hash. */
function transcriptHash(hash: Hash, messages: readonly Uint8Array[]): Uint8Array {
  const transcript = new Transcript(hash);
  const [first, second] = messages;
  const isRetried = second !== undefined && messageType(second) === "hello_retry_request";
  messages.forEach((raw, index) => {
    if (index > 0 || !isRetried) transcript.add(raw);
    else {
      const header = Uint8Array.of(HandshakeType.message_hash, 0, 0, hash.length);
      transcript.add(concat(header, hash.digest(first!)));
    }
  });
  return transcript.current();
}
