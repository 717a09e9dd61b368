import {
  decodeMessage,
  type MessageBody,
  type MessageType,
  messageType,
} from "../../messages/index.ts";
import { CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme } from "../../registry/index.ts";
import { labelOf } from "./names.ts";
import type { TracedMessage, TraceItem } from "./reader.ts";

/**
 * What the ends agreed on, as it stands on the wire, whatever they themselves say. `null`: it was not said, or
 * could not be read.
 */
export interface WireFacts {
  /** Name of the version that was negotiated. */
  readonly version: string | null;
  /** IANA's name of the cipher suite, or its number. */
  readonly cipherSuite: string | null;
  /** Of the ServerHello's share. */
  readonly group: string | null;
  /** Of the CertificateVerify of each end. */
  readonly serverSignature: string | null;
  /** Of the client's CertificateVerify. */
  readonly clientSignature: string | null;
  /** A HelloRetryRequest was sent. */
  readonly retried: boolean;
  /** The ServerHello takes a pre-shared key. */
  readonly resumed: boolean;
  /** The ServerHello takes a key that the client knew before (AuthKEM). */
  readonly storedKey?: true;
  /** The client offered it, and the server's EncryptedExtensions say that it was taken. */
  readonly earlyData: "not offered" | "refused" | "accepted";
}

/** Reads what was negotiated from the messages alone; what they do not show is `null`. */
export function wireFacts(items: readonly TraceItem[]): WireFacts {
  const messages = items.filter((item) => item.kind === "message");
  const find = <T extends MessageType>(from: TracedMessage["from"], type: T) =>
    bodyOf(messages, from, type);
  const hello = find("server", "server_hello");
  const offer = find("client", "client_hello");
  const signatureOf = (from: TracedMessage["from"]): string | null =>
    label(SignatureScheme, find(from, "certificate_verify")?.algorithm);
  const isTaken = find("server", "encrypted_extensions")?.extensions.early_data !== undefined;
  return {
    version: label(ProtocolVersion, hello?.extensions.supported_versions),
    cipherSuite: label(CipherSuite, hello?.cipherSuite),
    group: label(NamedGroup, hello?.extensions.key_share?.group),
    serverSignature: signatureOf("server"),
    clientSignature: signatureOf("client"),
    retried: messages.some(({ raw }) => messageType(raw) === "hello_retry_request"),
    resumed: hello?.extensions.pre_shared_key !== undefined,
    ...(hello?.extensions.stored_auth_key !== undefined && { storedKey: true as const }),
    earlyData:
      offer?.extensions.early_data === undefined ? "not offered" : isTaken ? "accepted" : "refused",
  };
}

/** Of the first message of that kind, if it came and can be read. */
export function bodyOf<T extends MessageType>(
  messages: readonly TracedMessage[],
  from: TracedMessage["from"],
  type: T,
): MessageBody<T> | undefined {
  const message = messages.find((each) => each.from === from && messageType(each.raw) === type);
  try {
    return message && decodeMessage(type, message.raw).body;
  } catch {
    return undefined;
  }
}

const label = (
  members: Readonly<Record<string, number>>,
  code: number | undefined,
): string | null => (code === undefined ? null : labelOf(members, code));
