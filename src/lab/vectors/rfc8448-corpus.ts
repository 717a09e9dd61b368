/** The traces of RFC 8448 as cases: every step of which the RFC prints both input and output. */
import type { Hash, KemName, Provider } from "../../crypto/index.ts";
import { messageType } from "../../messages/index.ts";
import { hkdfExtract } from "../../schedule/index.ts";
import { concat, equal } from "../../wire/index.ts";
import { type Case, type Corpus, failed, type Outcome, passed, type Subject } from "./corpus.ts";
import { hkdfExpand } from "../../crypto/hkdf.ts";
import type { Trace, TraceSide, TraceStep } from "./rfc8448.ts";

/** All five traces negotiate TLS_AES_128_GCM_SHA256. */
const suite = { hash: "sha256", aead: "aes-128-gcm" } as const;

type Check = (provider: Provider) => Outcome;

export function traceCorpus(trace: Trace): Corpus {
  const cases = trace.steps.flatMap((step, index): Case[] => {
    const before = trace.steps.slice(0, index);
    const check = checks.find(({ does }) => step.does.startsWith(does))?.make(step, before);
    const run = ({ provider }: Subject): Outcome => check?.(provider) ?? passed;
    return check === undefined ? [] : [{ id: `step ${index + 1}, ${step.by}: ${step.does}`, run }];
  });
  return { algorithm: `RFC 8448, ${trace.title}`, cases };
}

/** What a step is by its first words, and how it is checked; `undefined` where the RFC repeats no values. */
const checks: readonly {
  readonly does: string;
  readonly make: (step: TraceStep, before: readonly TraceStep[]) => Check | undefined;
}[] = [
  { does: "create an ephemeral", make: keyPair },
  { does: "extract secret", make: extraction },
  { does: "calculate", make: finished },
  { does: "derive secret", make: expansion },
  { does: "generate resumption secret", make: expansion },
  { does: "derive write traffic keys", make: trafficKeys },
  { does: "derive read traffic keys", make: trafficKeys },
  { does: "send", make: protection },
];

const answer = (isRight: boolean, problem: string): Outcome => (isRight ? passed : failed(problem));

function keyPair({ does, by, values }: TraceStep): Check | undefined {
  const { "private key": privateKey, "public key": publicKey } = values;
  if (privateKey === undefined || publicKey === undefined) return undefined;
  return ({ kems }) => {
    const pair = kems[kemOf(does)].importKeyPair?.(privateKey);
    if (pair === undefined) return { kind: "skipped", reason: "no given private keys" };
    return answer(equal(pair.publicKey, publicKey), `made another public key of the ${by}`);
  };
}

const kemOf = (does: string): KemName => (does.includes("P-256") ? "secp256r1" : "x25519");

/** What the handshake secret is extracted from must be what the two key pairs agree on. */
function extraction(step: TraceStep, before: readonly TraceStep[]): Check | undefined {
  const { salt, IKM: ikm, secret } = step.values;
  if (salt === undefined || ikm === undefined || secret === undefined) return undefined;
  return (provider) => {
    const hash = provider.hashes[suite.hash];
    if (!equal(hkdfExtract(hash, salt, ikm), secret)) return failed("extracted another secret");
    if (!step.does.includes("handshake")) return passed;
    return answer(equal(sharedSecret(provider, before), ikm), "agreed on another secret");
  };
}

/** Of the last key pair of each side. */
function sharedSecret({ kems }: Provider, before: readonly TraceStep[]): Uint8Array {
  const pairs = before.filter(({ does }) => does.startsWith("create an ephemeral"));
  const lastOf = (side: TraceSide) => pairs.findLast(({ by }) => by === side);
  const [client, server] = [lastOf("client"), lastOf("server")];
  const { "private key": privateKey = new Uint8Array() } = server?.values ?? {};
  const { "public key": publicKey = new Uint8Array() } = client?.values ?? {};
  const pair = kems[kemOf(server?.does ?? "")].importKeyPair?.(privateKey);
  return pair?.decapsulate(publicKey) ?? new Uint8Array();
}

