/** One character a byte. */
export const latin1 = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes.subarray(0, 1024));
