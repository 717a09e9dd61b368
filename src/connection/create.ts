import {
  clientAfterHandshake,
  clientHandshake,
  LaterRequests,
  serverAfterHandshake,
  serverHandshake,
} from "../handshake/index.ts";
import { policyOf } from "../policy/index.ts";
import { Link } from "../record/index.ts";
import type { Group } from "../groups/index.ts";
import type { ClientConfig, ServerConfig } from "../handshake/index.ts";
import type { Role } from "../schedule/index.ts";
import { admitLater, authorized } from "./admission.ts";
import { Connection } from "./connection.ts";
import {
  clientConfig,
  type ClientOptions,
  type CommonOptions,
  limitsOf,
  serverConfig,
  type ServerOptions,
} from "./options.ts";
import { Review } from "./review.ts";

/** A client's end of a connection. Call `start()` to begin. */
export function createClient(options: ClientOptions): Connection {
  const config = clientConfig(options);
  const common = commonScript(options, reviewOf("client", options, config, config.shares));
  const { link, limits } = common;
  let tickets = 0;
  return new Connection({
    ...common,
    role: "client",
    handshake: (onEarlyExporter) =>
      authorized("client", options, clientHandshake(config, link, onEarlyExporter)),
    afterHandshake: (established, emit) =>
      clientAfterHandshake(config, link, established, (session) => {
        if (++tickets <= limits.tickets) emit({ type: "session", session });
      }),
  });
}

/** A server's end of a connection. Call `start()` to begin. */
export function createServer(options: ServerOptions): Connection {
  const config = serverConfig(options);
  const common = commonScript(options, reviewOf("server", options, config, []));
  const { link } = common;
  const requests = new LaterRequests(config, link);
  return new Connection({
    ...common,
    role: "server",
    handshake: (onEarlyExporter) =>
      authorized("server", options, serverHandshake(config, link, onEarlyExporter)),
    afterHandshake: (established, emit) =>
      serverAfterHandshake(config, link, established, requests, (peer) =>
        admitLater(options, established.negotiated, peer, emit),
      ),
    requestCertificate: (established) => requests.request(established),
  });
}

/** A client remembers the server by the name that it asked for, unless the caller knows better. */
function reviewOf(
  role: Role,
  options: CommonOptions & Pick<ClientOptions, "serverName" | "history" | "historyKey">,
  { groups, now }: ClientConfig | ServerConfig,
  shares: readonly Group[],
): Review {
  const { history, historyKey = options.serverName, policy } = options;
  return new Review({
    role,
    policy: policy === undefined ? undefined : policyOf(policy),
    groups,
    shares,
    now,
    history,
    historyKey,
  });
}

function commonScript(options: CommonOptions, review: Review) {
  const limits = limitsOf(options);
  const { padding, maxFragment: fragment } = options;
  const observer = review.observing(options.observer);
  return {
    limits,
    review,
    link: new Link({ limits, fragment, padding, observer }),
    holdsEarlyData: options.authorize !== undefined,
    onProgress: options.onProgress,
  };
}
