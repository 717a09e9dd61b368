/** From the runner's flags to the options of a connection. */
import type { ClientOptions, CommonOptions, ServerOptions } from "../../../src/connection/index.ts";
import { type Provider, type Scheme, namedSchemes } from "../../../src/crypto/index.ts";
import { native } from "../../../src/crypto/native.ts";
import { type Group, groups, predictShares } from "../../../src/groups/index.ts";
import {
  type CertificateCompressor,
  importPsk,
  MemoryReplayGuard,
  type OfferedPsk,
  sealedTickets,
  TicketKeys,
} from "../../../src/handshake/index.ts";
import type { Policy } from "../../../src/policy/index.ts";
import { CertificateType, TlsError } from "../../../src/registry/index.ts";
import { concat, equal } from "../../../src/wire/index.ts";
import { complianceOf } from "./compliance.ts";
import { credentialsOf, type Selection } from "./credentials.ts";
import { type CredentialFlags, type Flags, Unimplemented } from "./flags.ts";

export const provider: Provider = native;

/** BoringSSL's defaults, on which the runner's expectations rest. */
const defaultGroups = [0x11ec, 29, 23, 24];
const defaultSchemes = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
const maxEarlyData = 14_336;

/** What outlives one connection of a test. */
export interface Memory {
  readonly tickets: ReturnType<typeof sealedTickets>;
  readonly replayGuard: MemoryReplayGuard;
  /** The clock stands still, but for what the runner asks: it expects exact ages. */
  now: number;
}

export function createMemory(): Memory {
  const clock = { now: Date.now() };
  return Object.assign(clock, {
    tickets: sealedTickets(new TicketKeys(provider)),
    replayGuard: new MemoryReplayGuard(() => clock.now),
  });
}

/** What verification saw, for the expectations. */
export interface Seen extends Selection {
  ocspResponse: Uint8Array | undefined;
  signedCertificateTimestamps: readonly Uint8Array[];
}

export function clientOptions(
  flags: Flags,
  memory: Memory,
  seen: Seen,
  afterRefusal: Flags,
): ClientOptions {
  const common = commonOptions(flags, memory, seen);
  const offered = common.groups as readonly Group[];
  return {
    ...common,
    ...(flags["host-name"] === undefined ? {} : { serverName: flags["host-name"] }),
    shares: predicted(flags, offered) ?? chosenShares(flags, offered),
    verifyServer: verification(flags["expect-reject-early-data"] ? afterRefusal : flags, seen),
    stapling: flags["enable-ocsp-stapling"] || flags["enable-signed-cert-timestamps"],
    alpn: wireNames(flags["advertise-alpn"]),
    ...(flags["enable-early-data"] ? { earlyData: "safe-to-replay" as const } : {}),
  };
}

export function serverOptions(flags: Flags, memory: Memory, seen: Seen): ServerOptions {
  const selected = flags["reject-alpn"] ? "\0nothing" : flags["select-alpn"];
  const asks = flags["require-any-client-certificate"] || flags["verify-peer"];
  return {
    ...commonOptions(flags, memory, seen),
    alpn: selected === undefined || selected === "" || flags["decline-alpn"] ? [] : [selected],
    // BoringSSL's servers always do
    grease: true,
    suitePreference: complianceOf(flags)?.suitePreference ?? "client",
    retry: "for-preferred",
    tolerateLegacyVersion: true,
    clientAuthentication: flags["require-any-client-certificate"]
      ? "require"
      : asks
        ? "request"
        : "none",
    verifyClient: verification(flags, seen),
    lookUpPsk: (identity) => externalKeysOf(flags).find((psk) => equal(psk.identity, identity)),
    ...(flags["no-ticket"] || flags["skip-ticket"] ? {} : { tickets: memory.tickets }),
    ...(flags["enable-early-data"]
      ? { earlyData: { maxSize: maxEarlyData, replayGuard: memory.replayGuard, window: 60_000 } }
      : {}),
  };
}

function commonOptions(flags: Flags, memory: Memory, seen: Seen): CommonOptions {
  const compliance = complianceOf(flags);
  const { policy } = compliance ?? {};
  const schemes = flags["verify-prefs"].length > 0 ? flags["verify-prefs"] : defaultSchemes;
  const accepted = flags["accepted-peer-cert-types"].map((code) =>
    code === CertificateType.RawPublicKey ? ("RawPublicKey" as const) : ("X509" as const),
  );
  return {
    provider,
    groups: groupsOf(flags.curves.length > 0 ? flags.curves : (codesOf(policy) ?? defaultGroups)),
    schemes: schemes.map((code) => schemeOf(code, flags.server)),
    ...(compliance === undefined ? {} : { policy: compliance.policy, suites: compliance.suites }),
    credentials: credentialsOf(flags, seen, provider),
    ...(accepted.length === 0 ? {} : { certificateTypes: accepted }),
    now: () => memory.now,
    certificateCompression: compressors(flags),
    limits: {
      skippedEarlyData: 16_384,
      ...(flags["max-cert-list"] === undefined ? {} : { handshakeMessage: flags["max-cert-list"] }),
    },
    grease: flags["enable-grease"],
    ...(flags["use-client-ca-list"] === undefined
      ? {}
      : { certificateAuthorities: names(flags["use-client-ca-list"]) }),
    ...(flags["max-send-fragment"] === undefined
      ? {}
      : { maxFragment: flags["max-send-fragment"] }),
  };
}

/** Groups of a policy that names them. */
const codesOf = (policy: Policy | undefined): number[] | undefined =>
  typeof policy?.groups === "object"
    ? policy.groups.map((name) => groups.find((group) => group.name === name)!.code)
    : undefined;

