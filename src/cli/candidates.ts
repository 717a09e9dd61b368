/** Candidates of liboqs and composites, which a command loads when a name or an identifier is theirs. */
import { Option } from "commander";
import { isOid, type KemScheme, noble, type Provider, type Scheme } from "../crypto/index.ts";
import { compositeNames, type CompositeName, compositeScheme } from "../identity/index.ts";
import { algorithmOf, defaultOqsLimits, findAlgorithm, loadOqs, type Oqs } from "../oqs/load.ts";
import { defaultLimits } from "../record/index.ts";
import { TlsError } from "../registry/index.ts";
import { UsageError } from "./errors.ts";
import { wholeNumber } from "./options.ts";

export interface CandidateOptions {
  /** Bytes of the longest public key that is taken. Default: `limits.publicKey` of `loadOqs`. */
  readonly maxKey?: number;
}

export const maxKeyOption = (): Option =>
  new Option(
    "--max-key <bytes>",
    `the longest public key of a candidate; default: ${defaultOqsLimits.publicKey}`,
  ).argParser(wholeNumber(1, 0xff_ffff));

/** What both ends of a handshake need to take a chain of such keys: a root, an intermediate and a leaf. */
export const roomFor = ({ maxKey }: CandidateOptions) =>
  maxKey === undefined
    ? {}
    : { limits: { handshakeMessage: defaultLimits.handshakeMessage + 3 * maxKey } };

/** @throws UsageError for a name that is none, a key that is too long, and a package that is not installed */
export async function loadCandidates(
  names: readonly string[],
  { maxKey = defaultOqsLimits.publicKey }: CandidateOptions,
): Promise<Oqs> {
  return asUsage(() => {
    for (const { name, publicKey } of names.map(algorithmOf)) {
      if (publicKey <= maxKey) continue;
      throw new UsageError(
        `${name} has a public key of ${publicKey} bytes, and limits.publicKey is ${maxKey}; give --max-key ${publicKey}`,
      );
    }
    return loadOqs(names, { limits: { publicKey: maxKey } });
  });
}

/** What a caller did wrong is for the user to mend. */
export async function asUsage<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw error instanceof TlsError ? new UsageError(error.message) : error;
  }
}

/** Signature schemes of liboqs; Falcon is noble's where that is not installed. @throws UsageError */
export async function loadSchemes(
  names: readonly string[],
  options: CandidateOptions,
): Promise<readonly Scheme[]> {
  try {
    return (await loadCandidates(names, options)).schemes;
  } catch (error) {
    const { falconSchemes } = await import("../oqs/index.ts");
    const own = names.map((name) =>
      falconSchemes.find(({ keyType }) => findAlgorithm(keyType) === findAlgorithm(name)),
    );
    if (own.every((scheme) => scheme !== undefined)) return own;
    throw error;
  }
}

/** No code points are assigned to composites: in commands they stand here, in the order of their identifiers. */
const compositeCodes = 0xfe90;

export const compositeFor = (name: CompositeName, provider: Provider): Scheme =>
  compositeScheme(name, { code: compositeCodes + compositeNames.indexOf(name), provider });

/** What a type of key, or a signature, is called that certificates name by an identifier of a candidate. */
export const nameBehind = (type: string): string | undefined =>
  !isOid(type)
    ? undefined
    : (compositeNames.find((name) => compositeFor(name, noble).keyType === type) ??
      findAlgorithm(type)?.name);

/** Ways to prove oneself that are not registered. */
export interface OwnSchemes {
  readonly schemes: readonly Scheme[];
  readonly kemSchemes: readonly KemScheme[];
}

/**
 * The schemes behind types of keys, as certificates name them. What is registered needs none, and what nobody knows has
 * none: who needs it then says so. Nobody is asked how long a key may be that is there already.
 * @throws UsageError where liboqs is not installed
 */
export async function schemesBehind(
  types: Iterable<string>,
  provider: Provider,
): Promise<OwnSchemes> {
  const wanted = [...new Set(types)].filter(isOid);
  if (wanted.length === 0) return { schemes: [], kemSchemes: [] };
  const composites = compositeNames
    .map((name) => compositeFor(name, provider))
    .filter(({ keyType }) => wanted.some((type) => type === keyType));
  const any = { maxKey: Number.MAX_SAFE_INTEGER };
  const ofKind = (kind: string): string[] =>
    wanted.filter((type) => findAlgorithm(type)?.kind === kind);
  const [signing, encapsulating] = [ofKind("signature"), ofKind("kem")];
  return {
    schemes: [...composites, ...(signing.length === 0 ? [] : await loadSchemes(signing, any))],
    kemSchemes:
      encapsulating.length === 0 ? [] : (await loadCandidates(encapsulating, any)).kemSchemes,
  };
}
