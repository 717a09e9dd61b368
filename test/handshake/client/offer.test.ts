import { describe, expect, it } from "vitest";
import {
  type ClientOptions,
  createClientConnection,
  defaultGroups,
} from "../../../src/connection/index.ts";
import { schemes, suites } from "../../../src/crypto/index.ts";
import { decodeMessage } from "../../../src/messages/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { acceptAnyCertificate } from "../../../src/connection/index.ts";
import { clientOptions } from "../../support/ends.ts";

/** The ClientHello of a client, which starts and waits. */
function helloOf(options: ClientOptions) {
  const client = createClientConnection(options);
  client.start();
  const record = concat(...client.takeOutput());
  return { record, hello: decodeMessage("client_hello", record.subarray(5)).body };
}

// RFC 9846 §4.2.2
describe("a ClientHello", () => {
  const { hello, record } = helloOf({ verifyServer: acceptAnyCertificate });

  it("goes out in one record of version 0x0301", () => {
    expect([...record.subarray(0, 3)]).toEqual([22, 3, 1]);
    expect(record.length).toBe(5 + (record[3]! << 8) + record[4]!);
  });

  it("offers all that there is, if nothing else was said", () => {
    expect(hello).toMatchObject({
      legacyVersion: 0x0303,
      legacyCompressionMethods: Uint8Array.of(0),
      cipherSuites: suites.map(({ code }) => code),
    });
    expect(hello.random).toHaveLength(32);
    expect(hello.legacySessionId).toHaveLength(32);
    const { extensions } = hello;
    expect(extensions).toMatchObject({
      supported_versions: [0x0304],
      supported_groups: defaultGroups.map(({ code }) => code),
      signature_algorithms: schemes.map(({ code }) => code),
      psk_key_exchange_modes: [1],
    });
    expect(extensions.key_share?.map(({ group }) => group)).toEqual([defaultGroups[0]?.code]);
  });

  it("asks for nothing that was not wanted", () => {
    expect(Object.keys(hello.extensions).toSorted()).toEqual([
      "key_share",
      "psk_key_exchange_modes",
      "signature_algorithms",
      "supported_groups",
      "supported_versions",
    ]);
  });

  it("has a random, session id and share of its own each time", () => {
    const again = helloOf({ verifyServer: acceptAnyCertificate }).hello;
    expect(again.random).not.toEqual(hello.random);
    expect(again.legacySessionId).not.toEqual(hello.legacySessionId);
    expect(again.extensions.key_share).not.toEqual(hello.extensions.key_share);
  });

  it("carries what was asked for", () => {
    const { extensions } = helloOf(
      clientOptions({
        alpn: ["h2"],
        recordSizeLimit: 1000,
        stapling: true,
        postHandshakeAuthentication: true,
        certificateSchemes: ["ed25519"],
        certificateAuthorities: [Uint8Array.of(0x30, 0)],
        allowPskOnly: true,
        shares: [],
      }),
    ).hello;
    expect(extensions).toMatchObject({
      server_name: [{ nameType: 0, name: "server.example" }],
      application_layer_protocol_negotiation: ["h2"],
      record_size_limit: 1000,
      status_request: { statusType: 1, request: new Uint8Array(4) },
      signed_certificate_timestamp: true,
      post_handshake_auth: true,
      signature_algorithms_cert: [0x0807],
      certificate_authorities: [Uint8Array.of(0x30, 0)],
      psk_key_exchange_modes: [1, 0],
      key_share: [],
    });
  });
});
