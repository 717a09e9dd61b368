import {
  clientAfterHandshake,
  type ClientAuthKem,
  clientAuthKem,
  clientHandshake,
  LaterRequests,
  serverAfterHandshake,
  serverHandshake,
} from "../handshake/index.ts";
import { Link, type LinkOptions } from "../record/index.ts";
import { noble, type Provider } from "../crypto/index.ts";
import type { Group } from "../groups/index.ts";
import type { ClientConfig, ServerConfig, VerifyPeer } from "../handshake/index.ts";
import type { Role } from "../schedule/index.ts";
import { admitLater, authorized } from "./admission.ts";
import { Connection } from "./connection.ts";
import { clientConfig, ownClientConfig, requireName } from "./client-config.ts";
import { checkOwnOptions, type Onlookers, verificationBy } from "./config.ts";
import type {
  ClientOptions,
  CommonOptions,
  OwnClientOptions,
  OwnServerOptions,
  ServerOptions,
} from "./options.ts";
import { Review } from "./review.ts";
import { serverConfig } from "./server-config.ts";
import type { VerificationOptions } from "./verification.ts";

/** What an entry point's clients have beyond the handshake of RFC 9846. What they lack is not in its bundle. */
export interface ClientParts {
  /** Where the options name no other. */
  readonly provider: Provider;
  /** Absent: the option `authKem` is refused. */
  readonly authKem?: ClientAuthKem;
}

const complete: ClientParts = { provider: noble, authKem: clientAuthKem };

/** A client's end of a connection. Call `start()` to begin. */
export const createClientConnection = (options: ClientOptions): Connection =>
  createClientBy(complete, options);

/** A server's end of a connection. Call `start()` to begin. */
export const createServerConnection = (options: ServerOptions): Connection =>
  serverOf(options, serverConfig(options, noble));

/** Makes the link of a connection. */
export type LinkMaker = <R extends Role>(options: LinkOptions<R>) => Link<R>;
const ownLink: LinkMaker = (options) => new Link(options);

/** @internal a client over a link of the laboratory's */
export const createClientOver = (options: ClientOptions, makeLink?: LinkMaker): Connection =>
  clientOf(options, configured(complete, options), makeLink);

/** @internal a server over a link of the laboratory's */
export const createServerOver = (options: ServerOptions, makeLink?: LinkMaker): Connection =>
  serverOf(options, serverConfig(options, noble), makeLink);

/** Connections of options that were read once, each over a link of the laboratory's if it says so. */
type Prepared<Own> = (own?: Own, makeLink?: LinkMaker) => Connection;

/** @internal as {@link prepareClient} */
export const prepareClientOver = (options: ClientOptions): Prepared<OwnClientOptions> =>
  preparedClient(complete, options);

/** @internal as {@link prepareServer} */
export const prepareServerOver = (options: ServerOptions): Prepared<OwnServerOptions> =>
  preparedServer(options);

/**
 * Reads and checks options once, for any number of connections.
 * @throws RangeError or TypeError for options that cannot work
 */
export const prepareClient = (options: ClientOptions): ((own?: OwnClientOptions) => Connection) =>
  prepareClientBy(complete, options);

/** As {@link verificationBy}, with the provider of these functions. */
export const defaultVerification = (
  options: CommonOptions,
  more?: Pick<VerificationOptions, "anyName">,
): VerifyPeer | undefined => verificationBy(noble, options, more);

/** As {@link createClientConnection}, of other parts. */
export const createClientBy = (parts: ClientParts, options: ClientOptions): Connection =>
  clientOf(options, configured(parts, options));

/** As {@link prepareClient}, of other parts. */
export function prepareClientBy(
  parts: ClientParts,
  options: ClientOptions,
): (own?: OwnClientOptions) => Connection {
  const prepared = preparedClient(parts, options);
  return (own) => prepared(own);
}

/** As {@link prepareClient}, for servers. */
export function prepareServer(options: ServerOptions): (own?: OwnServerOptions) => Connection {
  const prepared = preparedServer(options);
  return (own) => prepared(own);
}

