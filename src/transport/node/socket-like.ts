import type { AddressInfo, Socket } from "node:net";
import { Duplex, type DuplexOptions } from "node:stream";

/** Any stream of bytes; what only a socket of `node:net` has is used where it is there. */
export type Transport = Duplex & Partial<Omit<Socket, keyof Duplex>>;

/** A stream over another that has what users of a `net.Socket` expect, as far as the other one has it. */
export class SocketLike extends Duplex {
  /** Milliseconds without traffic after which `timeout` is emitted. */
  timeout: number | undefined;
  /** The stream below. */
  protected readonly transport: Transport;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(transport: Transport, options: DuplexOptions) {
    super(options);
    this.transport = transport;
  }

  /** As in `node:net`; false over any other stream. */
  get connecting(): boolean {
    return this.transport.connecting ?? false;
  }

  /** As in `node:net`: there is no connection yet. */
  get pending(): boolean {
    return this.transport.pending ?? this.connecting;
  }

  /** As in `node:net`. */
  get readyState(): "opening" | "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.connecting) return "opening";
    if (this.readable && this.writable) return "open";
    if (this.readable) return "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  /** As in `node:net`; `undefined` over any other stream. */
  get remoteAddress(): string | undefined {
    return this.transport.remoteAddress;
  }

  /** As in `node:net`; `undefined` over any other stream. */
  get remotePort(): number | undefined {
    return this.transport.remotePort;
  }

  /** As in `node:net`; `undefined` over any other stream. */
  get remoteFamily(): string | undefined {
    return this.transport.remoteFamily;
  }

  /** As in `node:net`; `undefined` over any other stream. */
  get localAddress(): string | undefined {
    return this.transport.localAddress;
  }

  /** As in `node:net`; `undefined` over any other stream. */
  get localPort(): number | undefined {
    return this.transport.localPort;
  }

  /** As in `node:net`; `undefined` over any other stream. */
  get localFamily(): string | undefined {
    return this.transport.localFamily;
  }

  /** Bytes of the transport: records, not data. */
  get bytesRead(): number | undefined {
    return this.transport.bytesRead;
  }

  /** Bytes of the transport: records, not data. */
  get bytesWritten(): number | undefined {
    return this.transport.bytesWritten;
  }

  /** As `writableLength`, which replaces it in `node:net` too. */
  get bufferSize(): number {
    return this.writableLength;
  }

  /** As in `node:net`; `undefined` over any other stream. */
  get autoSelectFamilyAttemptedAddresses(): string[] | undefined {
    return this.transport.autoSelectFamilyAttemptedAddresses;
  }

  /** As in `node:net`; an empty object over any other stream. */
  address(): AddressInfo | object {
    return this.transport.address?.() ?? {};
  }

  /** As in `node:net`; does nothing over any other stream. */
  setNoDelay(noDelay?: boolean): this {
    this.transport.setNoDelay?.(noDelay);
    return this;
  }

  /** As in `node:net`; does nothing over any other stream. */
  setKeepAlive(enable?: boolean, initialDelay?: number): this {
    this.transport.setKeepAlive?.(enable, initialDelay);
    return this;
  }

  /**
   * Destroys it so that TCP resets the connection, without an alert and without what was not sent; over another stream it
   * is destroyed.
   */
  resetAndDestroy(): this {
    this.transport.resetAndDestroy?.();
    return this.destroy();
  }

  /** As in `node:net`; does nothing over any other stream. */
  ref(): this {
    this.transport.ref?.();
    return this;
  }

  /** As in `node:net`; does nothing over any other stream. */
  unref(): this {
    this.transport.unref?.();
    return this;
  }

  /** Emits `timeout` after so many milliseconds without traffic; 0 turns it off. */
  setTimeout(milliseconds: number, callback?: () => void): this {
    clearTimeout(this.#idleTimer);
    this.timeout = milliseconds;
    this.#idleTimer =
      milliseconds > 0 ? setTimeout(() => this.emit("timeout"), milliseconds).unref() : undefined;
    if (callback !== undefined) {
      if (milliseconds > 0) this.once("timeout", callback);
      else this.removeListener("timeout", callback);
    }
    return this;
  }

  /** There was traffic. */
  protected refreshTimeout(): void {
    this.#idleTimer?.refresh();
  }
}
