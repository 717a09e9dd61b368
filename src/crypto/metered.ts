import type {
  Aead,
  Hash,
  Kem,
  KemKeyPair,
  Provider,
  RunningHash,
  SignatureAlgorithm,
  Slot,
} from "./provider.ts";

/** What one operation of one slot did. */
export interface MeterRow {
  /** `hash sha256`, `aead aes-128-gcm`, `kem x25519`, `signature ed25519`, `key ed25519`, `random`. */
  readonly slot: string;
  /** The method's name. */
  readonly operation: string;
  /** The library that did it: {@link Slot.backend}. */
  readonly backend: string;
  /** How often the operation was called. */
  readonly calls: number;
  /** Wall-clock time. */
  readonly milliseconds: number;
  /** Bytes of all arguments. */
  readonly bytesIn: number;
  /** Bytes of all results. */
  readonly bytesOut: number;
}

/**
 * Wraps a provider so that every call is counted and timed. A KEM object of the caller's own in a
 * group is not the provider's, and is not metered.
 */
export function metered(provider: Provider): {
  readonly provider: Provider;
  /** One row for each operation that was called, in the order of the first calls. */
  report(): MeterRow[];
  /** Forgets all counts. */
  reset(): void;
} {
  const counts = new Map<string, Count>();

  const meterOf =
    (slot: string, { backend }: Slot): Meter =>
    (operation, inputs, run) => {
      const name = `${slot} ${operation}`;
      const count = counts.get(name) ?? emptyCount(slot, operation, backend);
      counts.set(name, count);
      const start = performance.now();
      try {
        const result = run();
        count.bytesOut += bytesOf(result);
        return result;
      } finally {
        count.milliseconds += performance.now() - start;
        count.calls++;
        count.bytesIn += bytesOf(inputs);
      }
    };

  const own = { backend: provider.name };
  const random = meterOf("random", own);
  return {
    provider: {
      name: provider.name,
      random: (length) => random("random", [], () => provider.random(length)),
      hashes: mapped(provider.hashes, (slot) =>
        meteredHash(slot, meterOf(`hash ${slot.name}`, slot)),
      ),
      aeads: mapped(provider.aeads, (slot) =>
        meteredAead(slot, meterOf(`aead ${slot.name}`, slot)),
      ),
      kems: mapped(provider.kems, (slot) => meteredKem(slot, meterOf(`kem ${slot.name}`, slot))),
      signatures: mapped(provider.signatures, (slot) =>
        meteredSignature(slot, meterOf(`signature ${slot.name}`, slot)),
      ),
      generateKey: (type) =>
        meterOf(`key ${type}`, own)("generateKey", [], () => provider.generateKey(type)),
    },
    report: () => [...counts.values()].map((count) => ({ ...count })),
    reset: () => counts.clear(),
  };
}

type Count = { -readonly [Field in keyof MeterRow]: MeterRow[Field] };

/** Runs and counts one operation of a slot. */
type Meter = <Result>(
  operation: string,
  inputs: readonly Uint8Array[],
  run: () => Result,
) => Result;

const emptyCount = (slot: string, operation: string, backend: string): Count => ({
  slot,
  operation,
  backend,
  calls: 0,
  milliseconds: 0,
  bytesIn: 0,
  bytesOut: 0,
});

/** Byte strings count, also as members of a list or a record. */
function bytesOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>(
    (sum, member) => sum + (member instanceof Uint8Array ? member.length : 0),
    0,
  );
}

const mapped = <Value, Slots extends Readonly<Record<string, Value>>>(
  slots: Slots & Readonly<Record<string, Value>>,
  wrap: (slot: Value) => Value,
): Slots =>
  Object.fromEntries(
    Object.entries<Value>(slots).map(([name, slot]) => [name, wrap(slot)]),
  ) as unknown as Slots;

const meteredHash = (hash: Hash, meter: Meter): Hash => ({
  ...hash,
  digest: (data) => meter("digest", [data], () => hash.digest(data)),
  hmac: (key, data) => meter("hmac", [key, data], () => hash.hmac(key, data)),
  start: () =>
    meteredRunning(
      meter("start", [], () => hash.start()),
      meter,
    ),
});

const meteredRunning = (running: RunningHash, meter: Meter): RunningHash => ({
  update: (data) => meter("update", [data], () => running.update(data)),
  digest: () => meter("snapshot", [], () => running.digest()),
  copy: () =>
    meteredRunning(
      meter("copy", [], () => running.copy()),
      meter,
    ),
});

const meteredAead = (aead: Aead, meter: Meter): Aead => ({
  ...aead,
  importKey(bytes) {
    const key = meter("importKey", [bytes], () => aead.importKey(bytes));
    return {
      seal: (...inputs) => meter("seal", inputs, () => key.seal(...inputs)),
      open: (...inputs) => meter("open", inputs, () => key.open(...inputs)),
      wipe: () => key.wipe(),
    };
  },
});

function meteredKem(kem: Kem, meter: Meter): Kem {
  const importKeyPair = kem.importKeyPair?.bind(kem);
  const encapsulateWith = kem.encapsulateWith?.bind(kem);
  const meteredPair = (pair: KemKeyPair): KemKeyPair => ({
    publicKey: pair.publicKey,
    decapsulate: (ciphertext) =>
      meter("decapsulate", [ciphertext], () => pair.decapsulate(ciphertext)),
    wipe: () => pair.wipe(),
  });
  return {
    ...kem,
    generate: () => meteredPair(meter("generate", [], () => kem.generate())),
    encapsulate: (publicKey) => meter("encapsulate", [publicKey], () => kem.encapsulate(publicKey)),
    ...(importKeyPair && {
      importKeyPair: (key) => meteredPair(meter("importKeyPair", [key], () => importKeyPair(key))),
    }),
    ...(encapsulateWith && {
      encapsulateWith: (...inputs) =>
        meter("encapsulateWith", inputs, () => encapsulateWith(...inputs)),
    }),
  };
}

function meteredSignature(slot: SignatureAlgorithm, meter: Meter): SignatureAlgorithm {
  const signer = slot.signer?.bind(slot);
  return {
    ...slot,
    verifier(info) {
      const verify = meter("verifier", [info.spki], () => slot.verifier(info));
      return (message, signature) =>
        meter("verify", [message, signature], () => verify(message, signature));
    },
    ...(signer && {
      signer(info) {
        const sign = meter("signer", [info.pkcs8], () => signer(info));
        return (message) => meter("sign", [message], () => sign(message));
      },
    }),
  };
}
