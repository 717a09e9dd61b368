/**
 * One sentence for every field that is declared, and where the standard says it.
 *
 * A field is found by its path without places in lists: `client_hello.random`. What stands in an extension is found by the
 * extension's name, `key_share[].group`, or with its message before that where it says something else there:
 * `server_hello:key_share`.
 */

/** What a field is for, in one sentence, and the section that defines it. */
export interface Sentence {
  /** The sentence. */
  readonly says: string;
  /** `RFC 9846 §4.2.2`. */
  readonly section: string;
}

/** What is said of the field at this path of a dump; `undefined` if nothing is. */
export function sentenceOf(path: string): Sentence | undefined {
  const plain = path.replaceAll(/\[\d+\]/g, "[]");
  const last = plain.slice(plain.lastIndexOf(".") + 1);
  const everywhere = plain === "message" ? undefined : general[last];
  if (everywhere !== undefined) return everywhere;
  const [owner = "", inner] = plain.split(/\.extensions\.(.*)/s);
  if (inner === undefined) return own[plain];
  const [message = ""] = owner.split(".");
  return (
    extensions[`${message}:${inner}`] ??
    extensions[inner] ??
    // A component of a share has the name of its KEM, which may be anybody's
    (inner.startsWith("key_share") ? component(message, last) : undefined)
  );
}

const component = (message: string, name: string): Sentence =>
  name.startsWith("ML-KEM")
    ? message === "client_hello"
      ? say("The client's ML-KEM encapsulation key", "RFC 10024 §4, FIPS 203 §7.1")
      : say(
          "What the server encapsulated to the client's ML-KEM key",
          "RFC 10024 §4, FIPS 203 §7.2",
        )
    : say(`The ephemeral public key of ${name}`, "RFC 9846 §4.3.8.2");

const say = (says: string, section: string): Sentence => ({ says: `${says}.`, section });

/** In every structure. */
const general: Readonly<Record<string, Sentence>> = {
  msg_type: say("The type of the handshake message", "RFC 9846 §4"),
  length: say("How many bytes follow in this field", "RFC 9846 §3.4"),
  extension_type: say("The number of the extension", "RFC 9846 §4.3"),
  extension_length: say("How many bytes of the extension follow", "RFC 9846 §4.3"),
};

const hello = "RFC 9846 §4.2.2";
const answer = "RFC 9846 §4.2.3";
const retry = "RFC 9846 §4.2.4";
const ticket = "RFC 9846 §4.7.1";
const certificate = "RFC 9846 §4.5.1";
const storedKey = "draft-wiggers-tls-authkem-psk-05";

