import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { noble } from "../../../src/crypto/index.ts";
import {
  deriveExport,
  derivePsk,
  deriveSecrets,
  usualExport,
} from "../../../src/lab/hybrid/secrets.ts";
import { ExporterSecret, HandshakeSecret, SecretOwner } from "../../../src/schedule/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { traceValue } from "../../../src/lab/vectors/rfc8448.ts";
import { loadTrace } from "../../vectors/load.ts";
import { freshOwners } from "../../support/secrets.ts";

const hash = noble.hashes.sha256;

/** The messages of a trace, as its two ends send them. */
function messagesOf(name: "simple-1rtt" | "hello-retry-request") {
  return loadTrace(name).steps.flatMap(({ by, does, values }) => {
    const type = /^construct an? (\w+) handshake message$/.exec(does)?.[1];
    const bytes = type === undefined ? undefined : values[type];
    return bytes === undefined ? [] : [{ from: by, bytes }];
  });
}

it("shares no code with the engine's key schedule", () => {
  const path = new URL("../../../src/lab/hybrid/secrets.ts", import.meta.url);
  const imports = readFileSync(path, "utf8").match(/^import .*$/gm) ?? [];
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((line) => !line.startsWith("import type "))).toEqual([]);
});

describe("the key schedule, written down once more", () => {
  it.each(["simple-1rtt", "hello-retry-request"] as const)("gives the secrets of %s", (name) => {
    const trace = loadTrace(name);
    const expanded = (does: string, by: "client" | "server" = "server") =>
      traceValue(trace, by, does, "expanded");
    const sharedSecret = traceValue(trace, "server", 'extract secret "handshake"', "IKM");
    expect(deriveSecrets(hash, { sharedSecret, messages: messagesOf(name) })).toEqual({
      early: traceValue(trace, "server", 'extract secret "early"', "secret"),
      handshake: traceValue(trace, "server", 'extract secret "handshake"', "secret"),
      clientHandshakeTraffic: expanded('derive secret "tls13 c hs traffic"'),
      serverHandshakeTraffic: expanded('derive secret "tls13 s hs traffic"'),
      main: traceValue(trace, "server", 'extract secret "master"', "secret"),
      clientApplicationTraffic: expanded('derive secret "tls13 c ap traffic"'),
      serverApplicationTraffic: expanded('derive secret "tls13 s ap traffic"'),
      exporter: expanded('derive secret "tls13 exp master"'),
      resumption: expanded('derive secret "tls13 res master"', "client"),
    });
  });

  it("gives the PSK of a ticket", () => {
    const trace = loadTrace("simple-1rtt");
    const resumption = traceValue(trace, "client", 'derive secret "tls13 res master"', "expanded");
    expect(derivePsk(hash, resumption, Uint8Array.of(0, 0))).toEqual(
      traceValue(trace, "server", 'generate resumption secret "tls13 resumption"', "expanded"),
    );
  });

  it("exports as the engine does", () => {
    const secret = new Uint8Array(32).fill(7);
    const exported = new ExporterSecret(hash, secret, new SecretOwner()).export(
      "EXPERIMENTAL kemistry",
      new Uint8Array(),
      32,
    );
    expect(deriveExport(hash, secret, usualExport)).toEqual(exported);
    expect(deriveExport(hash, exported, usualExport)).not.toEqual(exported);
  });

  it("depends on the PSK", () => {
    const messages = messagesOf("simple-1rtt");
    const sharedSecret = new Uint8Array(32);
    const without = deriveSecrets(hash, { sharedSecret, messages });
    const zeros = deriveSecrets(hash, { sharedSecret, messages, psk: new Uint8Array(32) });
    const withPsk = deriveSecrets(hash, { sharedSecret, messages, psk: Uint8Array.of(1) });
    expect(zeros).toEqual(without);
    expect(withPsk.handshake).not.toEqual(without.handshake);
    const transcript = hash.digest(concat(...messages.slice(0, 2).map(({ bytes }) => bytes)));
    const { client } = HandshakeSecret.withoutPsk(hash, sharedSecret, freshOwners()).traffic(
      transcript,
    );
    expect(client.reveal()).toEqual(without.clientHandshakeTraffic);
  });

  it("needs messages up to the client's Finished", () => {
    const messages = messagesOf("simple-1rtt").slice(0, 3);
    expect(() => deriveSecrets(hash, { sharedSecret: new Uint8Array(32), messages })).toThrow(
      "the server sent no finished",
    );
  });
});
