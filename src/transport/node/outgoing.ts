import type { Connection } from "../../connection/index.ts";
import { TlsError } from "../../registry/index.ts";
import { layOut } from "./layout.ts";

/** Bytes that are sealed before they go to the transport together. */
const batchSize = 256 * 1024;

/** What a stream calls when a write is done (node:stream). */
export type WriteCallback = (error?: Error | null) => void;

/** What a TLS socket was given to write, until the engine has it. A stream has one write at a time. */
export class Outgoing {
  #pieces: Uint8Array[] = [];
  /** What went out as early data, until the server has accepted it. */
  #early: Uint8Array[] = [];
  #written: WriteCallback | undefined;

  /** A write is under way. */
  get isWriting(): boolean {
    return this.#written !== undefined;
  }

  put(chunks: readonly Uint8Array[], written: WriteCallback): void {
    this.#pieces = layOut(chunks);
    this.#written = written;
  }

  /** Tells whoever wrote. */
  settle(error?: Error): void {
    const written = this.#written;
    this.#written = undefined;
    written?.(error);
  }

  /** Gives the connection what it takes before the handshake is over (RFC 9846 §2.3). */
  sendEarly(connection: Connection): void {
    for (let room = connection.writableBytes; room > 0; room = connection.writableBytes) {
      const piece = this.#pieces.shift();
      if (piece === undefined) return;
      const early = piece.subarray(0, room);
      connection.write(early);
      this.#early.push(early);
      if (early.length < piece.length) this.#pieces.unshift(piece.subarray(room));
    }
  }

  /**
   * Early data that was refused goes out again: whoever calls it safe to replay has asked for that (RFC 9846
   * Appendix F.5). But never to an application protocol that it was not written for (§4.3.10).
   * @throws TlsError `early_data_refused`
   */
  settleEarly({ negotiated }: Connection): void {
    const early = this.#early;
    this.#early = [];
    // "none": there was no early data, but a server of AuthKEM that was written to before its Finished
    if (early.length === 0 || ["accepted", "none"].includes(negotiated?.earlyData ?? "")) return;
    if (negotiated?.earlyData === "other_protocol") {
      throw new TlsError("early_data_refused", "early data was written for another protocol", {
        received: negotiated.alpn ?? "no application protocol",
        section: "RFC 9846 §4.3.10",
      });
    }
    this.#pieces.unshift(...early);
  }

  /** Gives the open connection the next batch. @returns false if there is nothing left */
  sendBatch(connection: Connection): boolean {
    if (this.#pieces.length === 0) return false;
    for (let size = 0; size < batchSize && connection.canWrite;) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      size += piece.length;
      connection.write(piece);
    }
    return true;
  }
}
