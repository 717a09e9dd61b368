/** One handshake of a cell as a capture: the engine's bytes in the packets of the simulated network. */
import { CaptureWriter } from "../capture/write.ts";
import { TcpFlag } from "../capture/tcp-packet.ts";
import { concatAll } from "../../wire/index.ts";
import { seedFor, type SentPacket, traceRun } from "../network/index.ts";
import type { Cell, Experiment } from "./resolve.ts";
import { bytesOf, recordHandshake } from "./record.ts";
import { handshakeKey } from "./run.ts";
import { scriptOf } from "./script.ts";

/**
 * What somebody captures at the client: its packets as it sends them, lost or not, and the server's as they arrive, with
 * the secrets that open them. Times are the network's.
 *
 * @param repetition which of the cell's handshakes, from 0
 * @throws RangeError for QUIC, whose packets are not modelled byte by byte, and for cells under load; as the handshake of the cell itself does
 */
export function cellCapture({ seed }: Experiment, cell: Cell, repetition: number): Uint8Array {
  const { network, values, cpu, index } = cell;
  if (values.transport !== "tcp") {
    throw new RangeError(
      `cell ${index} is a handshake over ${values.transport}; captures are of tcp`,
    );
  }
  if (values.load !== "none") {
    throw new RangeError(`cell ${index} is many handshakes at once; captures are of one alone`);
  }
  const recording = recordHandshake(cell.handshake, `${seed}/${handshakeKey(cell)}`);
  const { script } = scriptOf(recording, cpu, values.timer);
  const drawn = seedFor(seed, JSON.stringify(network), repetition);
  const { packets } = traceRun(network, script, drawn);
  const seen = packets
    .flatMap((packet) => {
      const at = packet.from === "client" ? packet.sent : packet.arrives;
      return at === undefined ? [] : [{ packet, at }];
    })
    .toSorted((a, b) => a.at - b.at);

  const chunks: Uint8Array[] = [];
  const writer = new CaptureWriter((bytes) => chunks.push(bytes));
  const connection = writer.open("at the client");
  connection.keyLog(...new Set(recording.trace.keyLog.map(({ line }) => line)));
  const mss = network.mss ?? 1448;
  const next = { client: 0, server: 0 };
  const bytes = {
    client: bytesOf(recording.trace, "client"),
    server: bytesOf(recording.trace, "server"),
  };
  for (const { packet, at } of seen) {
    const { from, kind, acknowledges, start } = packet;
    const payload = bytes[from].subarray(start, start + packet.bytes);
    const segment = { from, flags: flagsOf(kind), acknowledges };
    // An acknowledgement has the number of what its end sends next
    if (payload.length === 0) connection.segment({ ...segment, start: next[from], payload }, at);
    next[from] = Math.max(next[from], start + payload.length);
    // What a kernel hands down in one piece, its network card cuts
    for (let cut = 0; cut < payload.length; cut += mss) {
      const piece = payload.subarray(cut, cut + mss);
      connection.segment({ ...segment, start: start + cut, payload: piece }, at);
    }
  }
  return concatAll(chunks);
}

const flagsOf = (kind: SentPacket["kind"]): number =>
  ({
    syn: TcpFlag.syn,
    "syn-ack": TcpFlag.syn | TcpFlag.acknowledge,
    ack: TcpFlag.acknowledge,
    data: TcpFlag.acknowledge | TcpFlag.push,
  })[kind];
