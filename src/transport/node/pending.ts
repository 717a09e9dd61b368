import { isIPv6 } from "node:net";

/** A handshake that is not over. */
export interface Pending {
  /** The peer has not said so much yet that there was something to answer. */
  readonly isSilent: boolean;
}

/** The pending ones of a server, or of one address. */
interface Share<S> {
  count: number;
  /** Those that were silent when they were looked at last, oldest first. */
  readonly silent: Set<S>;
}

export interface PendingLimits {
  readonly total: number;
  readonly perAddress: number;
}

/**
 * The handshakes of a server that are not over. Where there are too many, who has been silent for longest goes:
 * a connection without a ClientHello costs its maker nothing, and must not keep out those who speak.
 */
export class PendingHandshakes<S extends Pending> {
  readonly #limits: PendingLimits;
  readonly #evict: (socket: S) => void;
  readonly #all: Share<S> = { count: 0, silent: new Set() };
  readonly #shares = new Map<string, Share<S>>();
  readonly #places = new Map<S, string | undefined>();

  /** @param evict ends one that has to go, and is called when it has left already */
  constructor(limits: PendingLimits, evict: (socket: S) => void) {
    this.#limits = limits;
    this.#evict = evict;
  }

  get size(): number {
    return this.#all.count;
  }

  /** Whether there is room for one more from there, if need be that of a silent one. */
  makeRoom(address: string | undefined): boolean {
    const share = this.#shares.get(placeOf(address) ?? "");
    const { total, perAddress } = this.#limits;
    if (share !== undefined && share.count >= perAddress && !this.#evictFrom(share)) return false;
    return this.#all.count < total || this.#evictFrom(this.#all);
  }

  add(socket: S, address: string | undefined): void {
    const place = placeOf(address);
    this.#places.set(socket, place);
    join(this.#all, socket);
    if (place === undefined) return;
    const share = this.#shares.get(place) ?? { count: 0, silent: new Set() };
    this.#shares.set(place, share);
    join(share, socket);
  }

  /** As they are now. */
  get sockets(): readonly S[] {
    return [...this.#places.keys()];
  }

  has(socket: S): boolean {
    return this.#places.has(socket);
  }

  /** @returns whether it was there */
  delete(socket: S): boolean {
    if (!this.#places.has(socket)) return false;
    const place = this.#places.get(socket);
    this.#places.delete(socket);
    part(this.#all, socket);
    const share = place === undefined ? undefined : this.#shares.get(place);
    if (place === undefined || share === undefined) return true;
    part(share, socket);
    if (share.count === 0) this.#shares.delete(place);
    return true;
  }

  #evictFrom({ silent }: Share<S>): boolean {
    for (const socket of silent) {
      // Who has spoken is not looked at again
      silent.delete(socket);
      if (!socket.isSilent) continue;
      this.delete(socket);
      this.#evict(socket);
      return true;
    }
    return false;
  }
}

function join<S>(share: Share<S>, socket: S): void {
  share.count++;
  share.silent.add(socket);
}

function part<S>(share: Share<S>, socket: S): void {
  share.count--;
  share.silent.delete(socket);
}

/** What counts as one address: of IPv6 the network of 64 bits that one customer has. */
function placeOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [before = "", after] = address.split("::");
  const left = before === "" ? [] : before.split(":");
  const right = after === undefined || after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":").toLowerCase();
}
