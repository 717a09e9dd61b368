/** The table of handshake messages (RFC 9846 §4), and the header that they share. */
import { HandshakeType, nameOf } from "../registry/index.ts";
import {
  type Codec,
  decode,
  DecodeError,
  Reader,
  type FieldRange,
  type ValueOf,
  Writer,
} from "../wire/index.ts";
import { CertificateRequest } from "./certificate-request.ts";
import { CertificateVerify } from "./certificate-verify.ts";
import { Certificate } from "./certificate.ts";
import { ClientHello } from "./client-hello.ts";
import { CompressedCertificate } from "./compressed-certificate.ts";
import { EncryptedExtensions } from "./encrypted-extensions.ts";
import { EndOfEarlyData } from "./end-of-early-data.ts";
import { Finished } from "./finished.ts";
import { KEMEncapsulation } from "./kem-encapsulation.ts";
import { KeyUpdate } from "./key-update.ts";
import { NewSessionTicket } from "./new-session-ticket.ts";
import { HelloRetryRequest, helloRetryRequestRandom, ServerHello } from "./server-hello.ts";

/** HelloRetryRequest is a type of its own here, though it shares ServerHello's number. */
export const messages = {
  client_hello: ClientHello,
  server_hello: ServerHello,
  hello_retry_request: HelloRetryRequest,
  new_session_ticket: NewSessionTicket,
  end_of_early_data: EndOfEarlyData,
  encrypted_extensions: EncryptedExtensions,
  certificate: Certificate,
  compressed_certificate: CompressedCertificate,
  certificate_request: CertificateRequest,
  certificate_verify: CertificateVerify,
  finished: Finished,
  kem_encapsulation: KEMEncapsulation,
  key_update: KeyUpdate,
} as const;

/** A handshake message by its name; `hello_retry_request` is one of its own. */
export type MessageType = keyof typeof messages;
/** The fields of a handshake message, by their names in RFC 9846 §4. */
export type MessageBody<T extends MessageType> = ValueOf<(typeof messages)[T]>;

/** A received message: what it says, and the bytes that said it, header included. */
export type Message<T extends MessageType> = {
  [K in T]: { readonly type: K; readonly body: MessageBody<K>; readonly raw: Uint8Array };
}[T];

/** Bytes of the header: msg_type and a 24-bit length. */
export const headerLength = 4;

const numberOf = (type: MessageType): number =>
  HandshakeType[type === "hello_retry_request" ? "server_hello" : type];

const byNumber = new Map(
  (Object.keys(messages) as MessageType[])
    .filter((type) => type !== "hello_retry_request")
    .map((type) => [numberOf(type), type]),
);

/** The type of a whole raw message, before it is decoded; `undefined` for a number that is not a message here. */
export function messageType(raw: Uint8Array): MessageType | undefined {
  const type = byNumber.get(raw[0] ?? 0);
  return type === "server_hello" && isRetry(raw) ? "hello_retry_request" : type;
}

/** A name for an error text, whatever the number. */
export const messageName = (raw: Uint8Array): string =>
  messageType(raw) ?? nameOf(HandshakeType, raw[0] ?? 0, 2);

/**
 * Decodes a whole raw message of a known type.
 * @param elements entries of its lists, numbers aside, and extensions that it may have in all
 * @throws DecodeError with the field's path
 */
export function decodeMessage<T extends MessageType>(
  type: T,
  raw: Uint8Array,
  elements?: number,
): Message<T> {
  try {
    const body = decode(messages[type] as Codec<unknown>, raw.subarray(headerLength), elements);
    return { type, body, raw } as Message<T>;
  } catch (error) {
    throw error instanceof DecodeError ? error.within(type) : error;
  }
}

/**
 * Encodes a handshake message, header included (RFC 9846 §4).
 * @throws RangeError for a value that its field cannot hold
 */
export function encodeMessage<T extends MessageType>(type: T, body: MessageBody<T>): Uint8Array {
  const writer = new Writer();
  writer.uint(1, numberOf(type));
  const at = writer.begin(3);
  (messages[type] as Codec<unknown>).write(writer, body);
  writer.end(at, 3, 0, 0xffffff);
  return writer.finish();
}

/** The byte range of every field, counted from the first byte of the header. */
export function annotateMessage(type: MessageType, raw: Uint8Array): FieldRange[] {
  const reader = new Reader(raw);
  reader.fields = [];
  const codec: Codec<unknown> = messages[type];
  reader.field(type, (r) => {
    r.field("msg_type", () => r.uint(1));
    const length = r.field("length", () => r.uint(3));
    return r.within(length, () => codec.read(r));
  });
  reader.expectEnd();
  return reader.fields;
}

function isRetry(raw: Uint8Array): boolean {
  const at = headerLength + 2;
  return (
    raw.length >= at + 32 &&
    helloRetryRequestRandom.every((byte, index) => raw[at + index] === byte)
  );
}
