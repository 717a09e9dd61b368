import { checkCodePoint, failing } from "../crypto/code-point.ts";
import {
  type Kem,
  type KemName,
  kemParameters,
  type KemParameters,
  type Provider,
} from "../crypto/index.ts";

/**
 * A key-exchange group: a name, a code point, and the KEMs of which it is made. Their order is the
 * layout of both shares and of the secret: plain concatenation (RFC 9954 §3.2–3.3, RFC 10024 §4).
 */
export interface Group {
  /** IANA's name, or one of the caller's own. */
  readonly name: string;
  /** NamedGroup (RFC 9846 §4.3.7). */
  readonly code: number;
  /** The provider's by name; a KEM object is used as it is. */
  readonly kems: readonly (KemName | Kem)[];
  /** Specified by an individual draft only. */
  readonly draft?: true;
}

/** Sizes in bytes. */
export interface ShareSizes {
  /** key_exchange of the client's KeyShareEntry. */
  readonly client: number;
  /** key_exchange of the server's KeyShareEntry. */
  readonly server: number;
  /** The shared secret: those of all components together. */
  readonly secret: number;
}

/**
 * Checks and freezes a group of the caller's own.
 * @throws RangeError that says which rule the definition breaks
 */
export function defineGroup(definition: Group): Group {
  checkGroup(definition);
  return Object.freeze({ ...definition, kems: Object.freeze([...definition.kems]) });
}

/** @throws RangeError as {@link defineGroup} */
export function checkGroup({ name, code, kems }: Group): void {
  const fail = failing("group", name);
  checkCodePoint(fail, name, code);
  if (kems.length === 0) fail("it has no KEM");
  for (const kem of kems) {
    if (typeof kem === "string" && !Object.hasOwn(kemParameters, kem)) {
      fail(`no provider has the KEM ${JSON.stringify(kem)}; give a Kem object`);
    }
  }
  const { client, server } = sumOf(kems.map(parametersOf));
  for (const [side, length] of Object.entries({ client, server })) {
    // RFC 9846 §4.3.8: opaque key_exchange<1..2^16-1>
    if (length < 1 || length > 0xffff) {
      fail(`the ${side} share must have 1 to 65535 bytes, not ${length}`);
    }
  }
}

/** At least one component is believed to withstand a quantum computer. */
export const isPostQuantum = (group: Group): boolean =>
  group.kems.some((kem) => parametersOf(kem).postQuantum);

/** The security category of its strongest component; 0: classical. */
export const groupCategory = (group: Group): number =>
  Math.max(
    ...group.kems.map((kem) => {
      const { postQuantum, category = 1 } = parametersOf(kem);
      return postQuantum ? category : 0;
    }),
  );

/** More than one component (RFC 9954). */
export const isHybrid = (group: Group): boolean => group.kems.length > 1;

/** The sizes on the wire and of the secret, which follow from the parts. */
export const shareSizes = (group: Group, provider: Provider): ShareSizes =>
  sumOf(kemsOf(group, provider));

/** The group's KEMs, in its order. */
export const kemsOf = (group: Group, provider: Provider): readonly Kem[] =>
  group.kems.map((kem) => (typeof kem === "string" ? provider.kems[kem] : kem));

/** Whether the provider has its KEMs: it may lack some. */
export const hasKems = ({ kems }: Group, provider: Provider): boolean =>
  kems.every((kem) => typeof kem !== "string" || Object.hasOwn(provider.kems, kem));

const parametersOf = (kem: KemName | Kem): KemParameters =>
  typeof kem === "string" ? kemParameters[kem] : kem;

function sumOf(kems: readonly KemParameters[]): ShareSizes {
  const sum = (size: (kem: KemParameters) => number): number =>
    kems.reduce((total, kem) => total + size(kem), 0);
  return {
    client: sum((kem) => kem.publicKeyLength),
    server: sum((kem) => kem.ciphertextLength),
    secret: sum((kem) => kem.sharedSecretLength),
  };
}
