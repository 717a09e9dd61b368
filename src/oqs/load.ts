import type { Kem, KemScheme, Scheme } from "../crypto/index.ts";
import { defineGroup, type Group } from "../groups/index.ts";
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";
import {
  absentFamilies,
  type OqsAlgorithm,
  oqsAlgorithms,
  type OqsKem,
  type OqsSignature,
} from "./catalogue.ts";
import { oqsKem, oqsKemScheme, oqsKemWithKeys } from "./kem.ts";
import { OqsModule } from "./module.ts";
import { findPackage } from "./package.ts";
import { schemeOf } from "./signature.ts";

/** What one may take of liboqs. */
export interface OqsLimits {
  /** Bytes of a public key: each goes over the wire whole, and a peer chooses its own. Default: 100 000. */
  readonly publicKey: number;
}

/** How to load. */
export interface OqsOptions {
  /** The package's folder, for pages without an import map. Default: where `@oqs/liboqs-js` is found. */
  readonly from?: string | URL;
  /** What a module may use; what is left out is as in {@link OqsLimits}. */
  readonly limits?: Partial<OqsLimits>;
}

/** An algorithm that was loaded, as reports say it. */
export interface LoadedAlgorithm {
  /** As liboqs calls it. */
  readonly name: string;
  /** What liboqs says of its source: a standard, a round of a competition, a commit. */
  readonly version: string;
  /** The claimed security category: 1 to 5. */
  readonly category: number;
}

/** Algorithms of liboqs as values. */
export interface Oqs {
  /** The version of `@oqs/liboqs-js`, whose first two numbers are liboqs's. */
  readonly version: string;
  /** All that were loaded. */
  readonly algorithms: readonly LoadedAlgorithm[];
  /** Its KEMs. */
  readonly kems: readonly Kem[];
  /** Each KEM alone, and in the hybrids that oqs-provider names: classical part first, plain concatenation. */
  readonly groups: readonly Group[];
  /** One for each KEM, by which its keys in certificates authenticate (AuthKEM): `kem_hqc128`. ML-KEM's are registered. */
  readonly kemSchemes: readonly KemScheme[];
  /** One for each signature algorithm, but for the standardized ones: these are slots of `oqsProvider()`. */
  readonly schemes: readonly Scheme[];
  /** Overwrites the memory of all modules and lets go of them. What was made of them throws from then on. */
  release(): void;
}

/** In force where `limits` says nothing else. */
export const defaultOqsLimits: OqsLimits = { publicKey: 100_000 };

export const oqsTable = {
  from: check.nameOr(check.text, check.like("a folder: a string or a URL", "href")),
  limits: check.options({ publicKey: check.whole(1) }),
} satisfies check.OptionTable<OqsOptions>;

/**
 * Loads algorithms of liboqs, one module of WebAssembly for each: 5 to 85 ms and 8.5 MB.
 * @param names of algorithms (`HQC-128`), groups (`x25519_hqc128`) or schemes (`falcon512`, `kem_hqc128`), or the object
 *   identifiers of keys; case does not matter
 * @throws TlsError `misuse` for a name that is none, a public key beyond `limits.publicKey`, and a package that is not
 *   installed or not whole
 */
export async function loadOqs(names: readonly string[], options: OqsOptions = {}): Promise<Oqs> {
  check.checkOptions("loadOqs", options, oqsTable);
  const wanted = new Set(names.map(algorithmOf));
  const { version, modules } = await loadModules([...wanted], options);
  const kems = modules.flatMap((module) => (isKem(module) ? [{ module, kem: kemOf(module) }] : []));
  const signatures = modules.filter((module) => !isKem(module)) as OqsModule<OqsSignature>[];
  return Object.freeze({
    version,
    algorithms: modules.map((module) => ({
      name: module.algorithm.name,
      version: module.version,
      category: module.algorithm.level,
    })),
    kems: kems.map(({ kem }) => kem),
    groups: kems.flatMap(({ module, kem }) =>
      module.algorithm.groups.map(({ name, code, classical }) =>
        defineGroup({ name, code, kems: classical === undefined ? [kem] : [classical, kem] }),
      ),
    ),
    kemSchemes: kems.flatMap(({ module: { algorithm }, kem }) =>
      algorithm.standard === true ? [] : [oqsKemScheme(algorithm, kem)],
    ),
    schemes: signatures.flatMap((module) =>
      module.algorithm.standard === true ? [] : [schemeOf(module)],
    ),
    release() {
      for (const module of modules) module.release();
    },
  });
}

