/** Every group with every suite, on every back end; and a retry to each group. */
import { describe, expect, it } from "vitest";
import { suites } from "../../src/crypto/index.ts";
import { groups, isHybrid, isPostQuantum, shareSizes } from "../../src/groups/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { carry } from "../../src/connection/pair.ts";
import { connect } from "../support/ends.ts";
import { X448MLKEM1024 } from "../../docs/examples/own-group.ts";

/** The shares that went over the wire. */
function sharesOf(raws: readonly Uint8Array[]): { client: Uint8Array[]; server: Uint8Array[] } {
  const shares = { client: [] as Uint8Array[], server: [] as Uint8Array[] };
  for (const raw of raws) {
    if (raw[0] === 1) {
      const { extensions } = decodeMessage("client_hello", raw).body;
      shares.client.push(...extensions.key_share!.map(({ keyExchange }) => keyExchange));
    } else if (raw[0] === 2 && raw.length > 4 + 38 + 46) {
      const { key_share: share } = decodeMessage("server_hello", raw).body.extensions;
      shares.server.push(share!.keyExchange);
    }
  }
  return shares;
}

describe.each(providers)("with $name", ({ provider }) => {
  describe.each([...groups, X448MLKEM1024])("$name", (group) => {
    it.each(suites)("opens under $name", (suite) => {
      const raws: Uint8Array[] = [];
      const options = { provider, groups: [group], suites: [suite] };
      const { client, server } = connect(
        {
          ...options,
          observer: { message: (_, raw) => void raws.push(raw) },
        },
        options,
      );
      const expected = {
        version: "TLS 1.3",
        group: group.name,
        cipherSuite: suite.name,
        hybrid: isHybrid(group),
        postQuantum: isPostQuantum(group),
        retried: false,
        resumed: false,
      };
      expect(client.negotiated).toMatchObject(expected);
      expect(server.negotiated).toMatchObject(expected);
      expect(client.negotiated?.backends.keyExchange).toHaveLength(group.kems.length);
      const shares = sharesOf(raws);
      const sizes = shareSizes(group, provider);
      expect(shares.client.map(({ length }) => length)).toEqual([sizes.client]);
      expect(shares.server.map(({ length }) => length)).toEqual([sizes.server]);
      client.write(utf8("ping"));
      server.write(utf8("pong"));
      const events = carry(client, server);
      expect(events.server).toEqual([{ type: "data", data: utf8("ping"), early: false }]);
      expect(events.client).toEqual([{ type: "data", data: utf8("pong"), early: false }]);
    });

    // RFC 9846 §4.2.4
    it.each([true, false])("is retried to, with a cookie: %s", (retryCookie) => {
      const other = group.name === "x25519" ? "secp256r1" : "x25519";
      const { client, server } = connect(
        { provider, groups: [other, group], shares: [other] },
        { provider, groups: [group], retryCookie },
      );
      for (const end of [client, server]) {
        expect(end.error).toBeUndefined();
        expect(end.negotiated).toMatchObject({ group: group.name, retried: true });
      }
    });
  });
});

// RFC 10024 §4.1
describe("the sizes of X25519MLKEM768", () => {
  it("are 1216 and 1120 on the wire", () => {
    const raws: Uint8Array[] = [];
    connect(
      { groups: ["X25519MLKEM768"], observer: { message: (_, raw) => void raws.push(raw) } },
      { groups: ["X25519MLKEM768"] },
    );
    const { client, server } = sharesOf(raws);
    expect([client[0]?.length, server[0]?.length]).toEqual([1216, 1120]);
  });
});

describe("two ends on two back ends", () => {
  it.each(groups)("agree on $name", (group) => {
    const [first, second] = [providers[0]!.provider, providers.at(-1)!.provider];
    for (const [client, server] of [
      [first, second],
      [second, first],
    ] as const) {
      const ends = connect(
        { provider: client, groups: [group] },
        { provider: server, groups: [group] },
      );
      expect([ends.client.state, ends.server.state]).toEqual(["open", "open"]);
    }
  });
});
