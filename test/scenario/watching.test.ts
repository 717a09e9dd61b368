/** What a connection tells those who watch: observers, key logs, exporters. */
import { describe, expect, it } from "vitest";
import { suites } from "../../src/crypto/index.ts";
import { type MessageType, messageType } from "../../src/messages/index.ts";
import type { Observer, RecordFact } from "../../src/record/index.ts";
import { carry } from "../../src/connection/pair.ts";
import { utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { clientCredential } from "../support/identities.ts";

/** An observer that keeps all that it sees. */
function recorder() {
  const messages: {
    direction: string;
    type: MessageType | undefined;
    epoch: string;
    raw: Uint8Array;
  }[] = [];
  const records: ({ direction: string } & RecordFact)[] = [];
  const observer: Observer = {
    message: (direction, raw, epoch) =>
      void messages.push({ direction, type: messageType(raw), epoch, raw: raw.slice() }),
    record: (direction, fact) => void records.push({ direction, ...fact }),
  };
  return { observer, messages, records };
}

describe("observers", () => {
  const [near, far] = [recorder(), recorder()];
  const { client, server } = connect(
    { observer: near.observer, credentials: [clientCredential] },
    { observer: far.observer, clientAuthentication: "require" },
  );
  client.write(utf8("data"));
  client.updateKeys();
  carry(client, server);
  server.write(utf8("answer"));
  carry(client, server);
  client.close();
  server.close();
  carry(client, server);

  it("see every message, in the epoch that carried it", () => {
    expect(
      near.messages.map(({ direction, type, epoch }) => `${direction} ${type} ${epoch}`),
    ).toEqual([
      "sent client_hello plaintext",
      "received server_hello plaintext",
      "received encrypted_extensions handshake",
      "received certificate_request handshake",
      "received certificate handshake",
      "received certificate_verify handshake",
      "received finished handshake",
      "sent certificate handshake",
      "sent certificate_verify handshake",
      "sent finished handshake",
      "sent key_update application",
      "received key_update application",
    ]);
  });

  it("see the same at both ends", () => {
    const of = (which: typeof near, direction: string) =>
      which.messages.filter((each) => each.direction === direction).map(({ raw }) => raw);
    expect(of(near, "sent")).toEqual(of(far, "received"));
    expect(of(far, "sent")).toEqual(of(near, "received"));
    const facts = (which: typeof near, direction: string) =>
      which.records
        .filter((each) => each.direction === direction)
        .map(({ epoch, type, wireLength, contentLength }) => [
          epoch,
          type,
          wireLength,
          contentLength,
        ]);
    expect(facts(near, "sent")).toEqual(facts(far, "received"));
    expect(facts(far, "sent")).toEqual(facts(near, "received"));
    expect(near.records.map(({ type }) => type)).toContain(20);
  });

  it("may watch only one of the two", () => {
    const records: RecordFact[] = [];
    const messages: Uint8Array[] = [];
    connect(
      { observer: { record: (_, fact) => void records.push(fact) } },
      { observer: { message: (_, raw) => void messages.push(raw) } },
    );
    expect(records.length).toBeGreaterThan(3);
    expect(messages.length).toBeGreaterThan(5);
  });
});

describe.each(providers)("with $name", ({ provider }) => {
  // RFC 9850 §2
  describe("the key log", () => {
    const logged = (groups: readonly string[]) => {
      const lines = { client: [] as string[], server: [] as string[] };
      const { client, server } = connect(
        {
          provider,
          groups: ["x25519", "secp256r1"],
          keyLog: (line) => void lines.client.push(line),
        },
        { provider, groups, keyLog: (line) => void lines.server.push(line) },
      );
      expect([client.state, server.state]).toEqual(["open", "open"]);
      return lines;
    };

    it.each([[["x25519"]], [["secp256r1"]]])(
      "has the same lines at both ends, for %j",
      (groups) => {
        const { client, server } = logged(groups);
        expect(client.toSorted()).toEqual(server.toSorted());
        expect(client.map((line) => line.split(" ")[0])).toEqual([
          "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
          "SERVER_HANDSHAKE_TRAFFIC_SECRET",
          "CLIENT_TRAFFIC_SECRET_0",
          "SERVER_TRAFFIC_SECRET_0",
          "EXPORTER_SECRET",
        ]);
        for (const line of client) expect(line).toMatch(/^[A-Z_0]+ [0-9a-f]{64} [0-9a-f]{64}$/);
        expect(new Set(client.map((line) => line.split(" ")[1])).size).toBe(1);
        expect(new Set(client.map((line) => line.split(" ")[2])).size).toBe(5);
      },
    );

    it("differs for each connection", () => {
      expect(logged(["x25519"]).client).not.toEqual(logged(["x25519"]).client);
    });
  });

  // RFC 9846 §7.5
  describe.each(suites)("an exporter under $name", (suite) => {
    const { client, server } = connect(
      { provider, suites: [suite] },
      { provider, suites: [suite] },
    );

    it("gives the same at both ends, for each label, context and length", () => {
      const given = new Set<string>();
      for (const label of ["EXPERIMENTAL-a", "EXPERIMENTAL-b"]) {
        for (const context of [utf8(""), utf8("context")]) {
          for (const length of [16, 32, 100]) {
            const material = client.exportKeyingMaterial(label, context, length);
            expect(material).toHaveLength(length);
            expect(server.exportKeyingMaterial(label, context, length)).toEqual(material);
            given.add(String(material.subarray(0, 16)));
          }
        }
      }
      expect(given.size).toBe(12);
    });

    it("differs for each connection", () => {
      const other = connect({ provider, suites: [suite] }, { provider, suites: [suite] }).client;
      const of = (end: typeof client) => end.exportKeyingMaterial("EXPERIMENTAL", utf8(""), 32);
      expect(of(other)).not.toEqual(of(client));
    });
  });
});

describe("an exporter", () => {
  it("has nothing to give before the handshake is over", () => {
    const { client } = makeEnds();
    expect(
      tlsErrorOf(() => client.exportKeyingMaterial("EXPERIMENTAL", utf8(""), 32)),
    ).toMatchObject({
      code: "misuse",
    });
  });
});
