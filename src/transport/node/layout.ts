/** Content of one record (RFC 9846 §5.1). */
const recordSize = 2 ** 14;
/** What is sealed before the transport gets a say: more would sit in memory twice. */
const pieceSize = 16 * recordSize;

/**
 * Lays out what a stream was given for sending: small chunks share a record, which costs one copy of
 * them and saves a seal; large ones are cut, uncopied.
 */
export function layOut(chunks: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let size = 0;
  const closeRecord = (): void => {
    if (small.length > 0) pieces.push(small.length === 1 ? small[0]! : Buffer.concat(small, size));
    small = [];
    size = 0;
  };
  for (const chunk of chunks) {
    if (size + chunk.length > recordSize) closeRecord();
    if (chunk.length > recordSize) pieces.push(...cut(chunk));
    else if (chunk.length > 0) {
      small.push(chunk);
      size += chunk.length;
    }
  }
  closeRecord();
  return pieces;
}

/** Up to here a copy costs less than what a stream does for each chunk. */
const smallOutput = 8192;

/** A flight of the handshake or a short answer in one chunk; more than that as it is, uncopied. */
export function joinSmall(output: readonly Uint8Array[]): readonly Uint8Array[] {
  if (output.length === 1) return output;
  let size = 0;
  for (const chunk of output) size += chunk.length;
  return size <= smallOutput ? [Buffer.concat(output, size)] : output;
}

function* cut(chunk: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < chunk.length; at += pieceSize) yield chunk.subarray(at, at + pieceSize);
}
