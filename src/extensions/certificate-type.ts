/** client_certificate_type and server_certificate_type (RFC 7250): certificates, or raw public keys. */
import { CertificateType, nameOf, TlsError } from "../registry/index.ts";
import { code, list, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const { X509, RawPublicKey } = CertificateType;
const type = code(uint8, CertificateType);
const inBoth = { client_hello: list(type, 1, 255), encrypted_extensions: type };

/** What can be presented: a chain, or a key alone. */
interface Presentable {
  readonly rawPublicKey?: unknown;
}
interface Configured {
  readonly credentials: readonly Presentable[];
  /** CertificateType that we take from the peer, in order of preference. */
  readonly certificateTypes: readonly number[];
}
interface Offered {
  readonly client_certificate_type?: readonly number[];
  readonly server_certificate_type?: readonly number[];
}

export const typeOf = (credential: Presentable): number =>
  credential.rawPublicKey === undefined ? X509 : RawPublicKey;

/** What the client can present; where it would say X.509 alone, it says nothing (§4.1). */
export const client_certificate_type = extension("client_certificate_type", inBoth, {
  offer({ credentials }: Configured) {
    const own = [...new Set(credentials.map(typeOf))];
    return own.length === 0 || isOnlyX509(own) ? undefined : own;
  },
  answer: (
    _offered: unknown,
    _config: unknown,
    chosen: { readonly clientCertificateType: number | undefined },
  ) => chosen.clientCertificateType,
});

/** What the client can verify; where it would say X.509 alone, it says nothing (§4.1). */
export const server_certificate_type = extension("server_certificate_type", inBoth, {
  offer: ({ certificateTypes: types }: Configured) => (isOnlyX509(types) ? undefined : [...types]),
  answer: (
    _offered: unknown,
    _config: unknown,
    chosen: { readonly serverCertificateType: number | undefined },
  ) => chosen.serverCertificateType,
});

const isOnlyX509 = (types: readonly number[]): boolean => types.length === 1 && types[0] === X509;

/** A server's credentials of a type that the client takes. @throws TlsError `unsupported_certificate` if there is none (§4.2) */
export function credentialsFor<C extends Presentable>(
  credentials: readonly C[],
  { server_certificate_type: wanted = [X509] }: Offered,
): readonly C[] {
  const usable = credentials.filter((credential) => wanted.includes(typeOf(credential)));
  if (usable.length === 0 && credentials.length > 0) {
    throw noneInCommon("server", credentials.map(typeOf), wanted);
  }
  return usable;
}

/** What a server says where a PSK stands for its certificate (§4.2): what it would present, if there is such a thing. */
export const typeInCommon = (
  { credentials }: Configured,
  { server_certificate_type: wanted = [X509] }: Offered,
): number | undefined => credentials.map(typeOf).find((each) => wanted.includes(each));

/** The type that a server asks of a client. @throws TlsError `unsupported_certificate` (§4.2) */
export function chooseClientType(
  { certificateTypes }: Configured,
  { client_certificate_type: can = [X509] }: Offered,
): number {
  const chosen = certificateTypes.find((each) => can.includes(each));
  if (chosen === undefined) throw noneInCommon("client", certificateTypes, can);
  return chosen;
}

/**
 * A client: what the server chose, or X.509 where it says nothing: under a PSK it presents nothing, and to a
 * request we may have no answer. @throws TlsError for a type that was not offered
 */
export function readCertificateTypes(
  config: Configured,
  answer: { readonly client_certificate_type?: number; readonly server_certificate_type?: number },
  psk: object | undefined,
): { client: number; server: number } {
  const { server_certificate_type: saidServer, client_certificate_type: saidClient } = answer;
  const server = saidServer ?? X509;
  const isSaid = psk === undefined || saidServer !== undefined;
  if (isSaid && !config.certificateTypes.includes(server)) {
    throw noneInCommon("server", config.certificateTypes, [server]);
  }
  const own = config.credentials.map(typeOf);
  if (saidClient !== undefined && !own.includes(saidClient)) {
    throw noneInCommon("client", own, [saidClient]);
  }
  return { client: saidClient ?? X509, server };
}

function noneInCommon(
  whose: "client" | "server",
  ours: readonly number[],
  theirs: readonly number[],
): TlsError {
  const names = (types: readonly number[]): string =>
    types.map((each) => nameOf(CertificateType, each, 2)).join(", ");
  return new TlsError("unsupported_certificate", `no common type of ${whose} certificate`, {
    expected: names(ours),
    received: names(theirs),
    where: `extensions.${whose}_certificate_type`,
    section: "RFC 7250 §4.2",
  });
}
