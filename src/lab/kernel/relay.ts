/**
 * What stands between two network namespaces: each has a VXLAN device, whose packets come here in datagrams, wait or are
 * dropped as the model says, and go on to the other. Plain sockets suffice for that, where a TUN device needs native
 * code, and netem can drop no packet by its number.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { otherRole, type Role } from "../../schedule/index.ts";
import type { Flow } from "./flow.ts";
import { readPacket, writeChecksum } from "./packet.ts";
import { type Carrier, tunnelPort } from "./path.ts";

/** Timers of the event loop are late by up to so many ms: nearer than that it is asked again and again. */
const unsureFor = 3;
/** A burst of some hundred packets must fit. */
const buffer = 4 * 1024 * 1024;

interface Waiting {
  readonly due: number;
  readonly from: Role;
  readonly datagram: Uint8Array;
  readonly flow: Flow;
}

export class Relay {
  readonly #sockets: Readonly<Record<Role, Socket>>;
  readonly #carriers: Readonly<Record<Role, Carrier>>;
  readonly #flows = new Map<string, Flow>();
  /** By when they are due. */
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  private constructor(
    sockets: Readonly<Record<Role, Socket>>,
    carriers: Readonly<Record<Role, Carrier>>,
  ) {
    this.#sockets = sockets;
    this.#carriers = carriers;
    for (const role of ["client", "server"] as const) {
      sockets[role].on("message", (datagram) => this.#take(role, datagram));
    }
  }

  /** Between the devices of the two ends, which must be there. */
  static async open(carriers: Readonly<Record<Role, Carrier>>): Promise<Relay> {
    const socket = async (role: Role): Promise<Socket> => {
      const made = createSocket({ type: "udp4", recvBufferSize: buffer, sendBufferSize: buffer });
      made.bind(tunnelPort, carriers[role].relay);
      await once(made, "listening");
      return made;
    };
    return new Relay({ client: await socket("client"), server: await socket("server") }, carriers);
  }

  /** The connection from that address is this one. Packets of connections that nobody announced are dropped. */
  announce(client: string, flow: Flow): void {
    this.#flows.set(client, flow);
  }

  /** Datagrams that the kernel dropped since the relay did not read in time: what was measured then is worth nothing. */
  overrun(): number {
    const isOurs = (local: string): boolean =>
      Object.values(this.#carriers).some(({ relay }) => local === inProc(relay));
    return readFileSync("/proc/net/udp", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = ""]) => isOurs(local))
      .reduce((sum, fields) => sum + Number(fields.at(-1)), 0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  #take(from: Role, datagram: Uint8Array): void {
    const now = Math.round(performance.now() * 1e6);
    const packet = readPacket(datagram);
    if (packet === undefined) return;
    const flow = this.#flows.get(from === "client" ? packet.source : packet.destination);
    const due = flow?.take(from, packet, now) ?? -1;
    if (flow === undefined || due < 0) return;
    writeChecksum(datagram);
    const waiting = { due, from, datagram, flow };
    let place = this.#waiting.length;
    while (place > 0 && this.#waiting[place - 1]!.due > due) place--;
    this.#waiting.splice(place, 0, waiting);
    this.#send();
  }

  #send(): void {
    const now = performance.now() * 1e6;
    while ((this.#waiting[0]?.due ?? Number.POSITIVE_INFINITY) <= now) {
      const { due, from, datagram, flow } = this.#waiting.shift()!;
      flow.arrived(from, performance.now() * 1e6 - due);
      const to = otherRole(from);
      this.#sockets[to].send(datagram, tunnelPort, this.#carriers[to].end);
    }
    const [next] = this.#waiting;
    if (next === undefined || this.#isAsking) return;
    clearTimeout(this.#timer);
    const rest = (next.due - now) / 1e6;
    if (rest > unsureFor) {
      this.#timer = setTimeout(() => this.#send(), rest - unsureFor);
      return;
    }
    this.#isAsking = true;
    setImmediate(() => {
      this.#isAsking = false;
      this.#send();
    });
  }
}

/** An address and the tunnels' port as /proc/net/udp writes them, on a machine whose bytes go backwards or not. */
function inProc(address: string): string {
  const bytes = Uint8Array.from(address.split("."), Number);
  const [whole] = new Uint32Array(bytes.buffer);
  const hex = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, "0");
  return `${hex(whole!, 8)}:${hex(tunnelPort, 4)}`;
}
