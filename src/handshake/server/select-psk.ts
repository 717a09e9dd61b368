/** The server's choice among the PSKs that a client offers (RFC 9846 §4.3.11). */
import { hashNameIn, hashOf, type Suite } from "../../crypto/index.ts";
import { chooseMode, requestedHost } from "../../extensions/index.ts";
import { TlsError } from "../../registry/index.ts";
import {
  AcceptedPeer,
  EarlySecret,
  isThenable,
  PeerAuthentication,
  type SecretOwners,
  type TranscriptBuffer,
} from "../../schedule/index.ts";
import { equal } from "../../wire/index.ts";
import type { ServerConfig } from "../config.ts";
import { type Handshake, settle } from "../coroutine.ts";
import { isExpired, type Psk, type Tickets } from "../psk.ts";
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
  readonly authentication: PeerAuthentication<"client">;
}

/** PSKs that this handshake has found: a ticket that can be used once still counts after a retry. */
export class FoundPsks {
  readonly owners: SecretOwners;
  readonly #found: { readonly identity: Uint8Array; readonly psk: Psk }[] = [];

  constructor(owners: SecretOwners) {
    this.owners = owners;
  }

  get(identity: Uint8Array): Psk | undefined {
    return this.#found.find((entry) => equal(entry.identity, identity))?.psk;
  }

  add(identity: Uint8Array, psk: Psk): void {
    this.#found.push({ identity, psk });
  }
}

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
  const mode = chooseMode(modes, config);
  if (mode === undefined) return undefined;
  const serverName = requestedHost(hello.body.extensions.server_name);
  for (const [index, { identity }] of offered.identities.entries()) {
    const psk = yield* findPsk(config, identity, found);
    if (psk === undefined || psk.hash !== hashNameIn(suite)) continue;
    const peer = yield* resumedPeer(config, psk, serverName);
    if (peer === "refused") continue;
    const hash = hashOf(suite, config.provider);
    const early = new EarlySecret(hash, psk.secret, found.owners);
    const binder = offered.binders[index]!;
    const authentication = PeerAuthentication.clientByBinder(peer, early, {
      kind: psk.kind,
      transcriptHash: transcript.hashWith(hash, hello.bound),
      binder,
    });
    const withoutKeyExchange = mode === "psk_ke";
    return { index, psk, identity, early, binder, withoutKeyExchange, authentication };
  }
  return undefined;
}

function* findPsk(
  config: ServerConfig,
  identity: Uint8Array,
  found: FoundPsks,
): Handshake<Psk | undefined> {
  const before = found.get(identity);
  if (before !== undefined) return before;
  const redeemed = config.tickets && (yield* settle(redeem(config.tickets, identity, found)));
  const psk = redeemed ?? (config.lookUpPsk && (yield* settle(config.lookUpPsk(identity))));
  if (psk !== undefined) found.add(identity, psk);
  return psk;
}

/** What a ticket gives is this handshake's to wipe, even where it comes too late. */
function redeem(
  tickets: Tickets,
  identity: Uint8Array,
  { owners }: FoundPsks,
): Psk | undefined | Promise<Psk | undefined> {
  const held = (psk: Psk | undefined): Psk | undefined => {
    owners.handshake.hold(psk?.secret);
    return psk;
  };
  const answer = tickets.redeem(identity);
  return isThenable(answer) ? Promise.resolve(answer).then(held) : held(answer);
}

/** Whom a resumed session authenticates, if it may be resumed at all. */
function* resumedPeer(
  config: ServerConfig,
  psk: Psk,
  serverName: string | undefined,
): Handshake<AcceptedPeer<"client"> | undefined | "refused"> {
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
  if (config.verifyClient === undefined) return "refused";
  try {
    return yield* settle(
      AcceptedPeer.ask(config.verifyClient, {
        chain: peer.chain.map(({ der }) => config.readCertificate(der, "ticket")),
        rawPublicKey: peer.rawPublicKey,
        usage: "client",
        name: undefined,
        now,
        provider: config.provider,
        resumed: true,
        before: peer,
        ocspResponse: undefined,
        signedCertificateTimestamps: [],
      }),
    );
  } catch (error) {
    // What is no longer trusted cannot be resumed; the full handshake will say why
    if (error instanceof TlsError && error.code !== "misuse") return "refused";
    throw error;
  }
}