/** ML-KEM's keys have forms of their own (RFC 9935), which the provider's slots know. */
const kemOf = (module: OqsModule<OqsKem>): Kem =>
  module.algorithm.standard === true ? oqsKem(module) : oqsKemWithKeys(module);

/**
 * The algorithm that is called so, or that a group or scheme of this name is made with.
 * @throws TlsError `misuse` that tells what the package lacks from what nobody knows
 */
export function algorithmOf(name: string): OqsAlgorithm {
  const found = findAlgorithm(name);
  if (found !== undefined) return found;
  const family = absentFamilyOf(name);
  throw new TlsError(
    "misuse",
    family === undefined
      ? `liboqs has no algorithm ${JSON.stringify(name)}`
      : `${family} is not in @oqs/liboqs-js: installing that would not help`,
    {
      expected: "a name that oqsAlgorithms lists",
      received: `${JSON.stringify(name)}${check.meant(name, namesOfAll())}`,
    },
  );
}

/** Whether liboqs has or had it, and the package has not. */
export const isAbsent = (name: string): boolean => absentFamilyOf(name) !== undefined;

const absentFamilyOf = (name: string): string | undefined =>
  absentFamilies.find((each) => name.toLowerCase().includes(each.toLowerCase()));

/** As {@link algorithmOf}; `undefined` where there is none. */
export function findAlgorithm(name: string): OqsAlgorithm | undefined {
  const wanted = name.toLowerCase();
  return oqsAlgorithms.find((algorithm) =>
    namesOf(algorithm).some((known) => known.toLowerCase() === wanted),
  );
}

/** What an algorithm answers to: its own names, and those of what TLS makes of it. */
function namesOf(algorithm: OqsAlgorithm): readonly string[] {
  const { name, identifier } = algorithm;
  const names = [name, identifier];
  if (algorithm.kind === "kem") names.push(...algorithm.groups.map((group) => group.name));
  // What has a registered name is not liboqs's under that
  if (algorithm.standard === true) return names;
  const { scheme, oid } = algorithm.kind === "kem" ? algorithm.authentication : algorithm;
  return [...names, scheme, oid];
}

const namesOfAll = (): readonly string[] => oqsAlgorithms.flatMap(namesOf);

export const isKem = (module: OqsModule): module is OqsModule<OqsKem> =>
  module.algorithm.kind === "kem";

/** Loads all, or lets go of all. @throws TlsError `misuse` */
export async function loadModules(
  algorithms: readonly OqsAlgorithm[],
  { from, limits }: OqsOptions,
): Promise<{ readonly version: string; readonly modules: readonly OqsModule[] }> {
  const most = limits?.publicKey ?? defaultOqsLimits.publicKey;
  for (const { name, publicKey } of algorithms) {
    if (publicKey <= most) continue;
    throw new TlsError("misuse", `a public key of ${name} is longer than limits.publicKey allows`, {
      expected: `at most ${most} bytes`,
      received: `${publicKey} bytes`,
    });
  }
  const installed = await findPackage(from);
  const loading = await Promise.allSettled(
    algorithms.map((algorithm) => OqsModule.load(algorithm, installed)),
  );
  const modules = loading.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const failed = loading.find((each) => each.status === "rejected");
  if (failed === undefined) return { version: installed.version, modules };
  for (const module of modules) module.release();
  throw failed.reason;
}
