/** The client's offer: making a ClientHello, and making it again after a HelloRetryRequest (RFC 9846 §4.2.2). */
import { hashNamed } from "../../crypto/index.ts";
import {
  application_layer_protocol_negotiation,
  bindersLength,
  certificate_authorities,
  client_certificate_type,
  compress_certificate,
  cookie,
  delegated_credential,
  early_auth,
  early_data,
  key_share,
  post_handshake_auth,
  psk_key_exchange_modes,
  record_size_limit,
  sayings,
  server_certificate_type,
  server_name,
  signature_algorithms,
  signature_algorithms_cert,
  signed_certificate_timestamp,
  status_request,
  stored_auth_key,
  supported_groups,
  supported_versions,
  writeBinders,
} from "../../extensions/index.ts";
import type { KeyShare } from "../../groups/index.ts";
import type { ClientHello, Extensions } from "../../messages/index.ts";
import { ProtocolVersion } from "../../registry/index.ts";
import { EarlySecret, type SecretOwners, type TranscriptBuffer } from "../../schedule/index.ts";
import type { StoredKeyOffer } from "../authkem/stored-key-offer.ts";
import type { ClientConfig } from "../config.ts";
import { addGrease, type Grease } from "../grease.ts";
import { type Carrier, encode } from "../carrier.ts";
import { obfuscatedTicketAge, type OfferedPsk } from "../psk.ts";

/** In the order in which they stand on the wire; extensions of the caller's own follow, and last pre_shared_key. */
const offered = [
  server_name,
  status_request,
  signed_certificate_timestamp,
  supported_groups,
  signature_algorithms,
  signature_algorithms_cert,
  application_layer_protocol_negotiation,
  certificate_authorities,
  compress_certificate,
  delegated_credential,
  client_certificate_type,
  server_certificate_type,
  record_size_limit,
  post_handshake_auth,
  supported_versions,
  cookie,
  psk_key_exchange_modes,
  key_share,
  stored_auth_key,
  early_auth,
  early_data,
] as const;

/** What changes between the two ClientHellos of a retried handshake, and what must not. */
export interface OfferTerms {
  readonly link: Carrier;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly shares: readonly KeyShare[];
  readonly psks: readonly OfferedPsk[];
  readonly earlyData: boolean;
  /** To a key of the server that is known before. */
  readonly stored?: StoredKeyOffer | undefined;
  /** Our certificate follows the ClientHello. */
  readonly earlyAuth: boolean;
  readonly cookie?: Uint8Array | undefined;
  /** Data of the caller's own extensions. */
  readonly own: Readonly<Record<string, Uint8Array>>;
  readonly grease?: Grease | undefined;
}

export interface Offer extends OfferTerms {
  readonly hello: ClientHello;
  /** The message, binders included. */
  readonly raw: Uint8Array;
  /** Of each PSK, in their order. */
  readonly early: readonly EarlySecret[];
}

/** Encodes the ClientHello; its PSK binders cover the transcript before it and itself up to them. */
export function makeOffer(
  config: ClientConfig,
  transcript: TranscriptBuffer,
  terms: OfferTerms,
  owners: SecretOwners,
): Offer {
  const extensions: Extensions<"client_hello"> = sayings(offered, (each) =>
    each.offer(config, terms),
  );
  const plain: ClientHello = {
    legacyVersion: ProtocolVersion["TLS 1.2"],
    random: terms.random,
    legacySessionId: terms.sessionId,
    cipherSuites: config.suites.map((suite) => suite.code),
    legacyCompressionMethods: Uint8Array.of(0),
    extensions: Object.assign(extensions, terms.own),
  };
  const hello = terms.grease === undefined ? plain : addGrease(plain, terms.grease);
  // §4.3.11: the last extension
  if (terms.psks.length > 0) hello.extensions.pre_shared_key = offerPsks(config, terms.psks);
  const raw = encode(terms.link, "client_hello", hello);
  const early = terms.psks.map(
    ({ hash, secret }) => new EarlySecret(hashNamed(hash, config.provider), secret, owners),
  );
  if (early.length > 0) {
    const places = hello.extensions.pre_shared_key?.binders ?? [];
    const truncated = raw.subarray(0, raw.length - bindersLength(places));
    const binders = early.map((secret, index) =>
      secret.binder(terms.psks[index]!.kind, transcript.hashWith(secret.hash, truncated)),
    );
    writeBinders(raw, places, binders);
  }
  return { ...terms, hello, raw, early };
}

/** Identities, and binders of zeros that {@link writeBinders} fills. */
function offerPsks(
  config: ClientConfig,
  psks: readonly OfferedPsk[],
): NonNullable<Extensions<"client_hello">["pre_shared_key"]> {
  const now = config.now();
  return {
    identities: psks.map((psk) => ({
      identity: psk.identity,
      obfuscatedTicketAge: obfuscatedTicketAge(psk, now),
    })),
    binders: psks.map((psk) => new Uint8Array(hashNamed(psk.hash, config.provider).length)),
  };
}
