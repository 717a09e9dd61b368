import {
  type ClientOptions,
  type CommonOptions,
  type Connection,
  defaultVerification,
  judgeAgain,
  type JudgementOptions,
  type OwnClientOptions,
  prepareClient,
  prepareServer,
  type ServerIdentity,
  type ServerOptions,
} from "../../connection/index.ts";
import { native } from "../../crypto/native.ts";
import {
  isThenable,
  MemoryReplayGuard,
  type Negotiated,
  type PeerIdentity,
  type Tickets,
  type VerifyPeer,
} from "../../handshake/index.ts";
import {
  CertificateCache,
  createTrustStore,
  parseCrls,
  type TrustStore,
} from "../../identity/index.ts";
import { checkOptions } from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import {
  type ClientContextOptions,
  clientContextTable,
  type PemOptions,
  pemTable,
  refuseSynonyms,
  type ServerContextOptions,
  serverContextTable,
  synonyms,
} from "./context-options.ts";
import { credentialsOf, readable } from "./credentials.ts";
import { rootTrust } from "./root-certificates.ts";
import { byCallback } from "./sni.ts";
import { byIdentityCheck } from "./identity-check.ts";
import type { Wiring } from "./wiring.ts";
import { rotatingTickets } from "./tickets.ts";
import { isBytes } from "../../wire/index.ts";

/** What is the same for many connections: read and checked once, with certificates that were seen before. */
export interface SecureContext<O = ClientContextOptions | ServerContextOptions> {
  /**
   * Replaces some of the options, in one step: connections that begin from now on have the new ones, all
   * others end with what they began with. Tickets, early data's memory and read certificates stay, unless
   * they are what is replaced.
   * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work; the old ones stay
   */
  update(changes: Partial<O>): void;
  /** @internal whose connections it makes */
  readonly role: Role;
  /** @internal what was said, by now */
  given(): object;
  /** @internal */
  connection(wiring: Wiring, own?: OwnClientOptions): Connection;
  /** @internal who a server is by these options; @throws TypeError if they say more than that */
  identity(): ServerIdentity;
  /** @internal as `judgeAgain`, by the options of now */
  judge(
    negotiated: Negotiated,
    how: JudgementOptions,
    own?: OwnClientOptions,
  ): Promise<string | undefined>;
  /**
   * @internal what a judgement rests on, besides the time: where it is the same, so is the verdict. `undefined`:
   * nobody knows, since the caller judges.
   */
  grounds(): readonly unknown[] | undefined;
}

/**
 * Prepares a client's options for any number of connections.
 * @throws RangeError, TypeError or TlsError `misuse` for options that cannot work
 */
export function createSecureContext(
  options: ClientContextOptions = {},
): SecureContext<ClientContextOptions> {
  checkOptions("createSecureContext", options, clientContextTable);
  return contextOf("client", { options, completed: lasting }, preparedClient, prepareClient);
}

/** A client's context, or if more is said one for that as well. */
export const clientContext = (context: SecureContext, more: ClientContextOptions): SecureContext =>
  isEmpty(more)
    ? context
    : createSecureContext(merged<ClientContextOptions>(context.given(), more));

function preparedClient({ checkServerIdentity, ...options }: ClientContextOptions): ClientOptions {
  const { rejectUnauthorized, ...prepared } = inOurWords(options);
  const { trust, trustedKeys, verifyServer } = prepared;
  const saysWhom = (trust ?? trustedKeys ?? verifyServer) !== undefined;
  const client = saysWhom ? prepared : { ...prepared, trust: rootTrust() };
  const byCheck =
    checkServerIdentity &&
    byIdentityCheck(defaultVerification(client, { anyName: true })!, checkServerIdentity);
  const verify = byCheck ?? verifyServer;
  if (rejectUnauthorized === false) {
    return { ...client, verifyServer: tolerant(verify ?? defaultVerification(client)!) };
  }
  return verify === undefined ? client : { ...client, verifyServer: verify };
}

/** As {@link createSecureContext}, for a server. */
export function createServerContext(
  options: ServerContextOptions,
): SecureContext<ServerContextOptions> {
  checkOptions("createServerContext", options, serverContextTable);
  const completed = (given: ServerContextOptions) => ({ ...lasting(given), ...sessionsOf(given) });
  return contextOf("server", { options, completed }, preparedServer, prepareServer);
}

/**
 * A server's context, or if more is said one for that as well. In `node:tls` there is one kind of contexts: what a
 * client's says of certificates, keys and trust a server can be told.
 */
export const serverContext = (
  context: SecureContext | SecureContext<ServerContextOptions>,
  more: ServerContextOptions,
): SecureContext<ServerContextOptions> =>
  isEmpty(more) && isOfServer(context)
    ? context
    : createServerContext(merged<ServerContextOptions>(context.given(), more));

