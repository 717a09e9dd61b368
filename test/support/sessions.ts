/** Connections that leave sessions, and servers that take them back. */
import { hashNamed } from "../../src/crypto/index.ts";
import type { ClientOptions, ServerOptions } from "../../src/connection/index.ts";
import { type OfferedPsk, sealedTickets, TicketKeys } from "../../src/handshake/index.ts";
import { type ClientHello, decodeMessage, encodeMessage } from "../../src/messages/index.ts";
import { EarlySecret } from "../../src/schedule/index.ts";
import { anyProvider, connect } from "./ends.ts";
import { testTime } from "./identities.ts";
import { freshOwners } from "./secrets.ts";
import type { Interceptor, Rule } from "./interceptor.ts";

export type Client = Partial<ClientOptions>;
export type Server = Partial<ServerOptions>;

/** A server with sealed tickets, whose later instances open what this one sealed. */
export const resumable = (special: Server = {}): Server => ({
  tickets: sealedTickets(new TicketKeys(anyProvider)),
  ...special,
});

/** The sessions that a connection leaves with its client. */
export function sessionsFrom(server: Server, client: Client = {}): OfferedPsk[] {
  const { events } = connect(client, server);
  return events.client.flatMap((event) => (event.type === "session" ? [event.session] : []));
}

/** As {@link sessionsFrom}: the first, which must be there. */
export function sessionFrom(server: Server, client: Client = {}): OfferedPsk {
  const [session] = sessionsFrom(server, client);
  if (session === undefined) throw new Error("the server gave no session");
  return session;
}

/** The kind of key that both ends began with; `undefined` for none. */
export function pskOf({ client, server }: Pick<Interceptor, "client" | "server">) {
  const [ofClient, ofServer] = [client, server].map(({ negotiated, error, state }) => {
    if (negotiated === undefined) throw error ?? new Error(`an end is ${state}`);
    return negotiated;
  });
  if (ofClient?.psk !== ofServer?.psk) throw new Error("the ends disagree");
  return ofClient?.psk;
}

/** Both ends of a connection resumed, or neither did. */
export const isResumed = (ends: Pick<Interceptor, "client" | "server">): boolean =>
  pskOf(ends) === "resumption";

/** The first ClientHello of a connection. */
export const helloOf = ({ messages }: Pick<Interceptor, "messages">): ClientHello =>
  decodeMessage("client_hello", messages[0]!.raw).body;

/** Types of the messages that one end sent. */
export const typesBy = (side: "client" | "server", { messages }: Pick<Interceptor, "messages">) =>
  messages.filter(({ by }) => by === side).map(({ type }) => type);

/** Changes a ClientHello, and makes its binders anew. The client's own transcript stays as it was. */
export const editOffer =
  (psks: readonly OfferedPsk[], change: (hello: ClientHello) => void): Rule =>
  (before) => {
    const { body } = decodeMessage("client_hello", before);
    change(body);
    const { pre_shared_key: offered } = body.extensions;
    const { binders = [] } = offered ?? {};
    const length = binders.reduce((sum, binder) => sum + 1 + binder.length, 2);
    const truncated = encodeMessage("client_hello", body).slice(0, -length);
    if (offered !== undefined) {
      offered.binders = binders.map((_, index) => {
        const { hash: name, secret, kind } = psks[index]!;
        const hash = hashNamed(name, anyProvider);
        return new EarlySecret(hash, secret, freshOwners()).binder(kind, hash.digest(truncated));
      });
    }
    return [encodeMessage("client_hello", body)];
  };

/** A clock for both ends that tests set. */
export function clockAt(start = testTime): { now: number; readonly read: () => number } {
  const clock = { now: start, read: () => clock.now };
  return clock;
}

export const seconds = 1000;
export const days = 86_400 * seconds;
