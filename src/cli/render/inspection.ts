import { dumpAnyMessage, type Inspection, type InspectedCapture } from "../../lab.ts";
import type { CapturedConnection, Endpoint } from "../../lab/capture/index.ts";
import { style } from "../style.ts";
import { renderDumpLines } from "./dump.ts";
import { renderLedger } from "./ledger.ts";
import { pad } from "./pad.ts";

/** A connection: of a capture with its addresses, of a trace with whose view it is. */
export type InspectedView = Inspection & Partial<CapturedConnection> & { readonly place?: string };

/** What a file held; of a capture with what its packets tell. */
export interface Inspected extends Partial<Omit<InspectedCapture, "connections" | "problem">> {
  readonly connections: readonly InspectedView[];
  /** Where the file could not be read further. */
  readonly problem: string | null;
}

/** One connection: what it is, its ledger, and what is worth saying of it. */
export function renderInspected(
  connection: InspectedView,
  number: number,
  isDumped: boolean,
): string {
  const { protocol, ledger, items, bytes } = connection;
  const title = style("bold", `${number}  ${endsOf(connection)}  ${protocol}`);
  if (ledger.flights.length === 0) {
    return `${title}  ${bytes.client} + ${bytes.server} bytes\n`;
  }
  const dumps = isDumped
    ? items.flatMap((item) =>
        item.kind === "message"
          ? [
              renderDumpLines(
                dumpAnyMessage(item.raw),
                `${item.from} sends ${item.raw.length} bytes, ${item.epoch} keys`,
              ),
            ]
          : [],
      )
    : [];
  const facts = factLines(connection);
  return [
    title,
    ...(facts === "" ? [] : [facts]),
    "",
    ...dumps,
    renderLedger(ledger),
    notes(connection),
  ]
    .filter((part) => part !== undefined)
    .join("\n");
}

function endsOf({ client, server, place }: InspectedView): string {
  const text = ({ address, port }: Endpoint): string =>
    address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  return client === undefined || server === undefined
    ? `client → server, ${place}`
    : `${text(client)} → ${text(server)}`;
}

function factLines({ facts }: Inspection): string {
  const { group, postQuantum, hybrid } = facts;
  const kind =
    postQuantum === null
      ? ""
      : postQuantum
        ? `, ${style("green", hybrid ? "post-quantum, hybrid" : "post-quantum")}`
        : `, ${style("yellow", "not post-quantum")}`;
  const rows: readonly (readonly [string, string | null])[] = [
    ["cipher suite", facts.cipherSuite],
    [
      "key exchange",
      group && `${group}${kind}${facts.retried ? ", after a HelloRetryRequest" : ""}`,
    ],
    ["resumed", facts.resumed ? "yes, by a pre-shared key" : null],
    ["early data", facts.earlyData === "not offered" ? null : facts.earlyData],
    ["server name", facts.serverName],
    ["ALPN", facts.alpn],
    ["server signed", facts.serverSignature],
    ["client signed", facts.clientSignature],
  ];
  return rows
    .flatMap(([name, value]) => (value === null ? [] : [`${style("dim", pad(name, 15))} ${value}`]))
    .join("\n");
}

/** Proofs, findings, broken rules, alerts, gaps, and what is not listed. */
function notes(connection: Inspection): string {
  const { proofs, findings, violations, alerts, gaps, sealed, unlisted } = connection;
  const lines = [
    ...proofs.map(({ from, what, verdict, detail }) => {
      const colour = verdict === "right" ? "green" : verdict === "wrong" ? "red" : "dim";
      return `${style(colour, verdict)}  ${what} of the ${from}: ${detail}`;
    }),
    ...findings.map(
      ({ kind, severity, evidence }) => `${style("yellow", severity)}  ${kind}: ${evidence}`,
    ),
    ...violations.map(({ from, message }) => `${style("red", "forbidden")}  ${from}: ${message}`),
    ...alerts.map(({ from, description }) => `alert  ${from}: ${description}`),
    ...gaps.map(
      ({ from, bytes }) =>
        `${style("yellow", "gap")}  ${bytes ?? "some"} bytes of the ${from} are missing: nothing of it behind them is read`,
    ),
    ...(["client", "server"] as const).flatMap((role) => [
      ...(sealed[role] > 0
        ? [`sealed  ${sealed[role]} records of the ${role}: no secret opens them`]
        : []),
      ...(unlisted[role].records > 0
        ? [
            `not listed  ${unlisted[role].records} records of the ${role}, ${unlisted[role].bytes} bytes`,
          ]
        : []),
    ]),
  ];
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}

/** One line for the whole file. */
export function renderSummary({
  connections,
  packets,
  unread = {},
  leftOut = 0,
}: Inspected): string {
  const parts = [
    ...(packets === undefined ? [] : [`${packets} packets`]),
    connections.length === 1 ? "1 connection" : `${connections.length} connections`,
    ...Object.entries(unread).map(([reason, count]) => `${count} not read (${reason})`),
    ...(leftOut > 0 ? [`${leftOut} left out for lack of room`] : []),
  ];
  return style("dim", parts.join(", "));
}
