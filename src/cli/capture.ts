/** `--pcap`: what a command carried, as a capture that Wireshark reads. */
import { closeSync, fchmodSync, fstatSync, openSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import { captureOf, type CaptureOptions, CaptureWriter } from "../lab/capture/index.ts";
import type { Trace, TraceEvent } from "../lab/trace/index.ts";
import type { Role } from "../schedule/index.ts";
import { concatAll } from "../wire/index.ts";
import { trying } from "./write.ts";

/** The option of every command through which bytes flow. */
export const pcapOption = [
  "--pcap <file>",
  "write a capture for Wireshark, with its secrets",
] as const;

/** Writes the traces to a file. @throws UsageError that says why it cannot */
export function writePcap(path: string, traces: readonly Trace[], options?: CaptureOptions): void {
  writeCaptureFile(path, captureOf(traces, options));
}

/** The same of a capture that is there already. */
export function writeCaptureFile(path: string, capture: Uint8Array): void {
  const file = openCapture(path);
  file.bytes(capture);
  file.close();
}

/** A capture to which traces are added as connections end. */
export class TraceCapture {
  readonly #file: CaptureFile;
  readonly #writer: CaptureWriter;

  /** @throws UsageError for a file that cannot be written */
  constructor(path: string, options: Pick<CaptureOptions, "began"> = {}) {
    this.#file = openCapture(path);
    this.#writer = new CaptureWriter((bytes) => this.#file.bytes(bytes), options);
  }

  /** @param clock as in {@link CaptureOptions} */
  add(trace: Trace, clock?: CaptureOptions["clock"]): void {
    this.#writer.trace(trace, clock);
  }

  close(): void {
    this.#file.close();
  }
}

interface CaptureFile {
  /** Once it is closed nothing is written. */
  bytes(bytes: Uint8Array): void;
  close(): void;
}

/** Whoever reads it reads the connections: its owner alone. */
const mode = 0o600;

function openCapture(path: string): CaptureFile {
  const file = trying(path, () => openSync(path, "w", mode));
  // One that was there may be open to others; a pipe or a device is what it is
  if (fstatSync(file).isFile()) trying(path, () => fchmodSync(file, mode));
  let isOpen = true;
  return {
    bytes(bytes) {
      if (!isOpen) return;
      for (let at = 0; at < bytes.length;) at += trying(path, () => writeSync(file, bytes, at));
    },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

/** A socket whose bytes are captured. */
export interface CapturedSocket {
  /** Takes the lines of its key log. */
  readonly keyLog: (line: string) => void;
  /** To be called when its handshake is over, well or badly: what was held back until then is written. */
  readonly settled: () => void;
}

/** Bytes that are held back at most. */
const maxHeld = 2 ** 20;

/** A capture of sockets, written while they live. */
export class LiveCapture {
  readonly #file: CaptureFile;
  readonly #writer: CaptureWriter;
  readonly #start = performance.now();

  /** @throws UsageError for a file that cannot be written */
  constructor(path: string) {
    this.#file = openCapture(path);
    this.#writer = new CaptureWriter((bytes) => this.#file.bytes(bytes), { began: Date.now() });
  }

  /**
   * Watches a TCP socket that the engine reads already, so that secrets are logged before what they open is seen.
   * Until a handshake is over all is held back: an end may derive secrets later than it is given what they open.
   */
  watch(role: Role, socket: Socket): CapturedSocket {
    const connection = this.#writer.open(`at the ${role}`);
    const lines: string[] = [];
    let held: { readonly event: TraceEvent; readonly at: number }[] | undefined = [];
    let heldBytes = 0;
    const settled = (): void => {
      connection.keyLog(...lines.splice(0));
      for (const { event, at } of held ?? []) connection.event(event, at);
      held = undefined;
    };
    const tell = (event: TraceEvent): void => {
      if (held === undefined) {
        connection.keyLog(...lines.splice(0));
        return connection.event(event);
      }
      held.push({ event, at: event.at });
      heldBytes += event.kind === "bytes" ? event.bytes.length : 0;
      if (heldBytes > maxHeld) settled();
    };
    const common = (direction: TraceEvent["direction"]) =>
      ({ at: performance.now() - this.#start, end: role, direction }) as const;
    tapSocket(socket, {
      bytes: (direction, bytes) => tell({ ...common(direction), kind: "bytes", bytes }),
      end: (direction) => tell({ ...common(direction), kind: "end" }),
    });
    socket.once("close", settled);
    return { keyLog: (line) => void lines.push(line), settled };
  }

  close(): void {
    this.#file.close();
  }
}

interface Tap {
  bytes(direction: TraceEvent["direction"], bytes: Uint8Array): void;
  end(direction: TraceEvent["direction"]): void;
}

/** Chunks between `cork` and `uncork` are one write. The bytes are copied: their owner uses them again. */
function tapSocket(socket: Socket, tap: Tap): void {
  const chunks: Uint8Array[] = [];
  const flush = (): void => {
    if (chunks.length > 0) tap.bytes("sent", concatAll(chunks.splice(0)));
  };
  const write = socket.write.bind(socket);
  const uncork = socket.uncork.bind(socket);
  socket.write = ((
    chunk: Uint8Array,
    ...rest: Parameters<typeof write> extends [unknown, ...infer R] ? R : never
  ) => {
    chunks.push(chunk.slice());
    if (socket.writableCorked === 0) flush();
    return write(chunk, ...rest);
  }) as typeof socket.write;
  socket.uncork = () => {
    if (socket.writableCorked === 1) flush();
    uncork();
  };
  socket.on("data", (bytes: Uint8Array) => tap.bytes("received", bytes.slice()));
  socket.once("end", () => tap.end("received"));
  socket.once("finish", () => tap.end("sent"));
}
