/** What of a scenario the `openssl` tool is told: by its peer file, and by flags that no other peer needs. */
import { type CommandFiles, lacking } from "../../peers/command.ts";
import { openssl } from "../../peers/known/openssl.ts";
import { type Flags, opensslArguments } from "../../peers/openssl.ts";
import type { EndSetup } from "../../peers/setup.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { labName, labTime } from "./lab-pki.ts";
import type { AttackScenario } from "./scenario.ts";
import { type EndPlan, endPlanOf } from "../plan/plan.ts";

/** Where s_server and s_client find things, and put them. */
export interface OpensslFiles {
  /** Of the laboratory's CA. */
  readonly ca: string;
  /** Certificate and key by who has them: `client`, or a server's `credential`. */
  readonly cert: (who: string) => string;
  readonly key: (who: string) => string;
  /** The certificates between that of a server and the root's, where there are some. */
  readonly chain: (who: string) => string | undefined;
  readonly keyLog: string;
  readonly session: string;
  readonly early: string;
}

/** What the tool is told of a plan. */
interface Told {
  readonly setup: EndSetup;
  readonly flags: Flags;
}

/** For every field of a plan what the tool is told of its value, or why it cannot be told. */
type Telling = {
  readonly [Field in keyof EndPlan]-?: (
    value: NonNullable<EndPlan[Field]>,
  ) => Partial<Told> | string;
};

/** A matter of the other end, of its files, or of what is typed later. */
const nothing = () => ({});
/** It says less than the plan has it say; steps that find nothing to change then are reported by themselves. */
const without = nothing;
const cannot = (why: string) => () => why;
const undelegated = "OpenSSL has no delegated credentials";

const alike = {
  groups: (groups) => ({ setup: { groups } }),
  suites: (suites) => ({ setup: { suites } }),
  alpn: (alpn) => ({ setup: { alpn } }),
  recordSizeLimit: (recordSizeLimit) => ({ setup: { recordSizeLimit } }),
  allowPskOnly: () => ({ flags: { allow_no_dhe_kex: true } }),
  externalKey: (psk) => ({ flags: { psk, psk_identity: "an external key" } }),
  middleboxCompatibility: (isWanted) => ({ flags: { no_middlebox: !isWanted } }),
  grease: without,
  // Less it does not take
  maxFragment: (bytes) => ({ flags: { max_send_frag: Math.max(bytes, 512) } }),
  credential: (name) => {
    if (name === "raw-key") return "raw public keys are not asked for";
    return name.startsWith("delegating") ? undelegated : {};
  },
  updateKeys: nothing,
  close: nothing,
  policy: (policy) => (policy === "compatible" ? {} : "OpenSSL has no policies"),
  schemes: cannot("signature schemes are not translated"),
  certificateSchemes: cannot("signature schemes are not translated"),
  compression: cannot("OpenSSL does not compress without compressing"),
  rawKeys: cannot("raw public keys are not asked for"),
  delegatedSchemes: cannot(undelegated),
  records: cannot("OpenSSL says its data in one record"),
  keyContext: cannot("OpenSSL does not import keys"),
  lax: cannot("OpenSSL keeps to what a session was made for"),
  chain: cannot("a plan's own chain is in no file"),
  authKem: cannot("OpenSSL has no AuthKEM"),
  storedKey: cannot("OpenSSL has no AuthKEM"),
  presentEarly: cannot("OpenSSL has no AuthKEM"),
  promise: cannot("OpenSSL promises nothing of its certificates"),
  clockOffset: cannot("the clock of OpenSSL cannot be set"),
} satisfies Partial<Telling>;

const telling: Readonly<Record<Role, Telling>> = {
  server: {
    ...alike,
    tickets: (isMade) => (isMade ? { setup: { resumption: true } } : {}),
    retryCookie: (isSent) => (isSent ? { setup: { retryCookie: true } } : {}),
    clientAuthentication: (how) => {
      if (how === "require") return { setup: { clientAuthentication: true } };
      return how === "request" ? { flags: { verify: 1 } } : {};
    },
    earlyData: (bytes) => ({ setup: { earlyData: true }, flags: { max_early_data: bytes } }),
    preference: cannot("the preference of OpenSSL is its own"),
    retry: (when) =>
      when === "if-needed" ? {} : "OpenSSL asks for another share only where it can take none",
    laterRequests: cannot("requests after the handshake are not asked for"),
    anonymous: nothing,
    history: nothing,
    serverName: nothing,
    shares: nothing,
  },
  client: {
    ...alike,
    shares: (shares) => ({ setup: { shares } }),
    earlyData: () => ({ setup: { earlyData: true } }),
    laterRequests: cannot("answers after the handshake are not asked for"),
    history: cannot("OpenSSL has no memory of earlier connections"),
    anonymous: nothing,
    clientAuthentication: nothing,
    preference: nothing,
    retry: nothing,
    retryCookie: nothing,
    serverName: nothing,
    tickets: nothing,
  },
};

