import type { NegotiatedFacts } from "../../lab.ts";
import { style } from "../style.ts";
import { pad } from "./pad.ts";

/** What was negotiated, one fact a line. */
export function renderNegotiated(
  facts: NegotiatedFacts,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const byKem = facts.authentication === "kem";
  const rows: [string, string | undefined][] = [
    ["protocol", `${facts.version}${facts.resumed ? ", resumed" : ""}`],
    ["early data", facts.earlyData === "none" ? undefined : facts.earlyData.replaceAll("_", " ")],
    ["cipher suite", facts.cipherSuite],
    ["key exchange", keyExchange(facts, stream)],
    ["server name", facts.serverName ?? undefined],
    ["ALPN", facts.alpn ?? undefined],
    ["server's key", facts.storedKey ? "known before, and not shown" : undefined],
    ["peer", facts.peer === null ? undefined : peer(facts.peer, stream)],
    [byKem ? "peer proven by" : "peer signed by", facts.peerSignatureScheme ?? undefined],
    [byKem ? "we proven by" : "we signed by", facts.signatureScheme ?? undefined],
    ["back ends", backends(facts)],
  ];
  return rows
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${style("dim", pad(name, 15), stream)} ${value}`)
    .join("\n");
}

function keyExchange(facts: NegotiatedFacts, stream: NodeJS.WriteStream): string {
  const kind = facts.postQuantum
    ? style("green", facts.hybrid ? "post-quantum, hybrid" : "post-quantum", stream)
    : style("yellow", "not post-quantum", stream);
  const parts = [facts.group ?? "none, by pre-shared key alone", kind];
  if (facts.retried) parts.push("after a HelloRetryRequest");
  return parts.join(", ");
}

function peer(
  { subject, verified }: NonNullable<NegotiatedFacts["peer"]>,
  stream: NodeJS.WriteStream,
): string {
  return verified
    ? `${subject}, verified`
    : `${subject}, ${style("yellow", "not verified", stream)}`;
}

function backends({ backends: named }: NegotiatedFacts): string {
  const { keyExchange: kems, aead, hash, signature, verification } = named;
  const all = [...kems, aead, hash, signature, verification];
  return [...new Set(all.filter((name) => name !== undefined))].join(", ");
}
