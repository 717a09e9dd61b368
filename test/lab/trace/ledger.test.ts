import { describe, expect, it } from "vitest";
import { type Flight, ledgerOf } from "../../../src/lab/trace/ledger.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { type Sent, watchHandshake } from "../../../src/lab/trace/watch.ts";
import { carry } from "../../../src/connection/pair.ts";
import { providers } from "../../crypto/providers.ts";
import { experiment } from "../experiment.ts";

const typesOf = (flight: Flight | undefined) => flight?.messages.map((message) => message.type);
const find = (flights: readonly Flight[], type: string) =>
  flights.flatMap((flight) => flight.messages).find((message) => message.type === type);

describe.each(providers)("a ledger, $name", ({ provider }) => {
  it("has the flights of RFC 9846 §2, in order", () => {
    const ledger = ledgerOf(runHandshake(experiment({ provider }, { provider })));
    expect(ledger.error).toBeNull();
    expect(ledger.roundTrips).toBe(1);
    expect(ledger.flights.map((flight) => [flight.number, flight.from])).toEqual([
      [1, "client"],
      [2, "server"],
      [3, "client"],
    ]);
    expect(ledger.flights.map(typesOf)).toEqual([
      ["client_hello"],
      ["server_hello", "encrypted_extensions", "certificate", "certificate_verify", "finished"],
      ["finished"],
    ]);
    expect(ledger.negotiated).toMatchObject({ group: "X25519MLKEM768", postQuantum: true });
    expect(ledger.milliseconds?.client).toBeGreaterThan(0);
    expect(ledger.milliseconds?.server).toBeGreaterThan(0);
  });

  // RFC 10024 §4.1–4.2, draft-ietf-tls-mlkem, RFC 9846 §4.3.8
  it.each([
    ["X25519MLKEM768", 1216, 1120],
    ["SecP256r1MLKEM768", 1249, 1153],
    ["SecP384r1MLKEM1024", 1665, 1665],
    ["MLKEM512", 800, 768],
    ["MLKEM768", 1184, 1088],
    ["MLKEM1024", 1568, 1568],
    ["x25519", 32, 32],
    ["secp256r1", 65, 65],
  ])("gives the exact shares of %s: %i and %i bytes", (group, client, server) => {
    const { flights } = ledgerOf(
      runHandshake(experiment({ provider, groups: [group] }, { provider, groups: [group] })),
    );
    expect(find(flights, "client_hello")?.keyShares).toEqual([{ group, bytes: client }]);
    expect(find(flights, "server_hello")?.keyShares).toEqual([{ group, bytes: server }]);
    // With a 32-byte session id
    expect(find(flights, "server_hello")?.bytes).toBe(90 + server);
  });
});

