/** Counts what a provider is asked to do, by algorithm: what a CPU mode then gives a time. */
import type { Kem, KemKeyPair, Provider, Scheme, SignatureAlgorithm } from "../../crypto/index.ts";

export interface Operation {
  /** A KEM's or a signature algorithm's name: `ML-KEM-768`, `ecdsa_sha256`, `Falcon-512`. */
  readonly algorithm: string;
  /** Of a KEM the first three, of signatures the others. */
  readonly operation: "generate" | "encapsulate" | "decapsulate" | "sign" | "verify";
}

export class OperationLog {
  #operations: Operation[] = [];

  add(algorithm: string, operation: Operation["operation"]): void {
    this.#operations.push({ algorithm, operation });
  }

  /** Those since the last time. */
  take(): readonly Operation[] {
    const taken = this.#operations;
    this.#operations = [];
    return taken;
  }
}

/** A provider whose key exchange and signatures are counted. */
export const counted = (provider: Provider, log: OperationLog): Provider => ({
  ...provider,
  kems: mapped(provider.kems, (kem) => countedKem(kem, log)),
  signatures: mapped(provider.signatures, (slot) => countedSignature(slot, log)),
});

/** For a KEM of the caller's own in a group. */
export const countedKem = (kem: Kem, log: OperationLog): Kem => ({
  ...kem,
  generate() {
    log.add(kem.name, "generate");
    return countedPair(kem.name, kem.generate(), log);
  },
  encapsulate(publicKey) {
    log.add(kem.name, "encapsulate");
    return kem.encapsulate(publicKey);
  },
  ...(kem.importKeyPair && {
    importKeyPair: (key) => countedPair(kem.name, kem.importKeyPair!(key), log),
  }),
});

const countedPair = (name: string, pair: KemKeyPair, log: OperationLog): KemKeyPair => ({
  publicKey: pair.publicKey,
  decapsulate(ciphertext) {
    log.add(name, "decapsulate");
    return pair.decapsulate(ciphertext);
  },
  wipe: () => pair.wipe(),
});

/** A scheme of the caller's own, which is counted under its own name. */
export const countedScheme = (scheme: Scheme, log: OperationLog): Scheme =>
  typeof scheme.algorithm === "string"
    ? scheme
    : { ...scheme, algorithm: countedSignature(scheme.algorithm, log, scheme.name) };

const countedSignature = (
  slot: SignatureAlgorithm,
  log: OperationLog,
  name: string = slot.name,
): SignatureAlgorithm => ({
  ...slot,
  verifier(key) {
    const verify = slot.verifier(key);
    return (message, signature) => {
      log.add(name, "verify");
      return verify(message, signature);
    };
  },
  ...(slot.signer && {
    signer(key) {
      const sign = slot.signer!(key);
      return (message) => {
        log.add(name, "sign");
        return sign(message);
      };
    },
  }),
});

const mapped = <Name extends string, Value>(
  slots: Readonly<Record<Name, Value>>,
  wrap: (slot: Value) => Value,
): Readonly<Record<Name, Value>> =>
  Object.fromEntries(
    Object.entries<Value>(slots).map(([name, slot]) => [name, wrap(slot)]),
  ) as Record<Name, Value>;
