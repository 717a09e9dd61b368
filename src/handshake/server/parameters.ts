/** What a server says in EncryptedExtensions and asks in CertificateRequest (RFC 9846 §4.4). */
import type { Extensions } from "../../messages/index.ts";
import { chooseGrease } from "../grease.ts";
import { requestedHost } from "../host-name.ts";
import type { ServerConfig } from "../config.ts";

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

/** Answers to what the client offered, and nothing else. */
export function encryptedExtensions(
  config: ServerConfig,
  offered: Extensions<"client_hello">,
  chosen: Chosen,
): Extensions<"encrypted_extensions"> {
  const answer: Extensions<"encrypted_extensions"> = {};
  // RFC 6066 §3: the name was heeded; a resumed session has it already
  if (requestedHost(offered.server_name) !== undefined && !chosen.resumed)
    answer.server_name = true;
  if (chosen.alpn !== undefined) answer.application_layer_protocol_negotiation = [chosen.alpn];
  if (config.recordSizeLimit !== undefined && offered.record_size_limit !== undefined) {
    answer.record_size_limit = config.recordSizeLimit;
  }
  // RFC 7250 §4.2: answered only where asked
  if (offered.server_certificate_type !== undefined && chosen.serverCertificateType !== undefined) {
    answer.server_certificate_type = chosen.serverCertificateType;
  }
  if (offered.client_certificate_type !== undefined && chosen.clientCertificateType !== undefined) {
    answer.client_certificate_type = chosen.clientCertificateType;
  }
  if (chosen.early) answer.early_data = true;
  return answer;
}

/** §4.4.2: the schemes are mandatory. */
export function certificateRequest(config: ServerConfig): Extensions<"certificate_request"> {
  const request: Extensions<"certificate_request"> = {
    signature_algorithms: config.schemes.map((scheme) => scheme.code),
  };
  if (config.certificateSchemes !== undefined) {
    request.signature_algorithms_cert = config.certificateSchemes.map((scheme) => scheme.code);
  }
  if (config.certificateAuthorities.length > 0) {
    request.certificate_authorities = [...config.certificateAuthorities];
  }
  if (config.certificateCompression.length > 0) {
    request.compress_certificate = config.certificateCompression.map((entry) => entry.algorithm);
  }
  if (config.stapling) {
    request.status_request = new Uint8Array(0);
    request.signed_certificate_timestamp = true;
  }
  if (config.delegatedSchemes.length > 0) {
    request.delegated_credential = config.delegatedSchemes.map((scheme) => scheme.code);
  }
  if (config.grease) {
    request[chooseGrease(config.provider.random).extensions[0]] = new Uint8Array(0);
  }
  return request;
}
