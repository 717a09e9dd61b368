/** Certificates or raw public keys: RFC 7250. */
import type { Credential } from "../identity/index.ts";
import type { Extensions } from "../messages/index.ts";
import { CertificateType, nameOf, TlsError } from "../registry/index.ts";
import type { ClientConfig, ServerConfig } from "./config.ts";
import type { OfferedPsk } from "./psk.ts";

const { X509, RawPublicKey } = CertificateType;

export const typeOf = (credential: Credential): number =>
  credential.rawPublicKey === undefined ? X509 : RawPublicKey;

const isOnlyX509 = (types: readonly number[]): boolean => types.length === 1 && types[0] === X509;

/** What a client offers; where it would say X.509 alone, it says nothing (§4.1). */
export function offerCertificateTypes(
  config: ClientConfig,
): Pick<Extensions<"client_hello">, "client_certificate_type" | "server_certificate_type"> {
  const own = [...new Set(config.credentials.map(typeOf))];
  return {
    ...(own.length === 0 || isOnlyX509(own) ? {} : { client_certificate_type: own }),
    ...(isOnlyX509(config.certificateTypes)
      ? {}
      : { server_certificate_type: [...config.certificateTypes] }),
  };
}

/** Our credentials of a type that the client takes. @throws TlsError `unsupported_certificate` if there is none (§4.2) */
export function credentialsFor(
  config: ServerConfig,
  offered: Extensions<"client_hello">,
): readonly Credential[] {
  const wanted = offered.server_certificate_type ?? [X509];
  const usable = config.credentials.filter((credential) => wanted.includes(typeOf(credential)));
  if (usable.length === 0 && config.credentials.length > 0) {
    throw noneInCommon("server", config.credentials.map(typeOf), wanted);
  }
  return usable;
}

/** What a server says where a PSK stands for its certificate (§4.2): what it would present, if there is such a thing. */
export const typeInCommon = (
  config: ServerConfig,
  offered: Extensions<"client_hello">,
): number | undefined =>
  config.credentials
    .map(typeOf)
    .find((type) => (offered.server_certificate_type ?? [X509]).includes(type));

/** The type that we ask of a client. @throws TlsError `unsupported_certificate` (§4.2) */
export function chooseClientType(
  config: ServerConfig,
  offered: Extensions<"client_hello">,
): number {
  const can = offered.client_certificate_type ?? [X509];
  const chosen = config.certificateTypes.find((type) => can.includes(type));
  if (chosen === undefined) throw noneInCommon("client", config.certificateTypes, can);
  return chosen;
}

/**
 * What the server chose, or X.509 where it says nothing: under a PSK it presents nothing, and to a request we
 * may have no answer. @throws TlsError for a type that was not offered
 */
export function readCertificateTypes(
  config: ClientConfig,
  extensions: Extensions<"encrypted_extensions">,
  psk: OfferedPsk | undefined,
): { client: number; server: number } {
  const { server_certificate_type, client_certificate_type } = extensions;
  const server = server_certificate_type ?? X509;
  const isSaid = psk === undefined || server_certificate_type !== undefined;
  if (isSaid && !config.certificateTypes.includes(server)) {
    throw noneInCommon("server", config.certificateTypes, [server]);
  }
  const own = config.credentials.map(typeOf);
  if (client_certificate_type !== undefined && !own.includes(client_certificate_type)) {
    throw noneInCommon("client", own, [client_certificate_type]);
  }
  return { client: client_certificate_type ?? X509, server };
}

function noneInCommon(
  whose: "client" | "server",
  ours: readonly number[],
  theirs: readonly number[],
): TlsError {
  const names = (types: readonly number[]): string =>
    types.map((type) => nameOf(CertificateType, type, 2)).join(", ");
  return new TlsError("unsupported_certificate", `no common type of ${whose} certificate`, {
    expected: names(ours),
    received: names(theirs),
    where: `extensions.${whose}_certificate_type`,
    section: "RFC 7250 §4.2",
  });
}
