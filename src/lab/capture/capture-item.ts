import type { Feed } from "./feed.ts";

/** What stands in a capture file. A view into the piece that was pushed last: to be used at once. */
export type CaptureItem = CapturedPacket | CapturedKeyLog;

export interface CapturedPacket {
  readonly kind: "packet";
  /** Milliseconds since the epoch; of a packet without a time that of the one before. */
  readonly at: number;
  /** https://www.tcpdump.org/linktypes.html */
  readonly linkType: number;
  /** As far as it was captured. */
  readonly bytes: Uint8Array;
}

/** Decryption secrets: a key log in the format of RFC 9850. */
export interface CapturedKeyLog {
  readonly kind: "keyLog";
  readonly text: string;
}

/** A file that is not a capture, or is one up to some place. The message says what is wrong, and where. */
export class CaptureError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "CaptureError";
}

/** Takes pieces by `next`, and gives what is whole by then; without a piece the file is over. */
export type PacketParser = (feed: Feed) => Generator<CaptureItem | undefined, void, void>;
