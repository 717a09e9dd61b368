import { randomBytes } from "node:crypto";
import type { LinkMaker } from "../../connection/create.ts";
import {
  decodeMessage,
  encodeMessage,
  type Extensions,
  type MessageBody,
  type MessageType,
} from "../../messages/index.ts";
import { Link, type LinkOptions } from "../../record/index.ts";
import type { Role } from "../../schedule/index.ts";
import { CertificateCompressionAlgorithm, nameOf } from "../../registry/index.ts";
import { certificateCompressors } from "../../transport/node/index.ts";
import { concat } from "../../wire/index.ts";
import type { Asker, HandshakeOutcome } from "../asker.ts";
import type { ExtensionFacts, ServerFacts } from "../facts.ts";
import { question, unlessGroups } from "../question.ts";
import { ordinaryOffer } from "./ordinary.ts";

/** Inner plaintext of a whole record (RFC 8449 §4). */
const wholeRecord = 2 ** 14 + 1;
/** Milliseconds in which an answer to a KeyUpdate comes, if it comes by itself. */
const updateTime = 200;

/** What a server has beside the necessary. */
export const extensions = question({
  name: "extensions",
  title: "compression, record_size_limit, ECH, KeyUpdate",
  unless: unlessGroups,
  async ask(asker, known): Promise<ExtensionFacts> {
    const outcome = await asker.handshake(
      { ...ordinaryOffer(known), recordSizeLimit: wholeRecord },
      { makeLink: greasing(greaseEch()) },
    );
    const answers = answersIn(outcome);
    return {
      compression: await compressionOf(asker, known),
      recordSizeLimit: answers.record_size_limit ?? null,
      ech: answers.encrypted_client_hello !== undefined,
      keyUpdate: await keyUpdateOf(asker, known),
    };
  },
});

/**
 * What a client without a configuration sends (RFC 9849 §6.2): a server that knows ECH answers it with its own
 * configurations, and all others ignore it.
 */
const greaseEch = (): Uint8Array =>
  concat(
    // outer, HKDF-SHA256 and AES-128-GCM, a config_id, enc of 32 bytes
    Uint8Array.of(0, 0, 1, 0, 1),
    randomBytes(1),
    Uint8Array.of(0, 32),
    randomBytes(32),
    // payload, as long as one is
    Uint8Array.of(0, 208),
    randomBytes(208),
  );

/**
 * The engine has no ECH to offer, so that it stands in the hello and not in what the engine believes to have said: an
 * answer ends the handshake, and is seen before.
 */
const greasing =
  (ech: Uint8Array): LinkMaker =>
  (options) =>
    new GreasingLink(options, ech);

class GreasingLink<Self extends Role> extends Link<Self> {
  readonly #ech: Uint8Array;

  constructor(options: LinkOptions<Self>, ech: Uint8Array) {
    super(options);
    this.#ech = ech;
  }

  encode<T extends MessageType>(type: T, body: MessageBody<T>): Uint8Array {
    if (type !== "client_hello") return encodeMessage(type, body);
    const hello = body as MessageBody<"client_hello">;
    const block = { ...hello.extensions, encrypted_client_hello: this.#ech };
    return encodeMessage("client_hello", { ...hello, extensions: block });
  }
}

function answersIn({ messages }: HandshakeOutcome): Extensions<"encrypted_extensions"> {
  const found = messages.find(({ type }) => type === "encrypted_extensions");
  return found === undefined
    ? {}
    : decodeMessage("encrypted_extensions", found.raw).body.extensions;
}

/** Taken out one by one. */
async function compressionOf(asker: Asker, known: ServerFacts): Promise<string[]> {
  const order: number[] = [];
  for (let left = certificateCompressors; left.length > 0;) {
    const { messages } = await asker.handshake({
      ...ordinaryOffer(known),
      certificateCompression: left,
    });
    const found = messages.find(({ type }) => type === "compressed_certificate");
    if (found === undefined) break;
    const { algorithm } = decodeMessage("compressed_certificate", found.raw).body;
    if (!left.some((each) => each.algorithm === algorithm)) break;
    order.push(algorithm);
    left = left.filter((each) => each.algorithm !== algorithm);
  }
  return order.map((algorithm) => nameOf(CertificateCompressionAlgorithm, algorithm));
}

/** Many answer before the data that they send next, and nobody asks them for data here. */
async function keyUpdateOf(asker: Asker, known: ServerFacts): Promise<ExtensionFacts["keyUpdate"]> {
  const { messages, later } = await asker.handshake(ordinaryOffer(known), {
    opened: (connection) => connection.updateKeys(),
    linger: updateTime,
    until: (seen) => seen.some(isAnswer),
  });
  if (messages.some(isAnswer)) return "answered";
  return later === undefined ? "not answered" : "refused";
}

const isAnswer = ({ direction, type }: HandshakeOutcome["messages"][number]): boolean =>
  direction === "received" && type === "key_update";