const isOfServer = (
  context: SecureContext | SecureContext<ServerContextOptions>,
): context is SecureContext<ServerContextOptions> => context.role === "server";

const isEmpty = (options: object): boolean => Object.keys(options).length === 0;

function preparedServer(options: ServerContextOptions): ServerOptions {
  const { requestCert, honorCipherOrder, SNICallback, ALPNCallback, ...others } = options;
  const { rejectUnauthorized, tickets: _, earlyData: __, ...server } = inOurWords(others);
  const insists = rejectUnauthorized !== false;
  // Who lets everybody in need not say whom to trust: then nobody is authorized
  const trust = server.trust ?? (requestCert && !insists ? createTrustStore([]) : undefined);
  const verify = server.verifyClient ?? defaultVerification({ ...server, ...(trust && { trust }) });
  return {
    ...authoritiesOf(options, server.trust),
    ...server,
    ...sessionsOf(options),
    ...(honorCipherOrder !== undefined && {
      suitePreference: honorCipherOrder ? "server" : "client",
    }),
    ...(SNICallback && { identityFor: byCallback(SNICallback) }),
    ...(ALPNCallback && {
      selectProtocol: ({ protocols, serverName }) =>
        ALPNCallback({ protocols, servername: serverName ?? "" }),
    }),
    ...(requestCert === true && { clientAuthentication: insists ? "require" : "request" }),
    ...(!insists && verify !== undefined && { verifyClient: tolerant(verify) }),
  };
}

/** Bytes of names: with them the first flight of an ordinary server still fits into the first window. */
const mostOfNames = 4096;

/**
 * As `node:tls` does, a server tells a client by which authorities it must be certified, so that one with several
 * certificates, or with a tool that chooses, presents the right one (RFC 9846 §4.3.4). Only those in `ca`, which are
 * there to stay; not a whole store of roots; and not where the name that is asked for changes who is trusted.
 */
function authoritiesOf(
  { ca, identityFor, SNICallback }: ServerContextOptions,
  trust: TrustStore | undefined,
): Pick<ServerOptions, "certificateAuthorities"> {
  if (ca === undefined || (identityFor ?? SNICallback) !== undefined) return {};
  // Several keys may go by one name
  const names = [
    ...new Map(trust?.anchors.map(({ subject }) => [subject.key, subject.der])).values(),
  ];
  const length = names.reduce((sum, name) => sum + 2 + name.length, 0);
  return length > mostOfNames ? {} : { certificateAuthorities: names };
}

/** What was read once stays read, whatever is updated. */
const lasting = <O extends CommonOptions>(options: O): O => ({
  cache: new CertificateCache(),
  ...options,
});

/** The tickets that the options say; `undefined` for none. */
export function ticketsOf({
  tickets = true,
  provider = native,
}: Pick<ServerContextOptions, "tickets" | "provider">): Tickets | undefined {
  if (tickets === false) return undefined;
  const settings = tickets === true ? {} : tickets;
  return "issue" in settings ? settings : rotatingTickets(provider, settings);
}

/** What a server needs to resume sessions, where the options leave it to us. */
function sessionsOf(options: ServerContextOptions): Pick<ServerOptions, "tickets" | "earlyData"> {
  const { earlyData, now } = options;
  const tickets = ticketsOf(options);
  const policy = earlyData === true ? {} : earlyData;
  return {
    ...(tickets && { tickets }),
    ...(policy !== undefined && {
      earlyData: { maxSize: 16_384, replayGuard: new MemoryReplayGuard(now), ...policy },
    }),
  };
}

function contextOf<O extends CommonOptions & PemOptions, P extends ClientOptions | ServerOptions>(
  role: Role,
  { options, completed }: { readonly options: O; readonly completed: (options: O) => O },
  complete: (options: O) => P,
  prepareConnections: (options: P) => (own: OwnClientOptions) => Connection,
): SecureContext<O> {
  const checked = (given: O) => {
    refuseSynonyms(given);
    const prepared = complete(given);
    return { given, prepared, create: prepareConnections(prepared) };
  };
  let current = checked(completed(options));
  const said = new Set(Object.keys(options));
  const table = role === "client" ? clientContextTable : serverContextTable;
  return {
    role,
    given: () => current.given,
    update(changes) {
      checkOptions("update", changes, table);
      current = checked(merged(current.given, changes));
      for (const name in changes) said.add(name);
    },
    connection(wiring, own) {
      const keyLog = bothOf(own?.keyLog ?? current.prepared.keyLog, wiring.keyLog);
      return current.create({ ...own, ...wiring, ...(keyLog && { keyLog }) });
    },
    identity: () => identityOf(current.given, said),
    judge: (negotiated, how, own) =>
      judgeAgain(role, { ...current.prepared, ...own }, negotiated, how),
    grounds() {
      const { authorize, revocation, trust, ...others } = current.prepared;
      const verifier = role === "client" ? "verifyServer" : "verifyClient";
      if (authorize !== undefined || (others as Record<string, unknown>)[verifier] !== undefined) {
        return undefined;
      }
      const lists = typeof revocation === "function" ? revocation() : revocation;
      return [current, trust?.anchors, ...Object.values(lists ?? {})];
    },
  };
}

