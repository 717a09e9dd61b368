/** What a ClientHello offers, as plain data. */
import { groups, isPostQuantum } from "../../groups/index.ts";
import { labelOf } from "../../lab/trace/names.ts";
import { decodeMessage, type MessageBody } from "../../messages/index.ts";
import {
  CertificateCompressionAlgorithm,
  CipherSuite,
  ExtensionType,
  NamedGroup,
  nameOf,
  printable,
  ProtocolVersion,
  PskKeyExchangeMode,
  SignatureScheme,
} from "../../registry/index.ts";
import { ja4 } from "./ja4.ts";
import { isGrease, typesOf } from "./offered.ts";

/** Names are IANA's, `GREASE` for the values of RFC 8701, numbers for the rest; lists are in the client's order. */
export interface ClientFacts {
  /** JA4, after FoxIO's "JA4: TLS Client Fingerprinting". */
  readonly ja4: string;
  /** Of the message, header included. */
  readonly bytes: number;
  /** supported_versions: `TLS 1.3`. */
  readonly versions: readonly string[];
  /** Cipher suites. */
  readonly suites: readonly string[];
  /** supported_groups. */
  readonly groups: readonly string[];
  /** Groups of key_share, with the bytes of each share. */
  readonly shares: readonly { readonly group: string; readonly bytes: number }[];
  /** signature_algorithms. */
  readonly schemes: readonly string[];
  /** In certificates, where that differs. */
  readonly certificateSchemes: readonly string[] | null;
  /** All extensions. */
  readonly extensions: readonly string[];
  /** The host name; `null` if it names none. */
  readonly serverName: string | null;
  /** Application protocols. */
  readonly alpn: readonly string[];
  /** psk_key_exchange_modes. */
  readonly pskModes: readonly string[];
  /** Algorithms of compress_certificate. */
  readonly compression: readonly string[];
  /** record_size_limit in bytes; `null` if it does not say one. */
  readonly recordSizeLimit: number | null;
  /** Values of RFC 8701 are among these. */
  readonly grease: boolean;
  /** An encrypted_client_hello is there; whether it is real only its server knows. */
  readonly ech: boolean;
  /** It asks for a stapled OCSP response. */
  readonly ocsp: boolean;
  /** It asks for SignedCertificateTimestamps. */
  readonly scts: boolean;
  /** It offers a session. */
  readonly resumes: boolean;
  /** It offers 0-RTT data. */
  readonly earlyData: boolean;
  /** It has a share of a post-quantum group; or only names one. */
  readonly postQuantum: "share" | "offered" | "none";
}

/**
 * @param raw the message, header included
 * @throws DecodeError or TlsError for what is not a ClientHello
 */
export function clientFacts(raw: Uint8Array): ClientFacts {
  const { body } = decodeMessage("client_hello", raw);
  const { extensions } = body;
  const shares = extensions.key_share ?? [];
  const offered = extensions.supported_groups ?? [];
  return {
    ja4: ja4(body),
    bytes: raw.length,
    versions: (extensions.supported_versions ?? [body.legacyVersion]).map((each) =>
      labelOf(ProtocolVersion, each),
    ),
    suites: body.cipherSuites.map((code) => labelOf(CipherSuite, code)),
    groups: offered.map(groupName),
    shares: shares.map(({ group, keyExchange }) => ({
      group: groupName(group),
      bytes: keyExchange.length,
    })),
    schemes: (extensions.signature_algorithms ?? []).map(schemeName),
    certificateSchemes: extensions.signature_algorithms_cert?.map(schemeName) ?? null,
    extensions: typesOf(body).map((type) => labelOf(ExtensionType, type)),
    serverName: hostIn(extensions.server_name),
    alpn: (extensions.application_layer_protocol_negotiation ?? []).map((name) =>
      printable(name, 64),
    ),
    pskModes: (extensions.psk_key_exchange_modes ?? []).map((each) =>
      isGreaseMode(each) ? "GREASE" : nameOf(PskKeyExchangeMode, each, 2),
    ),
    compression: (extensions.compress_certificate ?? []).map((each) =>
      nameOf(CertificateCompressionAlgorithm, each),
    ),
    recordSizeLimit: extensions.record_size_limit ?? null,
    grease: [...body.cipherSuites, ...typesOf(body), ...offered].some(isGrease),
    ech: extensions.encrypted_client_hello !== undefined,
    ocsp: extensions.status_request !== undefined,
    scts: extensions.signed_certificate_timestamp !== undefined,
    resumes: extensions.pre_shared_key !== undefined,
    earlyData: extensions.early_data !== undefined,
    postQuantum: shares.some(({ group }) => isStrong(group))
      ? "share"
      : offered.some(isStrong)
        ? "offered"
        : "none",
  };
}

type Hello = MessageBody<"client_hello">;

const isGreaseMode = (value: number): boolean => (value - 0x0b) % 0x1f === 0;

const isStrong = (code: number): boolean =>
  groups.some((group) => group.code === code && isPostQuantum(group));

const groupName = (code: number): string => labelOf(NamedGroup, code);
const schemeName = (code: number): string => labelOf(SignatureScheme, code);

const hostIn = (names: Hello["extensions"]["server_name"]): string | null => {
  const host = names?.find(({ nameType }) => nameType === 0)?.name;
  return host === undefined ? null : printable(host, 255);
};