/** Messages and records, and the fields that are not extensions. */
const own: Readonly<Record<string, Sentence>> = {
  message: say("A message of a type that is not known here", "RFC 9846 §4"),
  client_hello: say("The client says what it can do, and sends key shares already", hello),
  "client_hello.legacyVersion": say(
    "Says TLS 1.2 for middleboxes; the real version is in supported_versions",
    hello,
  ),
  "client_hello.random": say("32 random bytes, which make this handshake unlike any other", hello),
  "client_hello.legacySessionId": say(
    "Of no use in TLS 1.3; a random one makes the handshake look like a resumption of TLS 1.2",
    `${hello}, Appendix E.4`,
  ),
  "client_hello.cipherSuites": say("AEAD and hash pairs, the most wanted first", hello),
  "client_hello.cipherSuites[]": say("An AEAD for records and a hash for the key schedule", hello),
  "client_hello.legacyCompressionMethods": say("One zero byte: TLS 1.3 does not compress", hello),
  "client_hello.extensions": say("Everything else that the client asks for and offers", hello),
  server_hello: say(
    "The server chooses, and sends its own key share: both can derive keys now",
    answer,
  ),
  "server_hello.legacyVersion": say("Says TLS 1.2 for middleboxes", answer),
  "server_hello.random": say(
    "32 random bytes of the server; the last eight would warn of a downgrade",
    answer,
  ),
  "server_hello.legacySessionIdEcho": say("The client's legacy_session_id, sent back", answer),
  "server_hello.cipherSuite": say("The suite of this connection, one of those offered", answer),
  "server_hello.legacyCompressionMethod": say("Zero", answer),
  "server_hello.extensions": say(
    "Only what is needed to derive keys; the rest is encrypted",
    answer,
  ),
  hello_retry_request: say(
    "The server asks for another ClientHello, most often with another share",
    retry,
  ),
  "hello_retry_request.legacyVersion": say("Says TLS 1.2 for middleboxes", retry),
  "hello_retry_request.random": say(
    "SHA-256 of “HelloRetryRequest”: this tells it from a ServerHello",
    answer,
  ),
  "hello_retry_request.legacySessionIdEcho": say(
    "The client's legacy_session_id, sent back",
    retry,
  ),
  "hello_retry_request.cipherSuite": say(
    "The suite that the ServerHello must then have too",
    retry,
  ),
  "hello_retry_request.legacyCompressionMethod": say("Zero", retry),
  "hello_retry_request.extensions": say("What the second ClientHello has to have", retry),
  encrypted_extensions: say(
    "Answers to the client's extensions that need no key exchange",
    "RFC 9846 §4.4.1",
  ),
  "encrypted_extensions.extensions": say(
    "The first that nobody on the path can read",
    "RFC 9846 §4.4.1",
  ),
  certificate_request: say("The server asks the client for a certificate", "RFC 9846 §4.4.2"),
  "certificate_request.certificateRequestContext": say(
    "Tells requests apart after the handshake; empty within it",
    "RFC 9846 §4.4.2",
  ),
  "certificate_request.extensions": say("What the certificate has to be like", "RFC 9846 §4.4.2"),
  certificate: say("The chain of this end, its own certificate first", certificate),
  "certificate.certificateRequestContext": say(
    "That of the request; empty from a server",
    certificate,
  ),
  "certificate.certificateList": say(
    "Certificates in order; each certifies the one before it",
    certificate,
  ),
  "certificate.certificateList[]": say("A certificate, and what belongs to it", certificate),
  "certificate.certificateList[].certData": say(
    "An X.509 certificate in DER, or a raw public key",
    certificate,
  ),
  "certificate.certificateList[].extensions": say("Proofs about this certificate", certificate),
  compressed_certificate: say("A Certificate message, compressed", "RFC 8879 §4"),
  "compressed_certificate.algorithm": say("With which it is compressed", "RFC 8879 §4"),
  "compressed_certificate.uncompressedLength": say(
    "Bytes of the Certificate message",
    "RFC 8879 §4",
  ),
  "compressed_certificate.compressedCertificateMessage": say("The compressed bytes", "RFC 8879 §4"),
  kem_encapsulation: say(
    "Proves nothing yet: only who has the key of that certificate can read what follows",
    "draft-celi-wiggers-tls-authkem-07 §4.2",
  ),
  "kem_encapsulation.certificateRequestContext": say(
    "The context of the request that the certificate answered; empty for a server's",
    "draft-celi-wiggers-tls-authkem-07 §4.2",
  ),
  "kem_encapsulation.encapsulation": say(
    "What was encapsulated to the key of the peer's certificate",
    "draft-celi-wiggers-tls-authkem-07 §4.2",
  ),
  certificate_verify: say(
    "Proves that this end has the private key of its certificate",
    "RFC 9846 §4.5.2",
  ),
  "certificate_verify.algorithm": say(
    "The signature scheme, one that the other end offered",
    "RFC 9846 §4.5.2",
  ),
  "certificate_verify.signature": say(
    "Over the transcript of all messages so far",
    "RFC 9846 §4.5.2",
  ),
  finished: say(
    "Proves that nobody changed a message, and that this end has the keys",
    "RFC 9846 §4.5.3",
  ),
  "finished.verifyData": say(
    "HMAC over the transcript, under a key of the handshake secret",
    "RFC 9846 §4.5.3",
  ),
  end_of_early_data: say("No more 0-RTT data follows; the keys change", "RFC 9846 §4.6"),
  new_session_ticket: say(
    "With this the client can resume: the next handshake needs no certificate",
    ticket,
  ),
  "new_session_ticket.ticketLifetime": say(
    "Seconds that it is good for, seven days at most",
    ticket,
  ),
  "new_session_ticket.ticketAgeAdd": say("Hides the ticket's age from who watches", ticket),
  "new_session_ticket.ticketNonce": say("Makes the PSK of each ticket another", ticket),
  "new_session_ticket.ticket": say(
    "The identity of the PSK, which only the server can read",
    ticket,
  ),
  "new_session_ticket.extensions": say("What the session allows", ticket),
  key_update: say("This end changes its sending keys behind this message", "RFC 9846 §4.7.3"),
  "key_update.requestUpdate": say(
    "Whether the other end must change its own too",
    "RFC 9846 §4.7.3",
  ),
  change_cipher_spec: say(
    "Means nothing in TLS 1.3; some middleboxes want to see one",
    "RFC 9846 §5, Appendix E.4",
  ),
  "change_cipher_spec.type": say("Always 1", "RFC 9846 §5"),
  application_data: say("What the ends have to say to each other", "RFC 9846 §5.2"),
  "application_data.content": say("Data of the application, in the clear", "RFC 9846 §5.2"),
  alert: say("An end says why it stops", "RFC 9846 §6"),
  "alert.level": say("Says nothing in TLS 1.3: the description decides", "RFC 9846 §6"),
  "alert.description": say("What went wrong, or close_notify", "RFC 9846 §6.2"),
  sealed: say("A record whose keys are not known: only its length can be seen", "RFC 9846 §5.2"),
  "sealed.content": say("Header, ciphertext and tag", "RFC 9846 §5.2"),
  gap: say("Bytes are missing: what follows in this direction cannot be read", "RFC 9846 §5.2"),
};

