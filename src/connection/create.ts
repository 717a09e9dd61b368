import {
  clientAfterHandshake,
  clientHandshake,
  LaterRequests,
  serverAfterHandshake,
  serverHandshake,
} from "../handshake/index.ts";
import { Link } from "../record/index.ts";
import { Connection } from "./connection.ts";
import {
  clientConfig,
  type ClientOptions,
  type CommonOptions,
  limitsOf,
  serverConfig,
  type ServerOptions,
} from "./options.ts";

/** A client's end of a connection. Call `start()` to begin. */
export function createClient(options: ClientOptions): Connection {
  const config = clientConfig(options);
  const common = commonScript(options);
  const { link, limits } = common;
  let tickets = 0;
  return new Connection({
    ...common,
    role: "client",
    handshake: (onEarlyExporter) => clientHandshake(config, link, onEarlyExporter),
    afterHandshake: (established, emit) =>
      clientAfterHandshake(config, link, established, (session) => {
        if (++tickets <= limits.tickets) emit({ type: "session", session });
      }),
  });
}

/** A server's end of a connection. Call `start()` to begin. */
export function createServer(options: ServerOptions): Connection {
  const config = serverConfig(options);
  const common = commonScript(options);
  const { link } = common;
  const requests = new LaterRequests(config, link);
  return new Connection({
    ...common,
    role: "server",
    handshake: (onEarlyExporter) => serverHandshake(config, link, onEarlyExporter),
    afterHandshake: (established, emit) =>
      serverAfterHandshake(config, link, established, requests, (peer) =>
        emit({ type: "peer", peer }),
      ),
    requestCertificate: (established) => requests.request(established),
  });
}

function commonScript(options: CommonOptions) {
  const limits = limitsOf(options);
  const { padding, observer, maxFragment: fragment } = options;
  return {
    limits,
    link: new Link({ limits, fragment, padding, observer }),
    onProgress: options.onProgress,
  };
}