describe("a ledger", () => {
  it("adds up: messages and what records add are the bytes on the wire", () => {
    const { flights, totals } = ledgerOf(runHandshake(experiment()));
    for (const flight of flights) {
      const expected = flight.records.map(({ epoch, contentBytes }) =>
        epoch === "plaintext" ? 5 + contentBytes : 5 + contentBytes + 1 + 16,
      );
      expect(flight.records.map((record) => record.bytes)).toEqual(expected);
      const handshake = flight.records.filter((record) => record.type === "handshake");
      expect(sum(handshake.map((record) => record.contentBytes))).toBe(flight.messageBytes);
      expect(sum(flight.records.map((record) => record.bytes))).toBe(flight.bytes);
    }
    expect(totals.both.bytes).toBe(totals.client.bytes + totals.server.bytes);
  });

  it("gives an extension the bytes that it has in its message", () => {
    const { flights } = ledgerOf(runHandshake(experiment()));
    const hello = find(flights, "client_hello");
    const extensions = hello?.extensions ?? [];
    // Header, version, random, session id, three suites, compression, length of the block
    const before = 4 + 2 + 32 + 33 + 8 + 2 + 2;
    expect(before + sum(extensions.map((extension) => extension.bytes))).toBe(hello?.bytes);
    expect(extensions.find((extension) => extension.name === "key_share")?.bytes).toBe(1216 + 10);
  });

  it("says which records carry a message that spans several", () => {
    const manyNames = Array.from({ length: 2000 }, (_, index) => `protocol-${index}`);
    const { flights } = ledgerOf(runHandshake(experiment({ alpn: manyNames })));
    const carries = flights[0]?.records.map((record) => record.carries);
    expect(carries).toEqual([["client_hello"], ["client_hello"]]);
  });

  it("counts segments by the size it is told, and heeds the initial window", () => {
    const run = runHandshake(experiment());
    const [hello] = ledgerOf(run).flights;
    expect(hello).toMatchObject({ segments: 1, fitsInitialWindow: true });
    const small = ledgerOf(run, { maximumSegmentSize: 536, initialWindow: 2 });
    expect(small.flights[0]).toMatchObject({ segments: 3, fitsInitialWindow: false });
    expect(small.flights[2]).toMatchObject({ segments: 1, fitsInitialWindow: true });
    const exact = ledgerOf(run, { maximumSegmentSize: hello?.bytes ?? 0, initialWindow: 1 });
    expect(exact.flights[0]).toMatchObject({ segments: 1, fitsInitialWindow: true });
  });

  it("counts a retry as a round trip", () => {
    const { flights, roundTrips, negotiated } = ledgerOf(
      runHandshake(
        experiment({ groups: ["x25519", "X25519MLKEM768"] }, { groups: ["X25519MLKEM768"] }),
      ),
    );
    expect(flights.slice(0, 3).map(typesOf)).toEqual([
      ["client_hello"],
      ["hello_retry_request"],
      ["client_hello"],
    ]);
    expect(flights[1]?.messages[0]?.groups).toEqual(["X25519MLKEM768"]);
    expect(roundTrips).toBe(2);
    expect(negotiated?.retried).toBe(true);
  });

  it("shows a handshake that fails up to its alert", () => {
    const ledger = ledgerOf(
      runHandshake(experiment({ groups: ["x25519"] }, { groups: ["X25519MLKEM768"] })),
    );
    expect(ledger.negotiated).toBeNull();
    expect(ledger.error).toMatchObject({
      role: "server",
      code: "no_common_group",
      alert: "handshake_failure",
    });
    expect(ledger.flights).toHaveLength(2);
    expect(ledger.flights[1]?.records.map((record) => record.type)).toEqual(["alert"]);
  });

  it("is plain data", () => {
    const ledger = ledgerOf(runHandshake(experiment()));
    expect(JSON.parse(JSON.stringify(ledger))).toEqual(ledger);
    expect(ledger.negotiated?.peer).toMatchObject({ subject: "CN=localhost", verified: true });
  });
});

describe("a handshake watched from one end", () => {
  it.each(["client", "server"] as const)("gives the same ledger as from both: %s", (role) => {
    const sent: Sent[] = [];
    const observer = watchHandshake(role, sent);
    const run = runHandshake(
      experiment(role === "client" ? { observer } : {}, role === "server" ? { observer } : {}),
    );
    const { flights } = ledgerOf({ sent });
    expect(flights).toEqual(ledgerOf(run).flights);
    run.client.write(Uint8Array.of(1));
    carry(run.client, run.server);
    expect(ledgerOf({ sent }).flights).toEqual(flights);
  });
});

describe("a run", () => {
  it("leaves the caller's observer in place", () => {
    const seen: string[] = [];
    const observer = {
      message: (direction: string) => seen.push(direction),
      record: (direction: string) => seen.push(direction),
    };
    runHandshake(experiment({ observer }));
    expect(new Set(seen)).toEqual(new Set(["sent", "received"]));
  });

  it("refuses an asynchronous part", () => {
    const { client, server } = experiment();
    const [credential] = server.credentials ?? [];
    const signer = { ...credential?.signer, sign: () => Promise.resolve(new Uint8Array(64)) };
    const slow = { ...credential, signer } as NonNullable<typeof credential>;
    const run = () => runHandshake({ client, server: { ...server, credentials: [slow] } });
    expect(run).toThrow(/asynchronous/);
  });
});

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