const share = "RFC 9846 §4.3.8";
const alpn = "RFC 7301 §3.1";
const schemes = "RFC 9846 §4.3.3";
const psk = "RFC 9846 §4.3.11";
const ocsp = "RFC 9846 §4.5.1.1, RFC 6066 §8";
const sct = "RFC 9846 §4.5.1.1, RFC 6962 §3.3.1";
const delegated = "RFC 9345 §4.1";

/** By the extension's name. */
const extensions: Readonly<Record<string, Sentence>> = {
  server_name: say(
    "The host that the client asks for, readable by everybody on the path",
    "RFC 6066 §3",
  ),
  "encrypted_extensions:server_name": say("The server used the name", "RFC 6066 §3"),
  "server_name[]": say("A name, and its kind", "RFC 6066 §3"),
  "server_name[].nameType": say("0: a host name, the only kind there is", "RFC 6066 §3"),
  "server_name[].name": say("The host name", "RFC 6066 §3"),
  application_layer_protocol_negotiation: say("Protocols above TLS, the most wanted first", alpn),
  "encrypted_extensions:application_layer_protocol_negotiation": say(
    "The protocol that the server chose",
    alpn,
  ),
  "application_layer_protocol_negotiation[]": say("A protocol's name", alpn),
  certificate_authorities: say("Authorities that the sender trusts", "RFC 9846 §4.3.4"),
  "certificate_authorities[]": say("The name of one, in DER", "RFC 9846 §4.3.4"),
  client_certificate_type: say(
    "What the client could show: certificates or raw public keys",
    "RFC 7250 §3",
  ),
  "encrypted_extensions:client_certificate_type": say("What the client has to show", "RFC 7250 §3"),
  "client_certificate_type[]": say("A kind of certificate", "RFC 7250 §3"),
  server_certificate_type: say(
    "What the client can verify: certificates or raw public keys",
    "RFC 7250 §3",
  ),
  "encrypted_extensions:server_certificate_type": say("What the server shows", "RFC 7250 §3"),
  "server_certificate_type[]": say("A kind of certificate", "RFC 7250 §3"),
  compress_certificate: say(
    "How a Certificate message may be compressed for the sender",
    "RFC 8879 §3",
  ),
  "compress_certificate[]": say("An algorithm of compression", "RFC 8879 §3"),
  cookie: say("What the server handed out with a HelloRetryRequest, sent back", "RFC 9846 §4.3.2"),
  "hello_retry_request:cookie": say(
    "To be sent back: so the server need not remember",
    "RFC 9846 §4.3.2",
  ),
  delegated_credential: say("Schemes that it takes from a delegated credential", delegated),
  "delegated_credential[]": say("A signature scheme", delegated),
  "certificate:delegated_credential": say(
    "A short-lived key, signed by the certificate's key",
    delegated,
  ),
  "delegated_credential.credential": say("The key, and how long it is good for", delegated),
  "delegated_credential.credential.validTime": say(
    "Seconds after the certificate's notBefore",
    delegated,
  ),
  "delegated_credential.credential.expectedCertVerifyAlgorithm": say(
    "The only scheme it signs with",
    delegated,
  ),
  "delegated_credential.credential.asn1SubjectPublicKeyInfo": say(
    "The public key, in DER",
    delegated,
  ),
  "delegated_credential.algorithm": say("With which the certificate's key signed it", delegated),
  "delegated_credential.signature": say("By the certificate's key", delegated),
  stored_auth_key: say(
    "The client has this server's KEM key already, and encapsulates to it at once",
    `${storedKey} §4.2.1`,
  ),
  "stored_auth_key.keyFingerprint": say(
    "The SHA-256 hash of that key, by which the server finds it",
    `${storedKey} §4.2.1`,
  ),
  "stored_auth_key.ciphertext": say(
    "What the client encapsulated to the server's key",
    `${storedKey} §4.2.1`,
  ),
  "server_hello:stored_auth_key": say(
    "The server has that key: it proves itself by its Finished and sends no certificate",
    `${storedKey} §4.2.1`,
  ),
  early_auth: say(
    "The client's Certificate follows at once, under a key that the server's key protects",
    `${storedKey} §4.2.2`,
  ),
  "server_hello:early_auth": say("The server takes that Certificate", `${storedKey} §4.2.2`),
  early_data: say("The client sends 0-RTT data behind this message", "RFC 9846 §4.3.10"),
  "encrypted_extensions:early_data": say("The server takes the 0-RTT data", "RFC 9846 §4.3.10"),
  "new_session_ticket:early_data": say(
    "Bytes of 0-RTT data that the server would take",
    "RFC 9846 §4.3.10",
  ),
  ech_outer_extensions: say(
    "Which extensions of the outer hello stand in the inner one too",
    "RFC 9849 §5.1",
  ),
  encrypted_client_hello: say(
    "The real ClientHello, encrypted for the server; or bytes that look so",
    "RFC 9849 §5",
  ),
  "hello_retry_request:encrypted_client_hello": say(
    "Tells the client that the inner hello was read",
    "RFC 9849 §5",
  ),
  "encrypted_extensions:encrypted_client_hello": say(
    "Keys that the client should have used",
    "RFC 9849 §5",
  ),
  extended_main_secret: say(
    "Of TLS 1.2: binds its keys to the transcript, as TLS 1.3 always does",
    "RFC 7627 §5.1",
  ),
  external_id_hash: say("Binds a certificate to an identity outside of TLS", "RFC 8844 §3.2"),
  external_session_id: say("Binds the connection to a session outside of TLS", "RFC 8844 §4.3"),
  heartbeat: say("Of DTLS: whether heartbeats may be sent", "RFC 6520 §2"),
  key_share: say(
    "Public keys for groups that the client bets on: a right guess saves a round trip",
    share,
  ),
  "key_share[]": say("A group, and the client's share of it", share),
  "key_share[].group": say("The group of this share", share),
  "key_share[].keyExchange": say(
    "What the server needs of the client; a hybrid's parts are concatenated",
    `${share}, RFC 9954 §3.2`,
  ),
  "server_hello:key_share": say(
    "The server's share, in a group that the client sent one for",
    share,
  ),
  "key_share.group": say("The group of this connection", share),
  "key_share.keyExchange": say(
    "What the client needs of the server; a hybrid's parts are concatenated",
    `${share}, RFC 9954 §3.2`,
  ),
  "hello_retry_request:key_share": say("The group for which the server wants a share", share),
  max_fragment_length: say(
    "Asks for smaller records; record_size_limit took its place",
    "RFC 6066 §4",
  ),
  oid_filters: say(
    "Certificate extensions that the client's certificate should have",
    "RFC 9846 §4.3.5",
  ),
  "oid_filters[]": say("An extension, and values of it", "RFC 9846 §4.3.5"),
  "oid_filters[].oid": say("Which extension, in DER", "RFC 9846 §4.3.5"),
  "oid_filters[].values": say("Which values, in DER", "RFC 9846 §4.3.5"),
  padding: say("Zeros, which make the ClientHello longer", "RFC 7685 §3"),
  post_handshake_auth: say("The client may be asked for a certificate later", "RFC 9846 §4.3.6"),
  pre_shared_key: say(
    "Keys that both may have already; it must come last, for it covers all before it",
    psk,
  ),
  "pre_shared_key.identities": say("Names of the keys, the most wanted first", psk),
  "pre_shared_key.identities[]": say("A key's name, and a ticket's age", psk),
  "pre_shared_key.identities[].identity": say("A ticket, or the name of an external key", psk),
  "pre_shared_key.identities[].obfuscatedTicketAge": say(
    "Milliseconds since the ticket came, hidden",
    psk,
  ),
  "pre_shared_key.binders": say("Proofs that the client has the keys that it names", `${psk}.2`),
  "pre_shared_key.binders[]": say(
    "HMAC over this ClientHello up to here, under a key of the PSK",
    `${psk}.2`,
  ),
  "server_hello:pre_shared_key": say(
    "The place of the identity that the server takes, from 0",
    psk,
  ),
  psk_key_exchange_modes: say("How a pre-shared key may be used", "RFC 9846 §4.3.9"),
  "psk_key_exchange_modes[]": say(
    "With a key exchange, or without one and without forward secrecy",
    "RFC 9846 §4.3.9",
  ),
  quic_transport_parameters: say("Of QUIC: what its transport needs to know", "RFC 9001 §8.2"),
  record_size_limit: say("Bytes of plaintext in a record that the sender takes", "RFC 8449 §4"),
  renegotiation_info: say("Of TLS 1.2: that it renegotiates in the safe way", "RFC 5746 §3.2"),
  signature_algorithms: say("Signature schemes that the sender can verify", schemes),
  "signature_algorithms[]": say("A signature scheme", schemes),
  signature_algorithms_cert: say(
    "Signature schemes that it takes in certificates, where those are others",
    schemes,
  ),
  "signature_algorithms_cert[]": say("A signature scheme", schemes),
  signed_certificate_timestamp: say("Asks for proofs that the certificate was logged", sct),
  "certificate:signed_certificate_timestamp": say("Proofs that the certificate was logged", sct),
  "signed_certificate_timestamp[]": say("A log's signed promise", sct),
  status_request: say("Asks for an OCSP response: that the certificate was not revoked", ocsp),
  "certificate:status_request": say("An OCSP response: that the certificate was not revoked", ocsp),
  "status_request.statusType": say("1: OCSP", ocsp),
  "status_request.request": say("Which responders, and extensions: two empty lists for any", ocsp),
  "status_request.response": say("The response, in DER", ocsp),
  supported_groups: say("Groups for key exchange, the most wanted first", "RFC 9846 §4.3.7"),
  "encrypted_extensions:supported_groups": say(
    "Groups that the server would like next time",
    "RFC 9846 §4.3.7",
  ),
  "supported_groups[]": say("A group", "RFC 9846 §4.3.7"),
  supported_versions: say("Versions of TLS, the most wanted first", "RFC 9846 §4.3.1"),
  "supported_versions[]": say("A version", "RFC 9846 §4.3.1"),
  "server_hello:supported_versions": say("The version of this connection", "RFC 9846 §4.3.1"),
  "hello_retry_request:supported_versions": say(
    "The version of this connection",
    "RFC 9846 §4.3.1",
  ),
  ticket_request: say("How many tickets the client would like", "RFC 9149 §3"),
  "encrypted_extensions:ticket_request": say("How many the server will send", "RFC 9149 §3"),
  "ticket_request.newSessionCount": say("After a full handshake", "RFC 9149 §3"),
  "ticket_request.resumptionCount": say("After a resumption", "RFC 9149 §3"),
  transparency_info: say(
    "Proofs that the certificate was logged, in their second form",
    "RFC 9162 §6",
  ),
  use_srtp: say("Of DTLS-SRTP: profiles that protect media", "RFC 5764 §4.1"),
};
