import type { AddressInfo, Socket } from "node:net";
import { Duplex, type DuplexOptions } from "node:stream";

/** Any stream of bytes; what only a socket of `node:net` has is used where it is there. */
export type Transport = Duplex & Partial<Omit<Socket, keyof Duplex>>;

/** A stream over another that has what users of a `net.Socket` expect, as far as the other one has it. */
export class SocketLike extends Duplex {
  /** Milliseconds without traffic after which `timeout` is emitted. */
  timeout: number | undefined;
  protected readonly transport: Transport;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(transport: Transport, options: DuplexOptions) {
    super(options);
    this.transport = transport;
  }

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

  get remoteAddress(): string | undefined {
    return this.transport.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.transport.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.transport.remoteFamily;
  }

  get localAddress(): string | undefined {
    return this.transport.localAddress;
  }

  get localPort(): number | undefined {
    return this.transport.localPort;
  }

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

  address(): AddressInfo | object {
    return this.transport.address?.() ?? {};
  }

  setNoDelay(noDelay?: boolean): this {
    this.transport.setNoDelay?.(noDelay);
    return this;
  }

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

  ref(): this {
    this.transport.ref?.();
    return this;
  }

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
