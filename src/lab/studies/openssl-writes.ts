/**
 * How OpenSSL writes a flight: through a buffer of 4096 bytes. What does not fit fills it, the buffer is written, and of
 * the rest whatever is at least as long as the buffer is written at once. With Nagle's algorithm off each write ends
 * in a segment of its own, so it decides what is lost together.
 */
const buffer = 4096;

/** @returns the sizes of the writes of a flight, whose records are given with their headers, in bytes */
export function opensslWrites(records: readonly number[]): number[] {
  const writes: number[] = [];
  let held = 0;
  for (const record of records) {
    let rest = record;
    if (held + rest > buffer && held > 0) {
      rest -= buffer - held;
      writes.push(buffer);
      held = 0;
    }
    if (held === 0 && rest >= buffer) {
      writes.push(rest);
      rest = 0;
    }
    held += rest;
  }
  if (held > 0) writes.push(held);
  return writes;
}
