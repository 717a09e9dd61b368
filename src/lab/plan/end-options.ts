/** The one place that makes the options of an end from a plan. */
import type { ClientOptions, CommonOptions, ServerOptions } from "../../connection/index.ts";
import type { CertificateCompressor, ReplayGuard } from "../../handshake/index.ts";
import { policies } from "../../policy/index.ts";
import { CertificateCompressionAlgorithm } from "../../registry/index.ts";
import type { EndPlan } from "./plan.ts";

/** What no data can hold: values, and what the names of a plan stand for. */
type Given = Required<Pick<CommonOptions, "provider" | "trust" | "now" | "credentials">> &
  Pick<CommonOptions, "keyLog" | "observer" | "readCertificate" | "cache" | "padding"> & {
    /** Values for names that are not registered, or are to be others. Default: the registered. */
    readonly named?: {
      readonly groups?: (name: string) => NonNullable<CommonOptions["groups"]>[number];
      readonly suites?: CommonOptions["suites"];
      readonly schemes?: CommonOptions["schemes"];
    };
  };

export type ClientParts = Given &
  Pick<ClientOptions, "history" | "trustedKeys" | "pqcContinuity"> & {
    readonly psks: NonNullable<ClientOptions["psks"]>;
    /** Of the chain of which the plan says that its key is known before. */
    readonly storedKey?: NonNullable<ClientOptions["authKem"]>["storedKey"] | undefined;
    /** Where the plan says none. */
    readonly serverName: string;
  };

export type ServerParts = Given &
  Pick<ServerOptions, "tickets" | "lookUpPsk"> & {
    /** For early data. */
    readonly replayGuard?: ReplayGuard;
  };

export function clientOptions(plan: EndPlan, parts: ClientParts): ClientOptions {
  const groupOf = parts.named?.groups ?? ((name) => name);
  return {
    ...commonOptions(plan, parts),
    serverName: plan.serverName ?? parts.serverName,
    psks: parts.psks,
    postHandshakeAuthentication: plan.laterRequests !== undefined,
    credentials: plan.anonymous ? [] : parts.credentials,
    ...only({
      shares: plan.shares?.map(groupOf),
      earlyData: plan.earlyData === undefined ? undefined : ("safe-to-replay" as const),
      history: plan.history ? parts.history : undefined,
      pqcContinuity: plan.promise === undefined ? undefined : parts.pqcContinuity,
      authKem:
        parts.storedKey === undefined
          ? undefined
          : { storedKey: parts.storedKey, presentEarly: plan.presentEarly ?? false },
      trustedKeys: plan.rawKeys ? parts.trustedKeys : undefined,
    }),
  };
}

export function serverOptions(plan: EndPlan, parts: ServerParts): ServerOptions {
  const { earlyData: maxSize, preference } = plan;
  const { replayGuard } = parts;
  return {
    ...commonOptions(plan, parts),
    credentials: parts.credentials,
    ...only({
      clientAuthentication: plan.clientAuthentication,
      pqcCommitment: plan.promise === undefined ? undefined : { period: plan.promise },
      retry: plan.retry,
      retryCookie: plan.retryCookie,
      suitePreference: preference,
      groupPreference: preference,
      tickets: plan.tickets ? parts.tickets : undefined,
      earlyData:
        maxSize === undefined || replayGuard === undefined ? undefined : { maxSize, replayGuard },
      lookUpPsk: parts.lookUpPsk,
    }),
  };
}

function commonOptions(plan: EndPlan, parts: Given): CommonOptions {
  const { policy } = plan;
  return {
    provider: parts.provider,
    trust: parts.trust,
    now: parts.now,
    ...only({
      keyLog: parts.keyLog,
      observer: parts.observer,
      readCertificate: parts.readCertificate,
      cache: parts.cache,
      padding: parts.padding,
      groups: plan.groups?.map(parts.named?.groups ?? ((name) => name)),
      suites: plan.suites?.map((name) => valueOf(parts.named?.suites, name)),
      schemes: plan.schemes?.map((name) => valueOf(parts.named?.schemes, name)),
      certificateSchemes: plan.certificateSchemes,
      delegatedSchemes: plan.delegatedSchemes,
      alpn: plan.alpn,
      policy:
        typeof policy === "object"
          ? { ...policies.compatible, name: "of the scenario", ...policy }
          : policy,
      grease: plan.grease,
      middleboxCompatibility: plan.middleboxCompatibility,
      maxFragment: plan.maxFragment,
      recordSizeLimit: plan.recordSizeLimit,
      allowPskOnly: plan.allowPskOnly,
      certificateCompression: plan.compression && [uncompressing],
      authKem: plan.authKem && {},
    }),
  };
}

const valueOf = <T extends { readonly name: string }>(
  values: readonly (string | T)[] | undefined,
  name: string,
): string | T => values?.find((value) => typeof value !== "string" && value.name === name) ?? name;

/** An option that is not there is not given: `undefined` would be a value. */
function only<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Says what it is given, as zlib's name: what is compressed is a matter of the other end alone. */
const uncompressing: CertificateCompressor = {
  algorithm: CertificateCompressionAlgorithm.zlib,
  compress: (data) => data,
  decompress(data, maxLength) {
    if (data.length > maxLength) throw new RangeError("it is longer than it says");
    return data;
  },
};
