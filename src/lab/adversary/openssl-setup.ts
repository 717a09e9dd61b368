/** What of a scenario OpenSSL can be told, and how. */
import { flags, type Flags } from "../../peers/openssl.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { standardSuites } from "./laboratory.ts";
import type { AttackScenario } from "./scenario.ts";
import { type EndPlan, endPlanOf } from "../plan/plan.ts";

/** Where s_server and s_client find things, and put them. */
export interface OpensslFiles {
  /** Of the laboratory's CA. */
  readonly ca: string;
  /** Certificate and key by who has them: `client`, or a server's `credential`. */
  readonly cert: (who: string) => string;
  readonly key: (who: string) => string;
  readonly keyLog: string;
  readonly session: string;
  readonly earlyData: string;
}

const unknownToBoth = {
  policy: "OpenSSL has no policies",
  recordSizeLimit: "OpenSSL 3.5 does not have record_size_limit",
  schemes: "signature schemes are not translated",
  certificateSchemes: "signature schemes are not translated",
  compression: "OpenSSL does not compress without compressing",
  rawKeys: "raw public keys are not asked for",
  records: "OpenSSL says its data in one record",
  keyContext: "OpenSSL does not import keys",
  lax: "OpenSSL keeps to what a session was made for",
  chain: "a plan's own chain is in no file",
  authKem: "OpenSSL has no AuthKEM",
  promise: "OpenSSL promises nothing of its certificates",
} as const;

/** What OpenSSL has no option for; what is absent can be said, or is a matter of our end. */
const untold: Readonly<Record<Role, Partial<Record<keyof EndPlan, string>>>> = {
  server: {
    ...unknownToBoth,
    preference: "the preference of OpenSSL is its own",
    laterRequests: "requests after the handshake are not asked for",
    clockOffset: "the clock of OpenSSL cannot be set",
  },
  client: {
    ...unknownToBoth,
    laterRequests: "answers after the handshake are not asked for",
    history: "OpenSSL has no memory of earlier connections",
  },
};

/** Why a scenario cannot be run with OpenSSL as that end; `undefined` if it can. */
export function whyNot(scenario: AttackScenario, role: Role): string | undefined {
  if (scenario.malicious !== undefined) return "a malicious end is one of two ends of ours";
  if (role === "client" && scenario.lost !== undefined) return untold.client.history;
  if (role === "server" && scenario.replayTo !== undefined) {
    return "OpenSSL keeps its tickets to itself";
  }
  const { earlier } = scenario;
  const setup = endPlanOf(scenario, role);
  if (role === "server" && typeof earlier === "object") {
    if (earlier.promise !== undefined) return untold.server.promise;
    if (earlier.earlyData !== undefined) {
      return "OpenSSL takes early data in all connections or in none";
    }
  }
  if (setup.credential === "raw-key") return unknownToBoth.rawKeys;
  const ours = endPlanOf(scenario, otherRole(role));
  // Time that passes for both is a matter of our end, which holds the session
  const isTold = (name: keyof EndPlan) =>
    name === "clockOffset" && setup.clockOffset === ours.clockOffset;
  const names = (Object.keys(setup) as (keyof EndPlan)[]).filter((name) => !isTold(name));
  return names.map((name) => untold[role][name]).find((reason) => reason !== undefined);
}

/**
 * Of s_server.
 *
 * @param time of certificates, in milliseconds since the epoch
 * @param earlier what was different in an earlier connection to the same server
 */
export function serverArguments(
  files: OpensslFiles,
  setup: EndPlan,
  time: number,
  earlier: EndPlan = {},
): string[] {
  const { alpn, clientAuthentication, credential = "own", externalKey, earlyData } = setup;
  // SNI chooses between two certificates, if the earlier connection had another
  const other = earlier.serverName === undefined ? undefined : earlier.credential;
  return [
    "s_server",
    ...flags({
      ...commonFlags(files, time),
      accept: "127.0.0.1:0",
      cert: files.cert(credential),
      key: files.key(credential),
      servername: other && earlier.serverName,
      cert2: other && files.cert(other),
      key2: other && files.key(other),
      groups: setup.groups?.join(":"),
      ciphersuites: (setup.suites ?? standardSuites).join(":"),
      num_tickets: setup.tickets ? 1 : 0,
      alpn: alpn?.join(","),
      allow_no_dhe_kex: setup.allowPskOnly,
      stateless: setup.retryCookie,
      Verify: clientAuthentication === "require" ? 1 : undefined,
      verify: clientAuthentication === "request" ? 1 : undefined,
      verify_return_error: clientAuthentication === "require",
      ...externalFlags(externalKey),
      early_data: earlyData !== undefined,
      max_early_data: earlyData,
    }),
  ];
}

/** Of s_client, for one connection, with a session if one was kept before. */
export function clientArguments(
  files: OpensslFiles,
  setup: EndPlan,
  connection: {
    readonly port: number;
    /** As for the server. */
    readonly time: number;
    readonly name: string;
    readonly resumes: boolean;
  },
): string[] {
  const { port, time, name, resumes } = connection;
  const { alpn, externalKey, earlyData, serverName = name, groups = [], shares = [] } = setup;
  return [
    "s_client",
    ...flags({
      ...commonFlags(files, time),
      connect: `127.0.0.1:${port}`,
      servername: serverName,
      verify_hostname: serverName,
      verify_return_error: true,
      cert: files.cert("client"),
      key: files.key("client"),
      // An asterisk asks for a share
      groups: groups.map((group) => (shares.includes(group) ? `*${group}` : group)).join(":"),
      ciphersuites: (setup.suites ?? standardSuites).join(":"),
      sess_in: resumes && files.session,
      sess_out: !resumes && files.session,
      alpn: alpn?.join(","),
      allow_no_dhe_kex: setup.allowPskOnly,
      no_middlebox: setup.middleboxCompatibility === false,
      ...externalFlags(externalKey),
      early_data: resumes && earlyData !== undefined && files.earlyData,
    }),
  ];
}

const commonFlags = ({ keyLog, ca }: OpensslFiles, time: number): Flags => ({
  tls1_3: true,
  attime: time / 1000,
  keylogfile: keyLog,
  CAfile: ca,
});

const externalFlags = (key: string | undefined): Flags => ({
  psk: key,
  psk_identity: key && "an external key",
});
