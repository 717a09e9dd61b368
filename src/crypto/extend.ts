import { type Check, checkOptions, type OptionTable } from "../registry/check.ts";
import type { Scheme } from "./scheme.ts";
import type { KemScheme } from "./kem-scheme.ts";
import type { Kem, Oid, Provider, SignatureAlgorithm } from "./provider.ts";
import type { Suite } from "./suite.ts";

/** What a provider is extended by. */
export interface Additions {
  /** Signature schemes whose algorithms are values. */
  readonly schemes?: Iterable<Scheme>;
  /** Cipher suites whose AEADs or hashes are values. */
  readonly suites?: Iterable<Suite>;
  /** Custom KEMs, whose keys certificates hold: they are found by the type of their keys. */
  readonly kemSchemes?: Iterable<KemScheme>;
  /** For certificates alone: composites, say, whose schemes have no code points. */
  readonly algorithms?: Iterable<SignatureAlgorithm>;
}

const several: Check = (value, where) => {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) return;
  throw new TypeError(`${where} must be a list`);
};
const additionTable = {
  schemes: several,
  suites: several,
  kemSchemes: several,
  algorithms: several,
} satisfies OptionTable<Additions>;

/**
 * A provider that also has the algorithms and hashes of the caller's own that these schemes and suites carry, for
 * what finds them by name: an object identifier in a certificate, the hash of a session. A connection does it by itself with what its options list.
 */
export function extendProvider(provider: Provider, additions: Additions): Provider {
  checkOptions("extendProvider", additions, additionTable);
  const { schemes = [], suites = [], kemSchemes = [], algorithms = [] } = additions;
  const { name, random, aeads } = provider;
  const signatures = withOwn(provider.signatures, [
    ...Array.from(schemes, (each) => each.algorithm),
    ...algorithms,
  ]);
  const hashes = withOwn(
    provider.hashes,
    Array.from(suites, (each) => each.hash),
  );
  const own = ownKems(kemSchemes);
  const kems = own.length === 0 ? provider.kems : { ...provider.kems, ...Object.fromEntries(own) };
  const isAsItWas =
    signatures === provider.signatures && hashes === provider.hashes && kems === provider.kems;
  if (isAsItWas) return provider;
  const makers = new Map<string, Maker>([
    ...Object.values(signatures).flatMap(({ keyTypes, generateKey }) =>
      generateKey === undefined ? [] : keyTypes.map((type) => [type, generateKey] as const),
    ),
    ...own.flatMap(([type, { generateKey }]) =>
      generateKey === undefined ? [] : [[type, generateKey] as const],
    ),
  ]);
  return {
    name,
    random,
    hashes,
    aeads,
    kems,
    signatures,
    generateKey(type) {
      const make = makers.get(type);
      return make === undefined ? provider.generateKey(type) : { ...make(random), type };
    },
  };
}

type Maker = NonNullable<SignatureAlgorithm["generateKey"]>;

/** By the type of their keys; those that have a name are slots of every provider. */
const ownKems = (schemes: Iterable<KemScheme>): (readonly [type: Oid, kem: Kem])[] =>
  Array.from(schemes).flatMap(({ keyType, hpke: { kem } }) =>
    typeof kem.kem === "string" ? [] : [[keyType as Oid, kem.kem] as const],
  );

/** The same slots where there is nothing to add. */
function withOwn<S extends { readonly name: string }, Slots extends Readonly<Record<string, S>>>(
  slots: Slots,
  parts: readonly (string | S)[],
): Slots {
  const added = parts.filter((part) => typeof part !== "string" && slots[part.name] !== part);
  if (added.length === 0) return slots;
  return { ...slots, ...Object.fromEntries((added as S[]).map((part) => [part.name, part])) };
}
