/** Captures of packets: read and written. */
export { CaptureError } from "./capture-item.ts";
export type { CapturedConnection } from "./connections.ts";
export { isCapture } from "./packets.ts";
export type { Endpoint } from "./tcp-packet.ts";
export { captureOf, type CaptureOptions, CaptureWriter } from "./write.ts";
