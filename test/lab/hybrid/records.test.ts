import { describe, expect, it } from "vitest";
import { noble } from "../../../src/crypto/index.ts";
import type { HandshakeVector } from "../../../src/lab/hybrid/format.ts";
import { providerAdapter } from "../../../src/lab/hybrid/provider-adapter.ts";
import { cutRecords, openFlights } from "../../../src/lab/hybrid/records.ts";
import { concat, fromHex, toHex } from "../../../src/wire/index.ts";
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

  it("look as records do, though no key protects them", () => {
    const [first, second, ...rest] = vector.flights;
    const withBytes = (flight: typeof first, pattern: RegExp, to: string) => ({
      ...flight!,
      bytes: flight!.bytes.replace(pattern, to),
    });
    const opening =
      (...flights: HandshakeVector["flights"]) =>
      () =>
        open({ ...vector, flights });
    expect(opening(withBytes(first, /^160301/, "160302"), second!)).toThrow(
      "flights[0]: a record of version 0302",
    );
    expect(opening(withBytes(first, /^160301/, "190303"), second!)).toThrow(
      "flights[0]: a record of type",
    );
    expect(opening(first!, withBytes(second, /140303000101/, "140303000102"))).toThrow(
      "flights[1]: a change_cipher_spec of other bytes",
    );
    expect(opening(first!, second!, { ...rest[0]!, from: "server" })).toThrow(
      "flights[2]: a second",
    );
  });

  it("are opened past 255 records of one key", () => {
    const key = noble.aeads["aes-128-gcm"].importKey(new Uint8Array(16));
    const nonce = new Uint8Array(12);
    nonce.set([1, 0], 10);
    const header = Uint8Array.of(23, 3, 3, 0, 18);
    const sealed = key.seal(nonce, header, Uint8Array.of(7, 23), new Uint8Array());
    const record = concat(header, ...sealed);
    const common = { suite: "TLS_AES_128_GCM_SHA256", key: new Uint8Array(16), iv: nonce.fill(0) };
    expect(openRecord!({ ...common, sequence: 256, record })).toEqual(Uint8Array.of(7, 23));
    expect(openRecord!({ ...common, sequence: 0, record })).toBeUndefined();
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
