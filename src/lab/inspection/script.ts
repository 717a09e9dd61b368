/** The messages of one handshake in the order in which its transcript has them (RFC 9846 §4.1), whoever was seen first. */
import {
  decodeMessage,
  type Message,
  type MessageBody,
  type MessageType,
  messageType,
} from "../../messages/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { TracedMessage } from "../trace/reader.ts";

type Said = Pick<TracedMessage, "from" | "raw" | "epoch">;

export class Script {
  /** Hellos first, then the server's flight, then the client's; none of what comes after both Finished. */
  readonly messages: readonly Said[];
  /** What came after a Finished of its end, or after more messages than a handshake has. */
  readonly later: readonly Said[];
  /** Messages are asked for again and again. */
  readonly #read = new Map<Said, unknown>();

  constructor(said: readonly Said[]) {
    const of = (role: Role): Said[] => said.filter(({ from }) => from === role);
    const [client, server] = [splitAtFinished(of("client")), splitAtFinished(of("server"))];
    const hellos: Said[] = [];
    // A hello, its answer, and both again after a retry
    for (;;) {
      if (!isHello(client.before[0])) break;
      hellos.push(client.before.shift()!);
      if (!isHello(server.before[0])) break;
      hellos.push(server.before.shift()!);
    }
    this.messages = [...hellos, ...server.before, ...client.before];
    this.later = [...server.after, ...client.after];
  }

  /** The first message of that kind which can be read. */
  body<T extends MessageType>(from: Role, type: T): MessageBody<T> | undefined {
    return this.all(from, type)[0]?.body;
  }

  /** All that can be read. */
  all<T extends MessageType>(from: Role, type: T): Message<T>[] {
    return this.messages.flatMap((said) => {
      if (said.from !== from || messageType(said.raw) !== type) return [];
      if (!this.#read.has(said)) this.#read.set(said, readMessage(type, said.raw));
      const read = this.#read.get(said) as Message<T> | undefined;
      return read === undefined ? [] : [read];
    });
  }

  find(from: Role, type: MessageType): Said | undefined {
    return this.messages.find((said) => said.from === from && messageType(said.raw) === type);
  }

  /** The server authenticates by KEM (AuthKEM): its key was encapsulated to in a message, or in the ClientHello. */
  get isByKem(): boolean {
    return (
      this.find("client", "kem_encapsulation") !== undefined ||
      this.body("server", "server_hello")?.extensions.stored_auth_key !== undefined
    );
  }

  /** What a message of the handshake covers: all before it. */
  before(said: Said): readonly Uint8Array[] {
    return this.messages.slice(0, this.messages.indexOf(said)).map(({ raw }) => raw);
  }
}

/** `undefined` for a message that is malformed. */
export function readMessage<T extends MessageType>(
  type: T,
  raw: Uint8Array,
): Message<T> | undefined {
  try {
    return decodeMessage(type, raw, maxElements);
  } catch {
    return undefined;
  }
}

/** Entries of a message's lists: far more than any handshake has. */
export const maxElements = 65_536;

const isHello = (said: Said | undefined): boolean => {
  const type = said && messageType(said.raw);
  return type === "client_hello" || type === "server_hello" || type === "hello_retry_request";
};

/** Messages of one end in a handshake: more than any has, and few enough to be read again and again. */
const maxMessages = 32;

function splitAtFinished(said: readonly Said[]): { before: Said[]; after: Said[] } {
  const found = said.findIndex(({ raw }) => messageType(raw) === "finished") + 1 || said.length;
  const end = Math.min(found, maxMessages);
  return { before: said.slice(0, end), after: said.slice(end) };
}
