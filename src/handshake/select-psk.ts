/** The server's choice among the PSKs that a client offers (RFC 9846 §4.3.11). */
import type { Suite } from "../crypto/index.ts";
import { PskKeyExchangeMode, TlsError } from "../registry/index.ts";
import { EarlySecret, PeerAuthentication, type TranscriptBuffer } from "../schedule/index.ts";
import { equal } from "../wire/index.ts";
import type { ServerConfig } from "./config.ts";
import { type Handshake, settle } from "./coroutine.ts";
import type { PeerIdentity } from "./peer.ts";
import { isExpired, type Psk } from "./psk.ts";
import { requestedHost } from "./host-name.ts";
import type { ReceivedHello } from "./received-hello.ts";

/** The PSK that a server takes, with the proof that the client has it. */
export interface SelectedPsk {
  readonly index: number;
  readonly psk: Psk;
  readonly identity: Uint8Array;
  readonly early: EarlySecret;
  readonly binder: Uint8Array;
  /** The client accepts only a PSK without key exchange. */
  readonly withoutKeyExchange: boolean;
  readonly authentication: PeerAuthentication<PeerIdentity | undefined>;
}

/** PSKs that this handshake has found: a ticket that can be used once still counts after a retry. */
export type FoundPsks = { readonly identity: Uint8Array; readonly psk: Psk }[];

/**
 * The first PSK that we know, whose origin we accept, and that fits the suite's hash; its binder must be
 * right. The transcript ends before this ClientHello.
 */
export function* selectPsk(
  config: ServerConfig,
  hello: ReceivedHello,
  transcript: TranscriptBuffer,
  suite: Suite,
  found: FoundPsks,
): Handshake<SelectedPsk | undefined> {
  const { pre_shared_key: offered, psk_key_exchange_modes: modes = [] } = hello.body.extensions;
  if (offered === undefined) return undefined;
  const withoutKeyExchange = !modes.includes(PskKeyExchangeMode.psk_dhe_ke);
  if (withoutKeyExchange && !(config.allowPskOnly && modes.includes(PskKeyExchangeMode.psk_ke))) {
    return undefined;
  }
  const serverName = requestedHost(hello.body.extensions.server_name);
  for (const [index, { identity }] of offered.identities.entries()) {
    const psk = yield* findPsk(config, identity, found);
    if (psk === undefined || psk.hash !== suite.hash) continue;
    const peer = yield* resumedPeer(config, psk, serverName);
    if (peer === "refused") continue;
    const hash = config.provider.hashes[psk.hash];
    const early = new EarlySecret(hash, psk.secret);
    const expected = early.binder(psk.kind, transcript.hashWith(hash, hello.bound));
    const binder = offered.binders[index]!;
    const authentication = PeerAuthentication.byPsk(peer, { expected, received: binder });
    return { index, psk, identity, early, binder, withoutKeyExchange, authentication };
  }
  return undefined;
}

function* findPsk(
  config: ServerConfig,
  identity: Uint8Array,
  found: FoundPsks,
): Handshake<Psk | undefined> {
  const before = found.find((entry) => equal(entry.identity, identity));
  if (before !== undefined) return before.psk;
  const redeemed = config.tickets && (yield* settle(config.tickets.redeem(identity)));
  const psk = redeemed ?? (config.lookUpPsk && (yield* settle(config.lookUpPsk(identity))));
  if (psk !== undefined) found.push({ identity, psk });
  return psk;
}

/** Whom a resumed session authenticates, if it may be resumed at all. */
function* resumedPeer(
  config: ServerConfig,
  psk: Psk,
  serverName: string | undefined,
): Handshake<PeerIdentity | undefined | "refused"> {
  const { origin } = psk;
  if (origin === undefined)
    return config.clientAuthentication === "require" ? "refused" : undefined;
  const now = config.now();
  // §4.7.1: a ticket ends with its lifetime, and belongs to the name it was issued for
  if (isExpired(psk, now) || origin.serverName !== serverName || !config.acceptOrigin(origin))
    return "refused";
  const { peer } = origin;
  if (config.clientAuthentication === "none") return undefined;
  if (peer === undefined) return config.clientAuthentication === "require" ? "refused" : undefined;
  if (config.verifyClient === undefined) return peer;
  try {
    return yield* settle(
      config.verifyClient({
        chain: peer.chain,
        rawPublicKey: peer.rawPublicKey,
        usage: "client",
        name: undefined,
        now,
        provider: config.provider,
        resumed: true,
        ocspResponse: undefined,
        signedCertificateTimestamps: [],
      }),
    );
  } catch (error) {
    // What is no longer trusted cannot be resumed; the full handshake will say why
    if (error instanceof TlsError) return "refused";
    throw error;
  }
}
