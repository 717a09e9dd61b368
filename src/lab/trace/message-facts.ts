import {
  annotateMessage,
  decodeMessage,
  type MessageBody,
  type MessageType,
  messageType,
} from "../../messages/index.ts";
import { CipherSuite, HandshakeType, NamedGroup, SignatureScheme } from "../../registry/index.ts";
import { extensionLabel, labelOf } from "./names.ts";

/** What is worth knowing of a handshake message, as plain data. Sizes in bytes. */
export interface MessageFacts {
  /** IANA's name, or `0x…` for a number that is none. */
  readonly type: string;
  /** The whole message, with its 4-byte header and without the record's. */
  readonly bytes: number;
  /** In order on the wire, each with its 4 bytes of type and length. */
  readonly extensions?: readonly { readonly name: string; readonly bytes: number }[];
  /** The `key_exchange` of each KeyShareEntry. */
  readonly keyShares?: readonly { readonly group: string; readonly bytes: number }[];
  /** Suites that a ClientHello offers, or the one that a ServerHello takes. */
  readonly cipherSuites?: readonly string[];
  /** Groups in supported_groups. */
  readonly groups?: readonly string[];
  /** Schemes in signature_algorithms. */
  readonly signatureSchemes?: readonly string[];
  /** The DER bytes of each certificate, leaf first. */
  readonly certificates?: readonly number[];
  /** Scheme and length of the signature in a CertificateVerify. */
  readonly signature?: { readonly scheme: string; readonly bytes: number };
  /** Bytes of AuthKEM's ciphertext. */
  readonly encapsulation?: number;
}

type Details = Omit<MessageFacts, "type" | "bytes">;

/**
 * Reads the sizes and names that matter out of a handshake message, header included.
 *
 * @throws DecodeError if the message is malformed, TlsError for an extension where it may not stand
 */
export function messageFacts(raw: Uint8Array): MessageFacts {
  const type = messageType(raw);
  const name = type ?? labelOf(HandshakeType, raw[0] ?? 0, 2);
  const facts = { type: name, bytes: raw.length };
  if (type === undefined) return facts;
  const extensions = extensionSizes(type, raw);
  const detailsOf = details[type] as ((body: unknown) => Details) | undefined;
  return {
    ...facts,
    ...(extensions.length === 0 ? {} : { extensions }),
    ...detailsOf?.(decodeMessage(type, raw).body),
  };
}

const suiteName = (code: number): string => labelOf(CipherSuite, code);
const groupName = (code: number): string => labelOf(NamedGroup, code);
const schemeName = (code: number): string => labelOf(SignatureScheme, code);

const shareFacts = (entry: { group: number; keyExchange: Uint8Array }) => ({
  group: groupName(entry.group),
  bytes: entry.keyExchange.length,
});

const details: { readonly [T in MessageType]?: (body: MessageBody<T>) => Details } = {
  client_hello: ({ cipherSuites, extensions }) => ({
    cipherSuites: cipherSuites.map(suiteName),
    groups: (extensions.supported_groups ?? []).map(groupName),
    signatureSchemes: (extensions.signature_algorithms ?? []).map(schemeName),
    keyShares: (extensions.key_share ?? []).map(shareFacts),
  }),
  server_hello: ({ cipherSuite, extensions }) => ({
    cipherSuites: [suiteName(cipherSuite)],
    keyShares: extensions.key_share === undefined ? [] : [shareFacts(extensions.key_share)],
  }),
  hello_retry_request: ({ cipherSuite, extensions }) => ({
    cipherSuites: [suiteName(cipherSuite)],
    groups: extensions.key_share === undefined ? [] : [groupName(extensions.key_share)],
  }),
  certificate_request: ({ extensions }) => ({
    signatureSchemes: (extensions.signature_algorithms ?? []).map(schemeName),
  }),
  certificate: ({ certificateList }) => ({
    certificates: certificateList.map((entry) => entry.certData.length),
  }),
  kem_encapsulation: ({ encapsulation }) => ({ encapsulation: encapsulation.length }),
  certificate_verify: ({ algorithm, signature }) => ({
    signature: { scheme: schemeName(algorithm), bytes: signature.length },
  }),
};

function extensionSizes(type: MessageType, raw: Uint8Array): { name: string; bytes: number }[] {
  const prefix = `${type}.extensions.`;
  return annotateMessage(type, raw)
    .filter(({ path }) => path.startsWith(prefix) && !/[.[]/.test(path.slice(prefix.length)))
    .map(({ path, start, end }) => ({
      name: extensionLabel(path.slice(prefix.length)),
      bytes: headerLength + end - start,
    }));
}

/** Type and length of an extension (RFC 9846 §4.3). */
const headerLength = 4;
