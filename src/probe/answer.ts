/** What a server answers to a ClientHello, as far as it is in the clear. Nothing here throws: whatever comes is an answer. */
import { RecordCutter, MessageCutter } from "../lab/trace/cutters.ts";
import { labelOf } from "../lab/trace/names.ts";
import { decodeMessage, downgradeSentinels, messageType } from "../messages/index.ts";
import {
  AlertDescription,
  ContentType,
  NamedGroup,
  nameOf,
  printable,
  ProtocolVersion,
} from "../registry/index.ts";
import { equal } from "../wire/index.ts";
import type { Line } from "./line.ts";

/** A ServerHello. */
export interface ServerHelloAnswer {
  readonly kind: "server_hello";
  /** ProtocolVersion. */
  readonly version: number;
  readonly suite: number;
  /** The server's key share; absent below TLS 1.3. */
  readonly share?: { readonly group: number; readonly keyExchange: Uint8Array } | undefined;
  /** Of the ServerKeyExchange of TLS 1.2, if it has a named curve. */
  readonly curve?: number | undefined;
  /** The random ends as that of a server that also speaks TLS 1.3 (RFC 9846 §4.2.3). */
  readonly sentinel: keyof typeof downgradeSentinels | undefined;
}

/** A HelloRetryRequest; without a group it only brings a cookie. */
export interface RetryAnswer {
  readonly kind: "retry";
  readonly group: number | undefined;
  readonly suite: number;
  readonly cookie: Uint8Array | undefined;
}

export type Answer =
  | ServerHelloAnswer
  | RetryAnswer
  | { readonly kind: "alert"; readonly alert: string }
  | { readonly kind: "closed" | "reset" | "silent" | "flood" }
  /** Not what a TLS server says; `said` is fit for a terminal. */
  | { readonly kind: "other"; readonly said: string }
  /** There was no connection, or none that begins TLS; `code` is the system's, if it has one. */
  | { readonly kind: "unreachable"; readonly said: string; readonly code: string | undefined };

/** HandshakeType of TLS 1.2 (RFC 5246 §7.4). */
const tls12 = { server_hello: 2, server_key_exchange: 12, server_hello_done: 14 } as const;

/** Handshake bytes in the clear that are read at most. */
const mostRead = 256 * 1024;

/**
 * Reads until it is known what the server answers.
 * @param patience milliseconds in all
 */
export async function readAnswer(line: Line, patience: number): Promise<Answer> {
  const end = performance.now() + patience;
  const reader = new AnswerReader();
  for (;;) {
    const arrival = await line.next(Math.max(0, end - performance.now()));
    if (arrival.kind !== "bytes") return reader.atEnd ?? { kind: arrival.kind };
    const answer = reader.read(arrival.bytes);
    if (answer !== undefined) return answer;
  }
}

class AnswerReader {
  readonly #records = new RecordCutter();
  readonly #messages = new MessageCutter();
  #hello: ServerHelloAnswer | undefined;
  #read = 0;
  #first: Uint8Array = new Uint8Array();