/** Where the RFC prints a transcript hash it must be that of the messages before. */
function expansion({ values, does }: TraceStep, before: readonly TraceStep[]): Check | undefined {
  const { PRK: prk, hash: transcriptHash, info, expanded } = values;
  if (prk === undefined || info === undefined || expanded === undefined) return undefined;
  return ({ hashes }) => {
    const hash = hashes[suite.hash];
    const output = hkdfExpand(hash, prk, info, expanded.length);
    if (!equal(output, expanded)) return failed("derived another secret");
    if (!/ (traffic|master)"$/.test(does) || transcriptHash === undefined) return passed;
    const digest = hash.digest(transcript(before, hash));
    return answer(equal(digest, transcriptHash), "has another transcript hash");
  };
}

function finished(step: TraceStep, before: readonly TraceStep[]): Check | undefined {
  const { expanded, finished: mac, "binder hash": binderHash } = step.values;
  const expand = expansion(step, before);
  if (expand === undefined || expanded === undefined || mac === undefined) return undefined;
  return (provider) => {
    const outcome = expand(provider);
    if (outcome.kind !== "passed") return outcome;
    const hash = provider.hashes[suite.hash];
    const covered = binderHash ?? hash.digest(transcript(before, hash));
    return answer(equal(hash.hmac(expanded, covered), mac), "computed another MAC");
  };
}

function trafficKeys({ values }: TraceStep): Check | undefined {
  const { PRK: prk, "key info": keyInfo, "key expanded": key } = values;
  const { "iv info": ivInfo, "iv expanded": iv } = values;
  if (!prk || !keyInfo || !key || !ivInfo || !iv) return undefined;
  return ({ hashes }) => {
    const expand = (info: Uint8Array, { length }: Uint8Array) =>
      hkdfExpand(hashes[suite.hash], prk, info, length);
    const isRight = equal(expand(keyInfo, key), key) && equal(expand(ivInfo, iv), iv);
    return answer(isRight, "derived other keys");
  };
}

/** A protected record opens to its payload, and is sealed to the same bytes again. */
function protection(step: TraceStep, before: readonly TraceStep[]): Check | undefined {
  const { payload, "complete record": record } = step.values;
  if (payload === undefined || record?.[0] !== contentTypes.application_data) return undefined;
  const from = before.findLastIndex(({ by, does }) => by === step.by && does.includes("write"));
  const { "key expanded": key, "iv expanded": iv } = valuesOf(before[from], before);
  if (key === undefined || iv === undefined) return () => failed("the trace has no keys for it");
  const sequence = before.slice(from).filter((other) => isProtected(other, step.by)).length;
  const nonce = iv.slice();
  nonce[11]! ^= sequence;
  const trailer = Uint8Array.of(innerType(step.does));
  return ({ aeads }) => {
    const aead = aeads[suite.aead].importKey(key);
    const [header, body] = [record.subarray(0, 5), record.subarray(5)];
    const opened = aead.open(nonce, header, body);
    if (opened === undefined) return failed("the record does not open");
    if (!equal(opened, concat(payload, trailer))) return failed("opened to another payload");
    const sealed = concat(...aead.seal(nonce, header, payload, trailer));
    return answer(equal(sealed, body), "sealed to other bytes");
  };
}

const contentTypes = { alert: 21, handshake: 22, application_data: 23 } as const;

const innerType = (does: string): number =>
  Object.entries(contentTypes).find(([name]) => does.includes(name))?.[1] ?? 0;

const isProtected = ({ by, values }: TraceStep, side: TraceSide): boolean =>
  by === side && values["complete record"]?.[0] === contentTypes.application_data;

/** The values of a step for write keys, or of the step for the other side's read keys that it refers to. */
function valuesOf(
  step: TraceStep | undefined,
  before: readonly TraceStep[],
): Readonly<Record<string, Uint8Array>> {
  if (step?.sameAs === undefined) return step?.values ?? {};
  const twin = step.does.replace("write", "read");
  return before.find(({ by, does }) => by !== step.by && does === twin)?.values ?? {};
}

/**
 * The handshake messages so far: what was sent, and what one side constructed since. After a
 * HelloRetryRequest the first ClientHello is its hash (RFC 9846 §4.1).
 */
function transcript(steps: readonly TraceStep[], hash: Hash): Uint8Array {
  let messages: Uint8Array[] = [];
  let constructed: Uint8Array[] = [];
  for (const { does, values } of steps) {
    const message = /^construct an? (\w+) handshake message$/.exec(does)?.[1];
    if (message !== undefined) constructed.push(values[message] ?? new Uint8Array());
    if (does !== "send handshake record") continue;
    const payload = values["payload"] ?? new Uint8Array();
    if (messageType(payload) === "hello_retry_request") {
      const hashed = hash.digest(concat(...messages));
      messages = [Uint8Array.of(254, 0, 0, hashed.length), hashed];
    }
    messages.push(payload);
    constructed = [];
  }
  return concat(...messages, ...constructed);
}
