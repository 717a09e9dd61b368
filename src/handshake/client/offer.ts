/** The client's offer: making a ClientHello, and making it again after a HelloRetryRequest (RFC 9846 §4.2.2). */
import type { KeyShare } from "../../groups/index.ts";
import type { ClientHello, Extensions } from "../../messages/index.ts";
import type { Link } from "../../record/index.ts";
import { ProtocolVersion, PskKeyExchangeMode } from "../../registry/index.ts";
import { EarlySecret, type SecretOwners, type TranscriptBuffer } from "../../schedule/index.ts";
import { offerCertificateTypes } from "../certificate-types.ts";
import type { ClientConfig } from "../config.ts";
import { addGrease, type Grease } from "../grease.ts";
import { obfuscatedTicketAge, type OfferedPsk } from "../psk.ts";

/** What changes between the two ClientHellos of a retried handshake. */
export interface OfferTerms {
  readonly link: Link;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly shares: readonly KeyShare[];
  readonly psks: readonly OfferedPsk[];
  readonly earlyData: boolean;
  readonly cookie?: Uint8Array | undefined;
  readonly grease?: Grease | undefined;
}

export interface Offer extends OfferTerms {
  readonly hello: ClientHello;
  /** The message, binders included. */
  readonly raw: Uint8Array;
  /** Of each PSK, in their order. */
  readonly early: readonly EarlySecret[];
}

const ipAddress = /^[\d.]+$|:/;

/** RFC 6066 §3: an address is not a name for SNI. */
export const nameForSni = (name: string | undefined): string | undefined =>
  name === undefined || ipAddress.test(name) ? undefined : name.replace(/\.$/, "");

/** Encodes the ClientHello; its PSK binders cover the transcript before it and itself up to them. */
export function makeOffer(
  config: ClientConfig,
  transcript: TranscriptBuffer,
  terms: OfferTerms,
  owners: SecretOwners,
): Offer {
  const plain: ClientHello = {
    legacyVersion: ProtocolVersion["TLS 1.2"],
    random: terms.random,
    legacySessionId: terms.sessionId,
    cipherSuites: config.suites.map((suite) => suite.code),
    legacyCompressionMethods: Uint8Array.of(0),
    extensions: offerExtensions(config, terms),
  };
  const hello = terms.grease === undefined ? plain : addGrease(plain, terms.grease);
  // §4.3.11: the last extension
  if (terms.psks.length > 0) hello.extensions.pre_shared_key = offerPsks(config, terms.psks);
  const raw = terms.link.encode("client_hello", hello);
  const early = terms.psks.map(
    ({ hash, secret }) => new EarlySecret(config.provider.hashes[hash], secret, owners),
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

function offerExtensions(config: ClientConfig, terms: OfferTerms): Extensions<"client_hello"> {
  const serverName = nameForSni(config.serverName);
  const extensions: Extensions<"client_hello"> = {};
  if (serverName !== undefined) extensions.server_name = [{ nameType: 0, name: serverName }];
  if (config.stapling) {
    extensions.status_request = { statusType: 1, request: new Uint8Array(4) };
    extensions.signed_certificate_timestamp = true;
  }
  extensions.supported_groups = config.groups.map((group) => group.code);
  // RFC 9963 §2: some schemes are for clients' signatures alone
  extensions.signature_algorithms = config.schemes
    .filter(({ clientOnly }) => clientOnly !== true)
    .map((scheme) => scheme.code);
  if (config.certificateSchemes !== undefined) {
    extensions.signature_algorithms_cert = config.certificateSchemes.map((scheme) => scheme.code);
  }
  if (config.alpn.length > 0) {
    extensions.application_layer_protocol_negotiation = [...config.alpn];
  }
  if (config.certificateAuthorities.length > 0) {
    extensions.certificate_authorities = [...config.certificateAuthorities];
  }
  if (config.certificateCompression.length > 0) {
    extensions.compress_certificate = config.certificateCompression.map((entry) => entry.algorithm);
  }
  if (config.delegatedSchemes.length > 0) {
    extensions.delegated_credential = config.delegatedSchemes.map((scheme) => scheme.code);
  }
  Object.assign(extensions, offerCertificateTypes(config));
  if (config.recordSizeLimit !== undefined) extensions.record_size_limit = config.recordSizeLimit;
  if (config.postHandshakeAuthentication) extensions.post_handshake_auth = true;
  extensions.supported_versions = [ProtocolVersion["TLS 1.3"]];
  if (terms.cookie !== undefined) extensions.cookie = terms.cookie;
  extensions.psk_key_exchange_modes = config.allowPskOnly
    ? [PskKeyExchangeMode.psk_dhe_ke, PskKeyExchangeMode.psk_ke]
    : [PskKeyExchangeMode.psk_dhe_ke];
  extensions.key_share = terms.shares.map((share) => ({
    group: share.group.code,
    keyExchange: share.keyExchange,
  }));
  if (terms.earlyData) extensions.early_data = true;
  return extensions;
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
    binders: psks.map((psk) => new Uint8Array(config.provider.hashes[psk.hash].length)),
  };
}

/** Bytes of the binders list at the end of a ClientHello, its own length included (§4.3.11.2). */
export const bindersLength = (binders: readonly Uint8Array[]): number =>
  binders.reduce((sum, binder) => sum + 1 + binder.length, 2);

/** Puts binders into their places at the end of an encoded ClientHello. */
function writeBinders(
  raw: Uint8Array,
  places: readonly Uint8Array[],
  binders: readonly Uint8Array[],
): void {
  let at = raw.length - bindersLength(places) + 2;
  places.forEach(({ length }, index) => {
    raw.set(binders[index]?.subarray(0, length) ?? [], at + 1);
    at += 1 + length;
  });
}
