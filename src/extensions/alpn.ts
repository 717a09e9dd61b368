/** application_layer_protocol_negotiation (RFC 7301 §3.1): protocols in order of preference; the answer names one. */
import { TlsError } from "../registry/index.ts";
import { list, text } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

const ProtocolNameList = list(text(1, 255), 2, 0xffff);

interface Protocols {
  readonly alpn: readonly string[];
}

interface ServerProtocols extends Protocols {
  readonly selectProtocol?: SelectProtocol | undefined;
}

export const application_layer_protocol_negotiation = extension(
  "application_layer_protocol_negotiation",
  { client_hello: ProtocolNameList, encrypted_extensions: ProtocolNameList },
  {
    offer: ({ alpn }: Protocols) => (alpn.length > 0 ? [...alpn] : undefined),
    answer: (
      _offered: unknown,
      _config: unknown,
      { alpn }: { readonly alpn: string | undefined },
    ) => (alpn === undefined ? undefined : [alpn]),
  },
);

/**
 * A server's choice: the caller's for this connection, or the first of its own that the client offers.
 * @throws TlsError `no_application_protocol` (§3.2), `misuse` for a choice that was not offered
 */
export function chooseProtocol(
  { alpn, selectProtocol }: ServerProtocols,
  theirs: readonly string[] | undefined,
  serverName: string | undefined,
): string | undefined {
  if (theirs === undefined) return undefined;
  if (selectProtocol !== undefined) return selectedBy(selectProtocol, theirs, serverName);
  if (alpn.length === 0) return undefined;
  const protocol = alpn.find((name) => theirs.includes(name));
  if (protocol === undefined) {
    throw nothingInCommon(`one of ${alpn.join(", ")}`, theirs);
  }
  return protocol;
}

function selectedBy(
  select: SelectProtocol,
  theirs: readonly string[],
  serverName: string | undefined,
): string {
  const protocol = select({ protocols: theirs, serverName });
  if (protocol === undefined) throw nothingInCommon("one that selectProtocol takes", theirs);
  if (theirs.includes(protocol)) return protocol;
  throw new TlsError("misuse", "selectProtocol chose a protocol that the client did not offer", {
    expected: `one of ${theirs.join(", ")}, or undefined`,
    received: protocol,
  });
}

/** What a client offers, at most 16 protocols in its order of preference, and the name that it asked for. */
export interface OfferedProtocols {
  /** Protocol names, one character a byte (RFC 7301 §3.1). */
  readonly protocols: readonly string[];
  /** The host name (SNI); `undefined` if the client named none. */
  readonly serverName: string | undefined;
}

/** Chooses one of them; `undefined` refuses the client. */
export type SelectProtocol = (offered: OfferedProtocols) => string | undefined;

const nothingInCommon = (expected: string, theirs: readonly string[]): TlsError =>
  new TlsError("no_application_protocol", "no application protocol in common", {
    expected,
    received: theirs.join(", "),
    where: "client_hello.extensions.application_layer_protocol_negotiation",
    section: "RFC 7301 §3.2",
  });

/** A client: the server names exactly one, of those that were offered (§3.1). */
export function selectedProtocol(
  answer: readonly string[] | undefined,
  { alpn }: Protocols,
): string | undefined {
  if (answer === undefined) return undefined;
  if (answer.length === 1 && alpn.includes(answer[0]!)) return answer[0];
  const where = "encrypted_extensions.extensions.application_layer_protocol_negotiation";
  const message = "the application protocol is not one that was offered";
  throw illegal(message, where, "RFC 9846 §4.4.1", answer.join(", "));
}
