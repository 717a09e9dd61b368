/** application_layer_protocol_negotiation (RFC 7301 §3.1): protocols in order of preference; the answer names one. */
import { TlsError } from "../registry/index.ts";
import { list, text } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

const ProtocolNameList = list(text(1, 255), 2, 0xffff);

interface Protocols {
  readonly alpn: readonly string[];
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

/** A server's choice, by its preference. @throws TlsError `no_application_protocol` (§3.2) */
export function chooseProtocol(
  ours: readonly string[],
  theirs: readonly string[] | undefined,
): string | undefined {
  if (theirs === undefined || ours.length === 0) return undefined;
  const protocol = ours.find((name) => theirs.includes(name));
  if (protocol === undefined) {
    throw new TlsError("no_application_protocol", "no application protocol in common", {
      expected: `one of ${ours.join(", ")}`,
      received: theirs.join(", "),
      where: "client_hello.extensions.application_layer_protocol_negotiation",
      section: "RFC 7301 §3.2",
    });
  }
  return protocol;
}

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
