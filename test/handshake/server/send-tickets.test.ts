/** A server's tickets: RFC 9846 §4.7.1. */
import { describe, expect, it } from "vitest";
import { hashOf, type Suite, suites } from "../../../src/crypto/index.ts";
import {
  type Established,
  LaterRequests,
  sealedTickets,
  serverAfterHandshake,
  type ServerConfig,
  TicketKeys,
} from "../../../src/handshake/index.ts";
import { messageName } from "../../../src/messages/index.ts";
import { defaultLimits, Link } from "../../../src/record/index.ts";
import { HandshakeSecret, type ResumptionSecret } from "../../../src/schedule/index.ts";
import { anyProvider, connect } from "../../support/ends.ts";
import { testTime } from "../../support/identities.ts";
import { freshOwners } from "../../support/secrets.ts";

describe("a server's tickets", () => {
  /** What a server sends behind a handshake whose client could use tickets, or not. */
  function sentTo(wantsTickets: boolean): string[] {
    const types: string[] = [];
    const link = new Link({
      role: "server",
      limits: defaultLimits,
      observer: { message: (_, raw) => void types.push(messageName(raw)) },
    });
    const { negotiated } = connect().server;
    const suite = suites[0]!;
    const established = {
      negotiated: negotiated!,
      suite,
      resumption: resumptionSecret(suite),
      postHandshake: { wantsTickets, clientCertificateType: 0 },
    } as unknown as Established;
    const config = {
      tickets: sealedTickets(new TicketKeys(anyProvider)),
      provider: anyProvider,
      now: () => testTime,
      grease: false,
    } as unknown as ServerConfig;
    const requests = new LaterRequests(config, link);
    serverAfterHandshake(config, link, established, requests, () => {}).next();
    return types;
  }

  // RFC 9846 §4.7.1, §4.3.9
  it("are for clients that could use them", () => {
    expect(sentTo(true)).toEqual(["new_session_ticket", "new_session_ticket"]);
    expect(sentTo(false)).toEqual([]);
  });
});

function resumptionSecret(suite: Suite): ResumptionSecret {
  const hash = hashOf(suite, anyProvider);
  const hello = new Uint8Array(hash.length);
  const handshake = HandshakeSecret.withoutPsk(hash, new Uint8Array(32), freshOwners());
  return handshake.traffic(hello).derived().main().resumption(hello);
}