const groupsOf = (codes: readonly number[]): Group[] =>
  codes.map((code) => {
    const group = groups.find((entry) => entry.code === code);
    if (group === undefined) throw new Unimplemented(`group ${code}`);
    return group;
  });

function chosenShares(flags: Flags, offered: readonly Group[]): readonly Group[] {
  if (flags["no-key-shares"]) return [];
  const wanted = flags["key-shares"];
  return wanted.length === 0 ? defaultShares(offered) : groupsOf(wanted);
}

/** What a server announced that it supports (draft-ietf-tls-key-share-prediction). */
function predicted(flags: Flags, offered: readonly Group[]): readonly Group[] | undefined {
  const hint = flags["server-supported-groups-hint"];
  if (hint.length === 0) return undefined;
  return predictShares(offered, Uint8Array.from(hint.flatMap((code) => [code >> 8, code & 0xff])));
}

/** BoringSSL's: the first group, and the first of the other kind. */
function defaultShares(offered: readonly Group[]): Group[] {
  const [first] = offered;
  if (first === undefined) return [];
  const isHybrid = (group: Group): boolean =>
    group.kems.length > 1 || group.name.startsWith("MLKEM");
  const other = offered.find((group) => isHybrid(group) !== isHybrid(first));
  return other === undefined ? [first] : [first, other];
}

/** A scheme that this stack does not have, or offers to nobody, can still be offered; nobody can then use it. */
function schemeOf(code: number, isServer: boolean): Scheme {
  const known = namedSchemes.byCode(code);
  if (known !== undefined) {
    const { clientOnly, ...offered } = known;
    return isServer || clientOnly !== true ? known : { ...offered, inHandshake: false };
  }
  return {
    name: `0x${code.toString(16)}`,
    code,
    algorithm: "ecdsa_sha256",
    keyType: "secp256r1",
    inHandshake: false,
    postQuantum: false,
  };
}

/** External keys, imported for both hashes (RFC 9258). */
export const externalKeysOf = (flags: Flags): OfferedPsk[] => flags.credentials.flatMap(importedOf);

/** Which credential a key with this identity belongs to. */
export const credentialOfPsk = (flags: Flags, identity: Uint8Array): number =>
  flags.credentials.findIndex((entry) =>
    importedOf(entry).some((psk) => equal(psk.identity, identity)),
  );

function importedOf(entry: CredentialFlags): OfferedPsk[] {
  const secret = entry["psk-importer-key"];
  if (entry.type !== "psk" || secret === undefined) return [];
  const external = {
    secret,
    identity: entry["psk-importer-identity"] ?? new Uint8Array(0),
    context: entry["psk-importer-context"] ?? new Uint8Array(0),
    hash: entry["psk-importer-sha384"] ? ("sha384" as const) : ("sha256" as const),
  };
  return [importPsk(provider, external, "sha256"), importPsk(provider, external, "sha384")];
}

/** Without -verify-fail the runner only asks that the peer has its key. */
const verification =
  (flags: Flags, seen: Seen): NonNullable<ClientOptions["verifyServer"]> =>
  ({ chain, rawPublicKey, resumed, ocspResponse, signedCertificateTimestamps }) => {
    if (!resumed) Object.assign(seen, { ocspResponse, signedCertificateTimestamps });
    const isHard =
      flags["verify-peer"] || flags["use-custom-verify-callback"] || rawPublicKey !== undefined;
    if (flags["verify-fail"] && isHard && (!resumed || flags["reverify-on-resume"])) {
      const isCustom = flags["use-custom-verify-callback"] || rawPublicKey !== undefined;
      const code = isCustom ? "certificate_unknown" : "no_common_signature_scheme";
      throw new TlsError(code, "CERTIFICATE_VERIFY_FAILED");
    }
    // A client's OCSP callback looks at what was stapled, if anything was
    if (flags["fail-ocsp-callback"] && !flags.server) {
      throw new TlsError("bad_certificate_status", "the OCSP callback refuses");
    }
    return { chain, verified: undefined, rawPublicKey };
  };

/** `\x03foo\x03bar`, as on the wire. */
export function wireNames(list = ""): string[] {
  const found: string[] = [];
  for (let at = 0; at < list.length;) {
    const length = list.charCodeAt(at);
    found.push(list.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  return found;
}

/** Comma-separated distinguished names in hexadecimal. */
export const names = (list: string): Uint8Array[] =>
  list === "<EMPTY>" || list === "<NULL>"
    ? []
    : list.split(",").map((hex) => new Uint8Array(Buffer.from(hex, "hex")));

/** The runner's toy algorithms: one shrinks by two zero bytes, one adds four bytes, one a random byte. */
function compressors(flags: Flags): CertificateCompressor[] {
  const one = flags["install-one-cert-compression-alg"];
  if (one === undefined && !flags["install-cert-compression-algs"]) return [];
  const all: CertificateCompressor[] = [
    addsPrefix(0xff02, Uint8Array.of(1, 2, 3, 4)),
    {
      algorithm: 0xff01,
      compress: (data) => data.subarray(2),
      decompress: (data) => concat(new Uint8Array(2), data),
    },
    {
      algorithm: 0xff03,
      compress: (data) => concat(provider.random(1), data),
      decompress: (data) => data.subarray(1),
    },
  ];
  return one === undefined ? all : all.filter(({ algorithm }) => algorithm === one);
}

const addsPrefix = (algorithm: number, prefix: Uint8Array): CertificateCompressor => ({
  algorithm,
  compress: (data) => concat(prefix, data),
  decompress(data) {
    if (!prefix.every((byte, index) => data[index] === byte)) throw new Error("wrong prefix");
    return data.subarray(prefix.length);
  },
});
