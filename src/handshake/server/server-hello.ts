/** ServerHello, and the secret that both ends have from then on (RFC 9846 §4.2.3, §7.1). */
import { hashOf } from "../../crypto/index.ts";
import { AcceptedAuthKey } from "../../extensions/index.ts";
import { encapsulate, type Group } from "../../groups/index.ts";
import type { ClientHello, Extensions } from "../../messages/index.ts";
import { ProtocolVersion, TlsError } from "../../registry/index.ts";
import type { HandshakeSecret, SecretOwners } from "../../schedule/index.ts";
import { wipe } from "../../wire/index.ts";
import type { OpenedStoredKey } from "../authkem/stored-key-server.ts";
import { type Carrier, send } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { extractHandshakeSecret } from "../keys.ts";
import type { ServerHellos } from "./hellos.ts";

/** What the handshake secret goes on from, beside a PSK. */
interface Known {
  readonly owners: SecretOwners;
  readonly stored: OpenedStoredKey | undefined;
}

export function sendServerHello(
  { provider }: ServerConfig,
  link: Carrier,
  { hello, suite, group, transcript, psk }: ServerHellos,
  { owners, stored }: Known,
): HandshakeSecret {
  const exchange = group && encapsulate(group, provider, shareOf(hello, group));
  const sharedSecret = owners.handshake.hold(exchange?.sharedSecret);
  const answer: Extensions<"server_hello"> = { supported_versions: ProtocolVersion["TLS 1.3"] };
  if (group !== undefined && exchange !== undefined) {
    answer.key_share = { group: group.code, keyExchange: exchange.keyExchange };
  }
  if (psk !== undefined) answer.pre_shared_key = psk.index;
  if (stored !== undefined) answer.stored_auth_key = AcceptedAuthKey.accepted;
  if (stored?.client !== undefined) answer.early_auth = true;
  transcript.add(
    send(link, "server_hello", {
      legacyVersion: ProtocolVersion["TLS 1.2"],
      random: provider.random(32),
      legacySessionIdEcho: hello.legacySessionId,
      cipherSuite: suite.code,
      legacyCompressionMethod: 0,
      extensions: answer,
    }),
  );
  const hash = hashOf(suite, provider);
  const handshakeSecret = extractHandshakeSecret(
    hash,
    psk?.early ?? stored?.early,
    sharedSecret,
    owners,
  );
  wipe(sharedSecret);
  return handshakeSecret;
}

function shareOf(hello: ClientHello, group: Group): Uint8Array {
  const entry = hello.extensions.key_share?.find((share) => share.group === group.code);
  if (entry === undefined) throw new TlsError("internal", `no share of ${group.name}`);
  return entry.keyExchange;
}
