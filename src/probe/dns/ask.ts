/** One question to a resolver: by UDP, and by TCP if the answer does not fit. */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { concat } from "../../wire/index.ts";
import { decodeAnswer, type DnsAnswer, encodeQuery } from "./message.ts";

/** Where a resolver is: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
export interface Resolver {
  /** IPv4 or IPv6, as text. */
  readonly address: string;
  /** UDP and TCP port. */
  readonly port: number;
}

/** Reads the address of a resolver, as `resolvers` of {@link probeServer} takes it; `undefined` for what is none. */
export function resolverOf(text: string): Resolver | undefined {
  if (isIPv6(text)) return { address: text, port: 53 };
  const match = /^(?:\[([\da-fA-F:.]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[3] ?? 53);
  const address = match?.[1] ?? match?.[2];
  return address !== undefined && port > 0 && port < 65_536 ? { address, port } : undefined;
}

/**
 * @param patience milliseconds for each of the two ways
 * @throws Error that says what came instead of an answer; NoName
 */
export async function askResolver(
  resolver: Resolver,
  name: string,
  patience: number,
): Promise<DnsAnswer> {
  const id = randomInt(0x10000);
  const query = encodeQuery(id, name);
  const read = (bytes: Uint8Array): DnsAnswer | undefined => {
    const answer = decodeAnswer(bytes, name);
    return answer.id === id ? answer : undefined;
  };
  const answer = await overUdp(resolver, query, read, patience);
  return answer.truncated ? overTcp(resolver, query, read, patience) : answer;
}

type ReadAnswer = (bytes: Uint8Array) => DnsAnswer | undefined;

/** Datagrams of somebody else's, and those that cannot be read, are passed over (RFC 5452 §9.1). */
function overUdp(
  { address, port }: Resolver,
  query: Uint8Array,
  read: ReadAnswer,
  patience: number,
): Promise<DnsAnswer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const end = (act: () => void): void => {
      clearTimeout(timer);
      socket.removeAllListeners("message");
      socket.close();
      act();
    };
    const timer = setTimeout(() => {
      end(() => reject(new Error(`${address} does not answer`)));
    }, patience);
    socket.once("error", (error) => end(() => reject(error)));
    socket.on("message", (bytes) => {
      const answer = attempt(() => read(bytes));
      if (answer !== undefined) end(() => resolve(answer));
    });
    // A connected socket hears nobody else
    socket.connect(port, address, () => socket.send(query));
  });
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** RFC 1035 §4.2.2: two bytes of length go before each message, and so no more than 64 KiB are read. */
function overTcp(
  { address, port }: Resolver,
  query: Uint8Array,
  read: ReadAnswer,
  patience: number,
): Promise<DnsAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => fail(`${address} does not answer by TCP`), patience);
    let heard: Uint8Array = new Uint8Array();
    socket.once("error", (error) => fail(error.message));
    socket.once("end", () => fail(`${address} ends in the middle of its answer`));
    socket.on("data", (bytes: Buffer) => {
      heard = concat(heard, bytes);
      const length = 2 + ((heard[0]! << 8) | (heard[1] ?? 0));
      if (heard.length < 2 || heard.length < length) return;
      const answer = attempt(() => read(heard.subarray(2, length)));
      if (answer === undefined) return fail(`${address} gives no answer that can be read`);
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    });
    socket.write(concat(Uint8Array.of(query.length >> 8, query.length & 0xff), query));
  });
}
