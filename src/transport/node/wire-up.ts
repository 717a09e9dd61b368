/** How a stream becomes an end of a connection: the wiring of a client, of a server, and of `new TlsSocket(…)`. */
import * as net from "node:net";
import { type OwnClientOptions, ownClientTable } from "../../connection/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
import type { ServerContextOptions } from "./context-options.ts";
import { serverContextTable } from "./context-options.ts";
import { createServerContext, type SecureContext, serverContext } from "./context.ts";
import { sessionOfBytes } from "./session-bytes.ts";
import { secureContext, select, tlsSocketTable } from "./socket-options.ts";
import type { TlsSocketOptions } from "./wiring.ts";
import { isBytes } from "../../wire/index.ts";

/** A server's end over a stream that is there already, as `new tls.TLSSocket(stream, { isServer: true })`. */
export interface ServerSocketOptions
  extends ServerContextOptions, Omit<TlsSocketOptions, "createConnection" | "judge" | "received"> {
  /** Says that this end is the server, as in `node:tls`. */
  readonly isServer: true;
  /** Options that were prepared already, by {@link createSecureContext} too; what else is said holds for this socket. */
  readonly secureContext?: SecureContext | SecureContext<ServerContextOptions>;
}

const forClients = "call connect({ socket }) for a client's end";

const serverSocketTable = {
  ...serverContextTable,
  ...tlsSocketTable,
  isServer: (value, where) => {
    if (value !== true) throw new RangeError(`${where} can only be true; ${forClients}`);
  },
  secureContext: secureContext("createServerContext", "server", "client"),
} satisfies check.OptionTable<ServerSocketOptions>;
const checkServerSocket = check.complete(serverSocketTable, forClients, ["isServer"]);

/** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
export function wireUpServer(options: ServerSocketOptions): TlsSocketOptions {
  checkServerSocket(options, "TlsSocket");
  const { isServer: _, ...others } = options;
  const given = select(others, serverContextTable);
  const context =
    options.secureContext === undefined
      ? createServerContext(given)
      : serverContext(options.secureContext, given);
  return {
    ...select(options, tlsSocketTable),
    createConnection: (wiring) => context.connection(wiring),
    judge: (negotiated, how) => context.judge(negotiated, how),
  };
}

/** What a client's end needs of the options of `connect`. */
interface ClientSocketOptions
  extends OwnClientOptions, Pick<TlsSocketOptions, keyof typeof tlsSocketTable> {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly servername?: string;
  readonly session?: OfferedPsk | Uint8Array | undefined;
}

/** @throws RangeError where `node:tls` would send no SNI: we always do for a host name */
export function wireUpClient(
  options: ClientSocketOptions,
  context: SecureContext,
): TlsSocketOptions {
  const serverName = serverNameOf(options);
  const session = readSession(options.session);
  return {
    ...select(options, tlsSocketTable),
    judge: (negotiated, how) => context.judge(negotiated, how, { serverName }),
    createConnection: (wiring) =>
      context.connection(wiring, {
        historyKey: `${serverName}:${options.port ?? ""}`,
        ...select(options, ownClientTable),
        serverName,
        ...(session !== undefined && { psks: [session, ...(options.psks ?? [])] }),
      }),
  };
}

/** The forms in which a session can be given. @throws TypeError for bytes that are none of ours */
export const readSession = (session: OfferedPsk | Uint8Array | undefined): OfferedPsk | undefined =>
  isBytes(session) ? sessionOfBytes(session) : session;

function serverNameOf({ serverName, servername, host = "localhost" }: ClientSocketOptions): string {
  if (servername === "" && net.isIP(host) === 0) {
    throw new RangeError(
      "connect: servername must not be empty; leave it out to send that of host",
    );
  }
  return serverName ?? (servername || host);
}
