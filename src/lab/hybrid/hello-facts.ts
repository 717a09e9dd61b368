/** What the messages of a handshake say of it, whatever its vector says. */
import {
  decodeMessage,
  type MessageBody,
  type MessageType,
  messageType,
} from "../../messages/index.ts";
import { CipherSuite, nameOf, NamedGroup, SignatureScheme } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { HandshakeKind, NegotiatedParts } from "./format.ts";

export interface HelloFacts {
  readonly kind: HandshakeKind;
  /** The scheme of the server's CertificateVerify; without one, the first that the client offers. */
  readonly signature: string;
  readonly negotiated: NegotiatedParts;
  /** Of the group that was negotiated. */
  readonly shares: Readonly<Record<Role, Uint8Array>>;
}

interface SentBytes {
  readonly from: Role;
  readonly bytes: Uint8Array;
}

/** @throws Error without a ClientHello and a ServerHello; DecodeError */
export function readHellos(sent: readonly SentBytes[]): HelloFacts {
  // A later authentication is no part of the handshake
  const over = sent.findIndex(
    ({ from, bytes }) => from === "client" && messageType(bytes) === "finished",
  );
  const messages = over < 0 ? sent : sent.slice(0, over + 1);
  const all = <T extends MessageType>(type: T, from: Role): MessageBody<T>[] =>
    messages
      .filter((message) => message.from === from && messageType(message.bytes) === type)
      .map(({ bytes }) => decodeMessage(type, bytes).body as MessageBody<T>);
  const hellos = all("client_hello", "client");
  const [hello, [answer]] = [hellos.at(-1), all("server_hello", "server")];
  if (hello === undefined || answer === undefined) {
    throw new Error("messages: no ClientHello, or no ServerHello");
  }
  const signatureOf = (role: Role): string | null => {
    const [verify] = all("certificate_verify", role);
    return verify === undefined ? null : nameOf(SignatureScheme, verify.algorithm);
  };
  const chosen = answer.extensions.key_share;
  const offered = hello.extensions.key_share?.find(({ group }) => group === chosen?.group);
  const retried = hellos.length > 1;
  const resumed = answer.extensions.pre_shared_key !== undefined;
  const mutual = all("certificate_request", "server").length > 0;
  const [offeredFirst] = hello.extensions.signature_algorithms ?? [];
  const serverSignature = signatureOf("server");
  const [parameters] = all("encrypted_extensions", "server");
  const [alpn] = parameters?.extensions.application_layer_protocol_negotiation ?? [];
  return {
    kind: retried ? "retry" : resumed ? "resumed" : mutual ? "mutual" : "full",
    signature: serverSignature ?? nameOf(SignatureScheme, offeredFirst ?? 0),
    negotiated: {
      cipherSuite: nameOf(CipherSuite, answer.cipherSuite),
      group: chosen === undefined ? "none" : nameOf(NamedGroup, chosen.group),
      retried,
      resumed,
      serverSignature,
      clientSignature: signatureOf("client"),
      ...(alpn === undefined ? {} : { alpn }),
    },
    shares: {
      client: offered?.keyExchange ?? new Uint8Array(),
      server: chosen?.keyExchange ?? new Uint8Array(),
    },
  };
}
