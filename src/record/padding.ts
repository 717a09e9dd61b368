/** How much a record is padded (RFC 9846 §5.4): decided here, and for a connection by its option `padding`. */
import { ContentType } from "../registry/index.ts";

/**
 * How many zeros to add to a record's content (RFC 9846 §5.4). What would not fit the record is cut.
 */
export type PaddingPolicy = (contentLength: number, type: number) => number;

/** Pads to a multiple of `size` bytes, the content type included. */
export const padToMultipleOf =
  (size: number): PaddingPolicy =>
  (contentLength) =>
    (size - ((contentLength + 1) % size)) % size;

/** The content type, and behind it the zeros that the policy wants, as far as there is room. */
export function trailerOf(
  policy: PaddingPolicy | undefined,
  type: number,
  contentLength: number,
  room: number,
): Uint8Array {
  const padding = Math.min(room, wholeBytes(policy?.(contentLength, type) ?? 0));
  if (padding === 0) return unpadded[type]!;
  const trailer = new Uint8Array(1 + padding);
  trailer[0] = type;
  return trailer;
}

/** Anything else would cut the content type off, or worse. */
function wholeBytes(padding: number): number {
  if (Number.isInteger(padding) && padding >= 0) return padding;
  throw new RangeError(`a padding policy gives a number of bytes, not ${padding}`);
}

/** The trailer without padding, by type. */
const unpadded: Readonly<Record<number, Uint8Array>> = {
  [ContentType.alert]: Uint8Array.of(ContentType.alert),
  [ContentType.handshake]: Uint8Array.of(ContentType.handshake),
  [ContentType.application_data]: Uint8Array.of(ContentType.application_data),
};
