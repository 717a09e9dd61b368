/** `SNICallback`, as `node:tls` has it. */
import type { ServerIdentity } from "../../connection/index.ts";
import { TlsError } from "../../registry/index.ts";

/** A context of ours, which `createSecureContext` or `createServerContext` makes. */
interface Context {
  update(changes: never): void;
}

/**
 * As the `SNICallback` of `node:tls`: gives a context for the name that a client asks for.
 * @param done to be called once, with an error or a context
 */
export type SniCallback = (
  servername: string,
  done: (error: Error | null, context?: Context) => void,
) => void;

/** The callback as a promise. What goes wrong refuses the client, whom the rest of the server would not serve. */
export const byCallback =
  (callback: SniCallback) =>
  (serverName: string): Promise<ServerIdentity | undefined> =>
    new Promise<ServerIdentity | undefined>((resolve, reject) => {
      callback(serverName, (error, context) => {
        try {
          if (error) reject(error);
          else resolve(context ? identityOf(context) : undefined);
        } catch (thrown) {
          reject(thrown);
        }
      });
    }).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TlsError("unrecognized_name", `SNICallback: ${reason}`, {
        section: "RFC 6066 §3",
        cause,
      });
    });

function identityOf(context: Context & { readonly identity?: () => ServerIdentity }) {
  if (typeof context.identity === "function") return context.identity();
  throw new TypeError("it gave no context of kemistry: make it with createSecureContext()");
}
