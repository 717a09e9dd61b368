import { describe, expect, it } from "vitest";
import { noble } from "../../../src/crypto/index.ts";
import type { HandshakeVector } from "../../../src/lab/hybrid/format.ts";
import { providerAdapter } from "../../../src/lab/hybrid/provider-adapter.ts";
import { cutRecords, openFlights } from "../../../src/lab/hybrid/records.ts";
import { fromHex, toHex } from "../../../src/wire/index.ts";
import { loadHandshakes } from "../../vectors/hybrid-files.ts";

const vector = loadHandshakes("hybrid/handshakes/x25519.json.gz").handshakes[0]!;
const { openRecord } = providerAdapter(noble);
const open = (changed: HandshakeVector) => openFlights(changed, openRecord!);

describe("the flights of a vector", () => {
  it("hold its messages, its data, and the alerts that close it", () => {
    const { messages, data, alerts } = open(vector);
    expect(messages.map(({ bytes }) => toHex(bytes))).toEqual(
      vector.messages.map(({ bytes }) => bytes),
    );
    expect({ client: toHex(data.client), server: toHex(data.server) }).toEqual(vector.data);
    expect(alerts).toEqual([
      { from: "client", bytes: Uint8Array.of(1, 0) },
      { from: "server", bytes: Uint8Array.of(1, 0) },
    ]);
  });

  it("consist of whole records", () => {
    const flight = fromHex(vector.flights[1]!.bytes);
    const records = cutRecords(flight);
    expect(records.map(([type]) => type)).toEqual([22, 20, 23]);
    expect(() => cutRecords(flight.subarray(0, -1))).toThrow("in the middle of a record");
  });

  it("do not open under other keys, or before there are any", () => {
    const { serverHandshakeTraffic: keys } = vector.trafficKeys;
    const wrong = { ...keys, iv: `00${keys.iv.slice(2)}` };
    const trafficKeys = { ...vector.trafficKeys, serverHandshakeTraffic: wrong };
    expect(() => open({ ...vector, trafficKeys })).toThrow(
      "record 0 under serverHandshakeTraffic does not open",
    );
    const flights = vector.flights.slice(2);
    expect(() => open({ ...vector, flights })).toThrow("before it has keys");
  });
});
