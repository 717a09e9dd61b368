/**
 * The packets of a capture file, and the secrets in it. The file comes in pieces of any size and is not kept; what it
 * says of its own lengths is believed only up to a limit.
 */
import { CaptureError, type CaptureItem } from "./capture-item.ts";
import { Feed } from "./feed.ts";
import { isPcap, readPcap } from "./pcap.ts";
import { isPcapng, readPcapng } from "./pcapng-blocks.ts";

/** Bytes by which the kind of a file is told. */
export const magicLength = 4;

/** Parses a capture file piece by piece. */
export class CaptureFile {
  readonly #feed = new Feed();
  #items: Generator<CaptureItem | undefined, void, void> | undefined;

  /**
   * What is whole with these bytes.
   * @throws CaptureError for what is not a capture file, and where one cannot be read further
   */
  *push(piece: Uint8Array): Generator<CaptureItem> {
    this.#feed.push(piece);
    const magic = this.#feed.peek(magicLength);
    if (this.#items === undefined && magic !== undefined) {
      const parse = isPcap(magic) ? readPcap : isPcapng(magic) ? readPcapng : undefined;
      if (parse === undefined) throw new CaptureError("this is not a capture file");
      this.#items = parse(this.#feed);
    }
    if (this.#items === undefined) return;
    for (;;) {
      const { value, done } = this.#items.next();
      if (value === undefined || done === true) return;
      yield value;
    }
  }

  /** @throws CaptureError if the file ends in the middle of something */
  end(): void {
    const { length } = this.#feed;
    if (length > 0)
      throw new CaptureError(
        `the file ends in the middle of a packet: ${length} bytes of it are there`,
      );
  }
}

/** Whether a file begins as one of the kinds that {@link CaptureFile} reads. */
export const isCapture = (bytes: Uint8Array): boolean =>
  bytes.length >= magicLength && (isPcap(bytes) || isPcapng(bytes));