/** What a context of either role can say of who a server is. */
const identityNames = new Set([
  ...Object.keys(pemTable),
  "cache",
  "certificateSchemes",
  "credentials",
  "now",
  "provider",
  "revocation",
  "schemes",
  "trust",
  "trustedKeys",
  "verifyClient",
]);

/** @throws TypeError where more was said */
function identityOf(given: ServerContextOptions, said: Iterable<string>): ServerIdentity {
  for (const name of said) {
    if (identityNames.has(name)) continue;
    throw new TypeError(
      `SNICallback gave a context with ${name}, which holds for no single name; give it to the server`,
    );
  }
  const server = preparedServer(given);
  const { credentials = [], verifyClient = defaultVerification(server) } = server;
  return { credentials, ...(verifyClient && { verifyClient }) };
}

type KeyLog = NonNullable<CommonOptions["keyLog"]>;

/** Whoever asked for the lines by an option, and whoever listens for them. */
const bothOf = (one: KeyLog | undefined, other: KeyLog | undefined): KeyLog | undefined =>
  one === undefined || other === undefined
    ? (one ?? other)
    : (line) => {
        one(line);
        other(line);
      };

/** Two ways of saying the same thing: the new one stands for the old one in either form. */
function merged<O extends object>(given: O, changes: Partial<O>): O {
  const kept = { ...given } as Record<string, unknown>;
  for (const names of [...synonyms, ["cert", "key", "pfx", "credentials"]]) {
    if (names.some((name) => name in changes)) for (const name of names) delete kept[name];
  }
  // It opens nothing any more, and stands for nothing by itself
  if ("credentials" in changes) delete kept["passphrase"];
  return { ...(kept as O), ...changes };
}

type Engine<O> = Omit<O, Exclude<keyof PemOptions, "rejectUnauthorized">>;

/** What `node:tls` says otherwise, and what comes from files, as the engine takes it. */
function inOurWords<O extends CommonOptions & PemOptions>(options: O): Engine<O> {
  const { ca, crl, ALPNProtocols } = options;
  const engine = Object.entries(options).filter(
    ([name]) => name === "rejectUnauthorized" || !Object.hasOwn(pemTable, name),
  );
  const provider = options.provider ?? native;
  const own = credentialsOf(options, provider);
  const ours: CommonOptions = {
    provider,
    ...(ca !== undefined && { trust: createTrustStore(readable(ca)) }),
    ...(crl !== undefined && { revocation: { crls: parseCrls(readable(crl)) } }),
    ...(ALPNProtocols !== undefined && { alpn: protocolNames(ALPNProtocols) }),
    ...(own.length > 0 && { credentials: [...own, ...(options.credentials ?? [])] }),
  };
  return { ...Object.fromEntries(engine), ...ours } as unknown as Engine<O>;
}

/** RFC 7301 §3.1: one byte of length before each name. */
function protocolNames(given: NonNullable<PemOptions["ALPNProtocols"]>): readonly string[] {
  if (!isBytes(given)) {
    return given.map((name) =>
      typeof name === "string" ? name : Buffer.from(name).toString("latin1"),
    );
  }
  const names: string[] = [];
  for (let at = 0; at < given.length; at += 1 + given[at]!) {
    const end = at + 1 + given[at]!;
    if (end > given.length) throw new RangeError("ALPNProtocols ends in the middle of a name");
    names.push(Buffer.from(given.subarray(at + 1, end)).toString("latin1"));
  }
  return names;
}

/** Goes on with a peer that was not accepted, and remembers why it was not. */
const tolerant =
  (verify: VerifyPeer): VerifyPeer =>
  (question) => {
    const forgive = (error: unknown): PeerIdentity & { readonly problem: TlsError } => {
      if (!(error instanceof TlsError)) throw error;
      const { chain, rawPublicKey } = question;
      return { chain, rawPublicKey, problem: error };
    };
    try {
      const answer = verify(question);
      return isThenable(answer) ? Promise.resolve(answer).catch(forgive) : answer;
    } catch (error) {
      return forgive(error);
    }
  };
