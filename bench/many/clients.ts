/** All clients of the suite `many`, in one process. */
import { once } from "node:events";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  connect,
  createSecureContext,
  type SecureContext,
  type TlsSocket,
} from "../../src/node.ts";
import { endWithParent } from "../child.ts";
import type { ClientAnswer, ClientOrder, Load } from "./messages.ts";

const word = "there and back again";
/** Oldest first. */
const open = new Set<TlsSocket>();
let to: Load;
let secureContext: SecureContext;
let failures = 0;
let firstFailure: string | undefined;
let latencies: number[] = [];
let refused = 0;

/** Opens a connection, and hears its own word. */
async function openOne(): Promise<void> {
  const begun = performance.now();
  const socket = connect({
    port: to.port,
    host: "127.0.0.1",
    servername: "localhost",
    secureContext,
  });
  // Whoever is lost later is missed by the next that asks
  socket.on("error", fail);
  socket.once("close", () => open.delete(socket));
  try {
    await Promise.race([
      echo(socket),
      once(socket, "close").then(() => Promise.reject(new Error("closed"))),
    ]);
    latencies.push(performance.now() - begun);
    open.add(socket);
  } catch {
    socket.destroy();
  }
}

async function echo(socket: TlsSocket): Promise<void> {
  socket.write(word);
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (String(answer) !== word) throw new Error("another word came back");
}

function fail(error: Error): void {
  failures++;
  firstFailure ??= String(error);
}

async function openMany(count: number, atOnce: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await openOne();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** At a steady rate, however long each takes: a server that is late gets more, not less. */
async function replace(perSecond: number, seconds: number): Promise<void> {
  const begun = performance.now();
  const all: Promise<void>[] = [];
  for (let i = 0; i < perSecond * seconds; i++) {
    const due = begun + (i * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    const [oldest] = open;
    if (oldest !== undefined) {
      open.delete(oldest);
      oldest.resume().end();
    }
    all.push(openOne());
  }
  await Promise.all(all);
}

/** Half of them say the beginning of a record that never ends. */
async function stall(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = net.connect(to.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.once("close", () => refused++);
    if (i % 2 === 0) socket.write(Buffer.from("16030102000100", "hex"));
    if (i % 100 === 99) await sleep(5);
  }
  await sleep(500);
}

async function askAll(): Promise<void> {
  const all = [...open];
  for (let i = 0; i < all.length; i += 200) {
    await Promise.all(all.slice(i, i + 200).map((socket) => echo(socket).catch(fail)));
  }
}

async function act(order: ClientOrder): Promise<void> {
  latencies = [];
  if ("begin" in order) {
    to = order.begin;
    secureContext = createSecureContext({ ca: to.ca, groups: ["X25519MLKEM768"] });
  } else if ("open" in order) await openMany(order.open, order.atOnce);
  else if ("replace" in order) await replace(order.replace, order.seconds);
  else if ("stall" in order) await stall(order.stall);
  else await askAll();
}

async function carryOut(order: ClientOrder): Promise<void> {
  await act(order);
  const answer: ClientAnswer = {
    open: open.size,
    failures,
    firstFailure,
    latencies: latencies.toSorted((a, b) => a - b),
    refused,
  };
  process.send?.(answer);
}

endWithParent();
process.on("message", (order: ClientOrder) => void carryOut(order));
