/** A handshake's flights over the simulated network, packet by packet, as a drawing in time. */
import {
  symmetric,
  traceRun,
  type FlightScript,
  type SentPacket,
  type Step,
} from "../lab/network/index.ts";
import { markup, type Markup } from "../report/html.ts";
import type { Experiment } from "./address.ts";
import type { FlightSize, Sequence } from "./protocol.ts";

/** Time goes down. Segments of 1448 bytes; the client's first flight is ready when the connection stands. */
export function sequenceOf(
  flights: readonly FlightSize[],
  {
    rtt,
    loss,
    window,
    draw,
    compute,
  }: Pick<Experiment, "rtt" | "loss" | "window" | "draw" | "compute">,
): Sequence {
  const network = symmetric({
    rtt,
    initialWindow: window,
    unit: "segment",
    ...(loss > 0 && { loss: { kind: "bernoulli" as const, probability: loss / 100 } }),
  });
  const { packets, outcome } = traceRun(
    network,
    scriptOf(flights.map((flight) => (compute ? flight : { ...flight, cpu: 0 }))),
    draw,
  );
  const { failed, ms, up, down } = outcome;
  const shown = packets.filter(({ kind }) => kind !== "ack").slice(0, most);
  const lost = up.lost + down.lost;
  const took = (end: "client" | "server"): string =>
    digits(flights.reduce((sum, { from, cpu }) => sum + (from === end ? cpu : 0), 0));
  const computed = compute
    ? ` In it the client computed for ${took("client")} ms and the server for ${took("server")} ms, as they did in this browser just now.`
    : "";
  return {
    svg: drawing(shown).text,
    says:
      failed === undefined
        ? `Everything has arrived after ${digits(ms)} ms, the first round trip of TCP included: ${up.packets + down.packets} packets, ${lost} of them lost.${computed}`
        : `The connection failed: ${failed}.`,
  };
}

/** More could not be read. */
const most = 120;

/** An end writes its next flight when all of the other's before it has arrived, and it has computed it. */
export function scriptOf(flights: readonly FlightSize[]): FlightScript {
  const written = { client: 0, server: 0 };
  const steps: { client: Step[]; server: Step[] } = { client: [], server: [] };
  for (const { from, bytes, cpu } of flights) {
    if (bytes === 0) continue;
    const other = from === "client" ? "server" : "client";
    steps[from].push({ received: written[other], write: bytes, cpu });
    written[from] += bytes;
  }
  // The last flight has to arrive too
  for (const [from, other] of [
    ["client", "server"],
    ["server", "client"],
  ] as const) {
    steps[from].push({ received: written[other] });
  }
  return steps;
}

const [left, right] = [70, 430];

function drawing(packets: readonly SentPacket[]): Markup {
  const last = Math.max(1, ...packets.map(({ sent, arrives = sent }) => arrives));
  const height = Math.min(1600, Math.max(260, packets.length * 22));
  const y = (ms: number): number => 34 + (ms / last) * (height - 60);
  const names = namesOf(packets, (packet) => y(packet.sent));
  const arrows = packets.map((packet) => {
    const { from, sent, arrives, isRetransmission } = packet;
    const [x1, x2] = from === "client" ? [left, right] : [right, left];
    const end = arrives ?? sent + last / 20;
    const [y1, y2] = [y(sent), y(end)];
    const reach = arrives === undefined ? 0.5 : 1;
    const to = [x1 + (x2 - x1) * reach, y1 + (y2 - y1) * reach] as const;
    const written = names.get(packet);
    const anchor = from === "client" ? "end" : "start";
    const dx = from === "client" ? -8 : 8;
    return markup`<g class="packet ${from}${arrives === undefined ? " lost" : ""}${isRetransmission ? " again" : ""}"><title>${from} at ${digits(sent)} ms: ${nameOf([packet])}</title>
<line x1="${x1}" y1="${y1}" x2="${to[0]}" y2="${to[1]}"/>${
      arrives === undefined
        ? markup`<text x="${to[0]}" y="${to[1] + 5}" text-anchor="middle">×</text>`
        : markup`<circle cx="${to[0]}" cy="${to[1]}" r="2.5"/>`
    }${written !== undefined ? markup`<text x="${x1 + dx}" y="${y1 + 4}" text-anchor="${anchor}">${digits(sent)}</text><text class="size" x="${x1 + (x2 - x1) * 0.25}" y="${y1 + (to[1] - y1) * (0.25 / reach) - 4}" text-anchor="middle">${written}</text>` : ""}</g>
`;
  });
  return markup`<svg class="sequence" viewBox="0 0 500 ${height}" role="img" aria-label="Packets in time, in milliseconds">
<line class="end" x1="${left}" x2="${left}" y1="24" y2="${height - 10}"/><line class="end" x1="${right}" x2="${right}" y1="24" y2="${height - 10}"/>
<text x="${left}" y="16" text-anchor="middle">client</text><text x="${right}" y="16" text-anchor="middle">server</text>
${arrows}</svg>`;
}

/** Names that do not lie on each other: that of the first of some packets has the bytes of all of them. */
function namesOf(
  packets: readonly SentPacket[],
  y: (packet: SentPacket) => number,
): Map<SentPacket, string> {
  const together: SentPacket[][] = [];
  for (const packet of packets) {
    const last = together.at(-1);
    if (last !== undefined && y(packet) - y(last[0]!) <= 13) last.push(packet);
    else together.push([packet]);
  }
  return new Map(
    together.map((members) => {
      const [first] = members;
      const alike = members.filter(
        ({ from, kind, isRetransmission }) =>
          from === first!.from &&
          kind === first!.kind &&
          isRetransmission === first!.isRetransmission,
      );
      return [first!, nameOf(alike)];
    }),
  );
}

/** Of packets of one kind. */
function nameOf(packets: readonly SentPacket[]): string {
  const { kind, isRetransmission } = packets[0]!;
  const lost = packets.filter(({ arrives }) => arrives === undefined).length;
  const bytes = packets.reduce((sum, packet) => sum + packet.bytes, 0);
  const isOne = packets.length === 1;
  return [
    kind === "data" ? `${bytes} bytes` : kind.toUpperCase(),
    ...(isOne ? [] : [`${packets.length} packets`]),
    ...(isRetransmission ? ["again"] : []),
    ...(lost === 0 ? [] : [isOne ? "lost" : `${lost} lost`]),
  ].join(", ");
}

const digits = (ms: number): string => String(Number(ms.toPrecision(3)));
