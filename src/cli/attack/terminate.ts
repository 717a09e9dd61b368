/** A middlebox that ends TLS in itself: the one who can take a hybrid away without anybody's transcript saying so. */
import { groups, isPostQuantum } from "../../groups/index.ts";
import type { Credential } from "../../identity/index.ts";
import {
  connect,
  createServer,
  type Provider,
  type TlsServer,
  type TlsSocket,
} from "../../node.ts";

export interface TerminatingOptions {
  /** A certificate that clients trust for the server's name. */
  readonly credential: Credential;
  readonly provider: Provider;
  readonly listen: { readonly host: string; readonly port: number };
  readonly to: { readonly host: string; readonly port: number };
  /** Is told what both connections came to. */
  readonly tell: (line: string) => void;
}

/** Speaks to the server with all groups, and to clients with classical ones only. */
export function startTerminating(options: TerminatingOptions): TlsServer {
  const { credential, provider, listen, to, tell } = options;
  const classical = groups.filter((group) => !isPostQuantum(group));
  const server = createServer(
    { credentials: [credential], groups: classical, provider },
    (inner) => {
      // It stands next to the server, and trusts it
      const outer = connect({
        ...to,
        provider,
        serverName: inner.servername || to.host,
        rejectUnauthorized: false,
      });
      outer.once("secureConnect", () => {
        tell(`client ${groupOf(inner)}, server ${groupOf(outer)}`);
        inner.pipe(outer).pipe(inner);
      });
      for (const [one, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        one.on("error", () => other.destroy());
      }
    },
  );
  server.on("tlsClientError", (error: Error) => tell(`client: ${error.message}`));
  server.listen(listen.port, listen.host);
  return server;
}

const groupOf = ({ negotiated }: TlsSocket): string => negotiated?.group ?? "no group";
