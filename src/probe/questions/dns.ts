import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { Asker } from "../asker.ts";
import { askResolver, type Resolver } from "../dns/ask.ts";
import { httpsRecord } from "../dns/https-record.ts";
import type { DnsFacts } from "../facts.ts";
import { question } from "../question.ts";

/** Resolvers that are tried, one behind the other. */
const mostResolvers = 2;
/** NOERROR, and NXDOMAIN, which says the same of a record (RFC 1035 §4.1.1). */
const said = new Set([0, 3]);

/** What a browser learns before it connects; asked for the name of the probe, and for no other. */
export const dns = question({
  name: "dns",
  title: "its HTTPS record in the DNS",
  unless: ({ reach }, asker) =>
    reach?.state === "tls" ? whyNoRecord(asker) : "there is no TLS server",
  async ask(asker): Promise<DnsFacts> {
    const name = recordName(asker.serverName ?? "", asker.target.port);
    const reasons: string[] = [];
    for (const resolver of asker.resolvers.slice(0, mostResolvers)) {
      const found = await lookUp(resolver, name, asker.patience);
      if (typeof found !== "string") return found;
      reasons.push(found);
    }
    return { name, state: "unknown", reason: reasons.join("; "), records: [] };
  },
});

/** RFC 9460 §9.1: on other ports than 443 the port stands before the name. */
function recordName(serverName: string, port: number): string {
  const name = domainToASCII(serverName) || serverName;
  return port === 443 ? name : `_${port}._https.${name}`;
}

function whyNoRecord({ serverName, target, resolvers }: Asker): string | undefined {
  if (serverName === undefined || isIP(serverName) !== 0) return "an address has no HTTPS record";
  // RFC 6761 §6.3
  if (/(^|\.)localhost\.?$/i.test(serverName)) return "localhost is in no DNS";
  if (target.startTls !== undefined) return "HTTPS records are for HTTPS";
  return resolvers.length === 0 ? "there is no resolver to ask" : undefined;
}

async function lookUp(
  resolver: Resolver,
  name: string,
  patience: number,
): Promise<DnsFacts | string> {
  try {
    const { code, records } = await askResolver(resolver, name, patience);
    if (!said.has(code)) return `${resolver.address} answers with code ${code}`;
    return {
      name,
      state: records.length === 0 ? "none" : "found",
      records: records.map(httpsRecord),
    };
  } catch (error) {
    return (error as Error).message;
  }
}