/** What an end of a plan is told; a reason if it cannot be. */
function toldOf(role: Role, plan: EndPlan): Told | string {
  // A client keeps its session, and signs if it is asked to
  const isSigning = role === "client" && plan.anonymous !== true;
  let setup: EndSetup = isSigning ? { clientCertificate: true } : {};
  if (role === "client") setup = { ...setup, resumption: true };
  let more: Flags = { attime: labTime / 1000 };
  for (const [field, value] of Object.entries(plan)) {
    if (value === undefined) continue;
    const tell = telling[role][field as keyof EndPlan] as (
      value: unknown,
    ) => Partial<Told> | string;
    const told = tell(value);
    if (typeof told === "string") return told;
    setup = { ...setup, ...told.setup };
    more = { ...more, ...told.flags };
  }
  return lacking(openssl, role, setup) ?? { setup, flags: more };
}

/** Why a scenario cannot be run with OpenSSL as that end; `undefined` if it can. */
export function whyNot(scenario: AttackScenario, role: Role): string | undefined {
  if (scenario.malicious !== undefined) return "a malicious end is one of two ends of ours";
  if (role === "client" && scenario.lost !== undefined) {
    return "OpenSSL has no memory of earlier connections";
  }
  if (role === "server" && scenario.replayTo !== undefined) {
    return "OpenSSL keeps its tickets to itself";
  }
  const { clockOffset, ...plan } = endPlanOf(scenario, role);
  // Time that passes for both is a matter of our end, which holds the session
  const passes = clockOffset === endPlanOf(scenario, otherRole(role)).clockOffset;
  const told = toldOf(role, passes || clockOffset === undefined ? plan : { ...plan, clockOffset });
  if (typeof told === "string") return told;
  return whyNotEarlier(scenario, role, plan);
}

function whyNotEarlier({ earlier }: AttackScenario, role: Role, plan: EndPlan): string | undefined {
  if (typeof earlier !== "object") return undefined;
  const { clockOffset: _, credential, ...different } = earlier;
  if (credential?.startsWith("delegating")) return undelegated;
  const told = toldOf(role, { ...plan, ...different });
  if (typeof told === "string") return told;
  if (role === "client" || !plan.tickets) return undefined;
  // It is one process, which has a second certificate for another name; what else it lacks ends the earlier connection
  if (earlier.earlyData !== undefined) {
    return "OpenSSL takes early data in all connections or in none";
  }
  return credential !== undefined && earlier.serverName === undefined
    ? "OpenSSL has another certificate only for another name"
    : undefined;
}

/**
 * Of s_server.
 *
 * @param earlier what was different in an earlier connection to the same server
 * @throws Error for what it cannot be told
 */
export function serverArguments(
  files: OpensslFiles,
  plan: EndPlan,
  earlier: EndPlan = {},
): string[] {
  const { credential = "own" } = plan;
  // SNI chooses between two certificates, if the earlier connection had another
  const other = earlier.serverName === undefined ? undefined : earlier.credential;
  const second: Flags = {
    cert_chain: files.chain(credential),
    servername: other && earlier.serverName,
    cert2: other && files.cert(other),
    key2: other && files.key(other),
  };
  const own = { certificate: files.cert(credential), key: files.key(credential) };
  return argumentsFor("server", plan, {
    connection: 0,
    files: { ...common(files), ...own },
    second,
  });
}

/**
 * Of s_client, for one connection, with a session if one was kept before.
 *
 * @throws Error for what it cannot be told
 */
export function clientArguments(
  files: OpensslFiles,
  plan: EndPlan,
  { port, resumes }: { readonly port: number; readonly resumes: boolean },
): string[] {
  const own: CommandFiles = {
    port: `${port}`,
    name: plan.serverName ?? labName,
    clientCertificate: files.cert("client"),
    clientKey: files.key("client"),
    session: files.session,
    early: files.early,
  };
  const connection = resumes ? 1 : 0;
  return argumentsFor("client", plan, { connection, files: { ...common(files), ...own } });
}

const common = ({ ca, keyLog }: OpensslFiles): CommandFiles => ({ ca, clientCa: ca, keyLog });

function argumentsFor(
  role: Role,
  plan: EndPlan,
  at: { readonly connection: number; readonly files: CommandFiles; readonly second?: Flags },
): string[] {
  // It is left to our end, or the scenario is not run
  const { clockOffset: _, ...rest } = plan;
  const told = toldOf(role, rest);
  if (typeof told === "string") throw new Error(told);
  const { files, connection, second = {} } = at;
  return opensslArguments(role, told.setup, {
    files,
    connection,
    more: { ...told.flags, ...second },
  });
}