function preparedClient(parts: ClientParts, options: ClientOptions): Prepared<OwnClientOptions> {
  const config = configured(parts, options);
  return (own, makeLink) => {
    if (own === undefined) return clientOf(options, config, makeLink);
    checkOwnOptions("client", own);
    const all = { ...options, ...own };
    return clientOf(all, { ...config, ...ownClientConfig(all, config) }, makeLink);
  };
}

type Configured = ClientConfig & Onlookers & Pick<ClientParts, "authKem">;

/** @throws RangeError or TypeError for options that cannot work, or need a part that is not there */
function configured({ provider, authKem }: ClientParts, options: ClientOptions): Configured {
  const config = clientConfig(options, provider);
  if (options.authKem === undefined) return config;
  if (authKem !== undefined) return { ...config, authKem };
  throw new TypeError(
    "createClient: authKem is not in kemistry/client; take createClientConnection of kemistry",
  );
}

function preparedServer(options: ServerOptions): Prepared<OwnServerOptions> {
  const config = serverConfig(options, noble);
  return (own, makeLink) => {
    if (own === undefined) return serverOf(options, config, makeLink);
    checkOwnOptions("server", own);
    const all = { ...options, ...own };
    return serverOf(all, { ...config, keyLog: all.keyLog }, makeLink);
  };
}

function clientOf(
  options: ClientOptions,
  config: Configured,
  makeLink: LinkMaker = ownLink,
): Connection {
  requireName(options);
  const common = commonScript(
    "client",
    options,
    config,
    reviewOf("client", options, config, config.shares),
  );
  const link = makeLink(common.linkOptions);
  const { limits } = common;
  let tickets = 0;
  return new Connection({
    ...common,
    waitsForProof: !config.writeBeforeFinished,
    link,
    handshake: (onEarlyExporter) =>
      authorized("client", options, clientHandshake(config, link, onEarlyExporter, config.authKem)),
    afterHandshake: (established, emit) =>
      clientAfterHandshake(config, link, established, (session) => {
        if (++tickets <= limits.tickets) emit({ type: "session", session });
      }),
  });
}

function serverOf(
  options: ServerOptions,
  config: ServerConfig & Onlookers,
  makeLink: LinkMaker = ownLink,
): Connection {
  const common = commonScript("server", options, config, reviewOf("server", options, config, []));
  const link = makeLink(common.linkOptions);
  const requests = new LaterRequests(config, link);
  return new Connection({
    ...common,
    // RFC 9846 §4.5.3: a server may write before the client has proved anything
    waitsForProof: false,
    link,
    handshake: (onEarlyExporter) =>
      authorized("server", options, serverHandshake(config, link, onEarlyExporter)),
    afterHandshake: (established, emit) =>
      serverAfterHandshake(config, link, established, requests, (peer) =>
        admitLater(options, established, peer, emit),
      ),
    requestCertificate: (established) => requests.prepare(established),
  });
}

/** A client remembers the server by the name that it asked for, unless the caller knows better. */
function reviewOf(
  role: Role,
  options: CommonOptions & Pick<ClientOptions, "history" | "historyKey">,
  config: (ClientConfig | ServerConfig) & Onlookers,
  shares: readonly Group[],
): Review {
  const { groups, suites, knownSchemes, alpn, now } = config;
  const schemes = [...config.kemSchemes, ...config.schemes];
  const name = "serverName" in config ? config.serverName : undefined;
  const { history, historyKey = name } = options;
  return new Review({
    role,
    policy: config.policy,
    detectors: config.detectors,
    offered: { groups, suites, schemes, knownSchemes, alpn },
    shares,
    now,
    history,
    historyKey,
  });
}

function commonScript<R extends Role>(
  role: R,
  options: CommonOptions,
  { limits }: ClientConfig | ServerConfig,
  review: Review,
) {
  const { padding, maxFragment: fragment } = options;
  const observer = review.observing(options.observer);
  return {
    role,
    limits,
    review,
    linkOptions: { role, limits, fragment, padding, observer },
    holdsEarlyData: options.authorize !== undefined,
    onProgress: options.onProgress,
  };
}
