import type { Oid, SignatureName, SubjectKeyType } from "./provider.ts";
import { type AuthenticationScheme, type KemScheme, kemSchemes } from "./kem-scheme.ts";
import { knownSchemes, type Scheme, signatureNameIn } from "./scheme.ts";

/**
 * The schemes that have a meaning for one configuration: those that have a name, and its own. It is made once, and
 * asked for what a name, a code point, or an algorithm in a certificate stands for.
 */
export class SchemeTable {
  readonly #byName: ReadonlyMap<string, Scheme>;
  readonly #byCode: ReadonlyMap<number, Scheme>;
  readonly #bySignature = new Map<string, Scheme[]>();
  readonly #byKeyType = new Map<string, Scheme[]>();

  readonly #kems: readonly KemScheme[];

  /**
   * @param schemes of two with one name or code point the last counts
   * @param kems by which a peer may authenticate; of two with one name the first counts
   */
  constructor(schemes: Iterable<Scheme>, kems: readonly KemScheme[] = kemSchemes) {
    const all = [...schemes];
    this.#kems = kems;
    this.#byName = new Map(all.map((scheme) => [scheme.name, scheme]));
    this.#byCode = new Map(all.map((scheme) => [scheme.code, scheme]));
    for (const scheme of all) {
      push(this.#bySignature, signatureNameIn(scheme), scheme);
      push(this.#byKeyType, scheme.keyType, scheme);
    }
  }

  /** The scheme that signs and has this name. */
  byName(name: string): Scheme | undefined {
    return this.#byName.get(name);
  }

  /** Also one that does not sign. */
  anyByName(name: string): AuthenticationScheme | undefined {
    return this.byName(name) ?? this.#kems.find((scheme) => scheme.name === name);
  }

  /** The scheme that signs and has this code point (SignatureScheme, RFC 9846 §4.3.3). */
  byCode(code: number): Scheme | undefined {
    return this.#byCode.get(code);
  }

  /** Those that sign with this algorithm: one for each type of key that can. */
  bySignature(name: SignatureName | Oid): readonly Scheme[] {
    return this.#bySignature.get(name) ?? [];
  }

  /** Those that a key of this type can sign with: none, if it is one for encapsulation. */
  byKeyType(type: SubjectKeyType): readonly Scheme[] {
    return this.#byKeyType.get(type) ?? [];
  }

  /** How a key of this type can prove itself, by a signature or by a KEM. */
  provingBy(type: SubjectKeyType): readonly AuthenticationScheme[] {
    return [...this.byKeyType(type), ...this.#kems.filter(({ keyType }) => keyType === type)];
  }
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** All schemes that have a name, and nothing else. */
export const namedSchemes = new SchemeTable(knownSchemes);
