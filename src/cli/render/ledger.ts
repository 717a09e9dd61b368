import type { Flight, Ledger, MessageEntry } from "../../lab.ts";
import { style } from "../style.ts";
import { counted } from "./counted.ts";
import { pad } from "./pad.ts";

const nameWidth = 28;
const bytesWidth = 7;

/** A ledger for people. Every column of bytes adds up to the flight's. */
export function renderLedger(ledger: Ledger): string {
  const { flights, totals, assumptions } = ledger;
  return [
    style("dim", line("", "bytes", "")),
    ...flights.flatMap((flight) => renderFlight(flight, assumptions)),
    line(
      style("bold", "in all"),
      style("bold", String(totals.both.bytes)),
      `client ${totals.client.bytes}, server ${totals.server.bytes}`,
    ),
  ].join("\n");
}

function renderFlight(flight: Flight, assumptions: Ledger["assumptions"]): string[] {
  const { number, from, bytes, messages, messageBytes } = flight;
  const title = from === "client" ? "client → server" : "server → client";
  return [
    line(
      style("bold", `${number}  ${title}`),
      style("bold", String(bytes)),
      verdict(flight, assumptions),
    ),
    ...messages.map((message) => line(`   ${message.type}`, message.bytes, detailOf(message))),
    line(
      style("dim", "   record layer"),
      style("dim", String(bytes - messageBytes)),
      style("dim", recordsOf(flight)),
    ),
    "",
  ];
}

/** Does it split, and does it arrive in the first round? */
function verdict(
  flight: Flight,
  { initialWindow, maximumSegmentSize }: Ledger["assumptions"],
): string {
  const segments = counted(flight.segments, "segment");
  if (flight.fitsInitialWindow) return segments;
  const room = initialWindow * maximumSegmentSize;
  return `${segments}, ${style("yellow", `more than the first round's ${room} bytes`)}`;
}

function detailOf({ keyShares, certificates, signature, groups, type }: MessageEntry): string {
  if (keyShares !== undefined) {
    return keyShares.map((share) => `key share ${share.group} ${share.bytes}`).join(", ");
  }
  if (type === "hello_retry_request") return `asks for ${groups?.[0] ?? "the same again"}`;
  if (certificates !== undefined) {
    return certificates.length === 0 ? "none" : `DER ${certificates.join(" + ")}`;
  }
  return signature === undefined ? "" : `${signature.scheme} ${signature.bytes}`;
}

/** How many, and which of them carry no handshake message. */
function recordsOf({ records }: Flight): string {
  const others = records
    .filter((record) => record.type !== "handshake")
    .map((record) => record.type);
  return [counted(records.length, "record"), ...others].join(", ");
}

function line(name: string, bytes: string | number, detail: string): string {
  return `${pad(name, nameWidth)}${pad(String(bytes), -bytesWidth)}  ${detail}`.trimEnd();
}