  /** What is known if nothing more comes. */
  get atEnd(): Answer | undefined {
    if (this.#hello !== undefined) return this.#hello;
    return this.#first.length > 0 && !looksLikeTls(this.#first) ? other(this.#first) : undefined;
  }

  read(bytes: Uint8Array): Answer | undefined {
    this.#read += bytes.length;
    if (this.#first.length < 3) {
      this.#first = Buffer.concat([this.#first, bytes]).subarray(0, 200);
      if (this.#first.length >= 3 && !looksLikeTls(this.#first)) return other(this.#first);
    }
    for (const raw of this.#records.push(bytes)) {
      const answer = this.#record(raw);
      if (answer !== undefined) return answer;
    }
    return this.#read > mostRead ? (this.#hello ?? { kind: "flood" }) : undefined;
  }

  #record(raw: Uint8Array): Answer | undefined {
    const content = raw.slice(5);
    if (raw[0] === ContentType.alert) {
      const alert = labelOf(AlertDescription, content[1] ?? 255, 1);
      // RFC 6066 §3: a warning that the handshake goes on after
      const isWarning = content[0] === 1 && alert === "unrecognized_name";
      return isWarning ? undefined : { kind: "alert", alert };
    }
    if (raw[0] === ContentType.change_cipher_spec) return undefined;
    if (raw[0] !== ContentType.handshake) return this.#hello ?? other(raw);
    for (const message of this.#messages.push(content) ?? []) {
      const answer = this.#message(message);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  #message(message: Uint8Array): Answer | undefined {
    const type = message[0];
    if (this.#hello !== undefined) {
      // ECCurveType named_curve (RFC 8422 §5.4)
      if (type === tls12.server_key_exchange && message[4] === 3) {
        this.#hello = { ...this.#hello, curve: (message[5]! << 8) | message[6]! };
      }
      return type === tls12.server_hello_done ? this.#hello : undefined;
    }
    const answer = helloIn(message);
    const isOlder = answer.kind === "server_hello" && answer.version < ProtocolVersion["TLS 1.3"];
    if (!isOlder) return answer;
    this.#hello = answer;
    return undefined;
  }
}

function helloIn(message: Uint8Array): Answer {
  try {
    const type = messageType(message);
    if (type === "hello_retry_request") {
      const { extensions, cipherSuite: suite } = decodeMessage(type, message).body;
      const { key_share: group, cookie } = extensions;
      return { kind: "retry", group, suite, cookie };
    }
    if (type !== "server_hello") return other(message);
    const { extensions, random, cipherSuite, legacyVersion } = decodeMessage(type, message).body;
    const tail = random.subarray(24);
    const sentinel = (["TLS 1.2", "TLS 1.1 or below"] as const).find((name) =>
      equal(tail, downgradeSentinels[name]),
    );
    return {
      kind: "server_hello",
      version: extensions.supported_versions ?? legacyVersion,
      suite: cipherSuite,
      share: extensions.key_share,
      sentinel,
    };
  } catch (error) {
    return { kind: "other", said: `a hello that cannot be read: ${(error as Error).message}` };
  }
}

/** The record header of an alert or a handshake message. */
const looksLikeTls = ([type, major]: Uint8Array): boolean =>
  (type === ContentType.alert || type === ContentType.handshake) && major === 3;

const other = (bytes: Uint8Array): Answer => {
  const text = Buffer.from(bytes.subarray(0, 120)).toString("latin1").trim();
  return { kind: "other", said: `"${printable(text.split(/\r?\n/)[0] ?? "", 80)}"` };
};

/** An answer in a few words. */
export function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case "server_hello": {
      const version = nameOf(ProtocolVersion, answer.version);
      const group = answer.share === undefined ? "" : `, ${groupName(answer.share.group)}`;
      return `accepts with ${version}${group}`;
    }
    case "retry":
      return `asks again for ${answer.group === undefined ? "the same" : groupName(answer.group)}`;
    case "alert":
      return `alert ${answer.alert}`;
    case "closed":
      return "closes the connection";
    case "reset":
      return "resets the connection";
    case "silent":
      return "does not answer";
    case "flood":
      return "sends more than anybody asked for";
    case "other":
      return `says ${answer.said}`;
    case "unreachable":
      return `cannot be reached: ${answer.said}`;
  }
}

/** The server's share in a ServerHello; `undefined` if there is none, or none that can be read. */
export function shareIn(message: Uint8Array): ServerHelloAnswer["share"] {
  const answer = helloIn(message);
  return answer.kind === "server_hello" ? answer.share : undefined;
}

/** The name of a group, or its number. */
export const groupName = (code: number): string => labelOf(NamedGroup, code);

/** The server goes on with the handshake. */
export const goesOn = (answer: Answer): boolean =>
  answer.kind === "server_hello" || answer.kind === "retry";

/** The server goes on with TLS 1.3. */
export const isTls13 = (answer: Answer): boolean =>
  answer.kind === "retry" ||
  (answer.kind === "server_hello" && answer.version === ProtocolVersion["TLS 1.3"]);
