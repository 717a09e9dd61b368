/** What a server says in EncryptedExtensions and asks in CertificateRequest (RFC 9846 §4.4). */
import type { KemScheme } from "../../crypto/index.ts";
import {
  answerOwn,
  applyRecordSizeLimit,
  application_layer_protocol_negotiation,
  certificate_authorities,
  chooseClientType,
  client_certificate_type,
  compress_certificate,
  delegated_credential,
  early_data,
  record_size_limit,
  sayings,
  server_certificate_type,
  server_name,
  signature_algorithms,
  signature_algorithms_cert,
  signed_certificate_timestamp,
  status_request,
  typeInCommon,
  typeOf,
} from "../../extensions/index.ts";
import type { Extensions } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import type { CredentialChoice } from "../authentication/credential-choice.ts";
import { type Carrier, send } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { chooseGrease } from "../grease.ts";
import type { ServerHellos } from "./hellos.ts";

/** In the order in which they stand on the wire; extensions of the caller's own follow. */
const answered = [
  server_name,
  application_layer_protocol_negotiation,
  record_size_limit,
  server_certificate_type,
  client_certificate_type,
  early_data,
] as const;

/** In the order in which they stand on the wire. §4.4.2: the first is mandatory. */
const requested = [
  signature_algorithms,
  signature_algorithms_cert,
  certificate_authorities,
  compress_certificate,
  status_request,
  signed_certificate_timestamp,
  delegated_credential,
] as const;

/** What a client is asked for: its CertificateRequest, and the CertificateType of the answer. */
export interface AskedOfClient {
  readonly extensions: Extensions<"certificate_request">;
  readonly type: number;
}

/** EncryptedExtensions, and CertificateRequest if there is to be one, which it returns. */
export function sendParameters(
  config: ServerConfig,
  link: Carrier,
  { hello: { extensions }, transcript, psk }: ServerHellos,
  chosen: Pick<Chosen, "alpn" | "early"> & {
    readonly choice: CredentialChoice | undefined;
    /** The client knew our key before, and said with its hello who it is, if it did. */
    readonly isKnown: boolean;
  },
): AskedOfClient | undefined {
  const { alpn, early, choice, isKnown } = chosen;
  const credential = choice?.credential;
  const asked =
    psk === undefined && !isKnown && config.clientAuthentication !== "none"
      ? { extensions: requestFor(config, choice), type: chooseClientType(config, extensions) }
      : undefined;
  const parameters = encryptedExtensions(config, extensions, {
    alpn,
    early,
    resumed: psk !== undefined,
    serverCertificateType: credential ? typeOf(credential) : typeInCommon(config, extensions),
    clientCertificateType: asked?.type,
  });
  transcript.add(send(link, "encrypted_extensions", { extensions: parameters }));
  const { record_size_limit: recordLimit } = extensions;
  if (recordLimit !== undefined) applyRecordSizeLimit(config, recordLimit, link);
  if (asked !== undefined) {
    // §4.4.2: no context within a handshake
    const certificateRequestContext = new Uint8Array(0);
    const request = { certificateRequestContext, extensions: asked.extensions };
    transcript.add(send(link, "certificate_request", request));
  }
  return asked;
}

/** What the server decided, as far as the client must be told. */
export interface Chosen {
  readonly alpn: string | undefined;
  readonly early: boolean;
  readonly resumed: boolean;
  /** CertificateType of our own certificate, if we have one for this client. */
  readonly serverCertificateType: number | undefined;
  /** CertificateType of the client's certificate, if we ask for one. */
  readonly clientCertificateType: number | undefined;
}

/** §4.4.1: answers to what the client offered, and nothing else. */
export function encryptedExtensions(
  config: ServerConfig,
  offered: Extensions<"client_hello">,
  chosen: Chosen,
): Extensions<"encrypted_extensions"> {
  const answers: Extensions<"encrypted_extensions"> = sayings(answered, (each) => {
    const body = offered[each.name];
    return body === undefined ? undefined : each.answer(body as never, config, chosen);
  });
  return Object.assign(answers, answerOwn(config.extensions, offered));
}

/** Who authenticates by KEM takes nothing else of a client (draft-celi-wiggers-tls-authkem-07 §4.2). */
function requestFor(
  config: ServerConfig,
  choice: CredentialChoice | undefined,
): Extensions<"certificate_request"> {
  if (choice?.decapsulator === undefined) return certificateRequest(config);
  const { kemSchemes: requestedSchemes, certificateSchemes = config.schemes } = config;
  if (requestedSchemes.length === 0) {
    throw new TlsError("misuse", "clients cannot authenticate to a server that does so by KEM", {
      expected: "KEM schemes that are taken: authKem: { schemes: […] }",
    });
  }
  return certificateRequest({ ...config, requestedSchemes, certificateSchemes });
}

export function certificateRequest(
  config: ServerConfig & { readonly requestedSchemes?: readonly KemScheme[] },
): Extensions<"certificate_request"> {
  const request: Extensions<"certificate_request"> = sayings(requested, (each) =>
    each.request(config),
  );
  if (config.grease) {
    request[chooseGrease(config.provider.random).extensions[0]] = new Uint8Array(0);
  }
  return request;
}
