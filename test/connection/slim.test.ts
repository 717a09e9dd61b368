/** A provider that lacks slots: what it has no part of is not offered by itself, and refused where it is asked for. */
import { describe, expect, it } from "vitest";
import { createClientConnection as createSlimClient, prepareClient } from "../../src/client.ts";
import { clientConfig } from "../../src/connection/client-config.ts";
import { serverConfig } from "../../src/connection/server-config.ts";
import { joinInMemory } from "../../src/connection/pair.ts";
import { type Provider, noble, slim } from "../../src/crypto/index.ts";
import {
  acceptAnyCertificate as verifyServer,
  createClientConnection,
  createDevelopmentCa,
  createServerConnection,
  createTrustStore,
  type ServerOptions,
} from "../../src/index.ts";

const now = Date.now();
const credentialsOf = (algorithm: "ed25519" | "secp256r1" | "secp384r1" | "ML-DSA-65") => {
  const ca = createDevelopmentCa({ provider: noble, now, algorithm });
  return { trust: createTrustStore(ca.pem), own: ca.issue({ names: ["server.example"] }) };
};
const { trust, own } = credentialsOf("secp256r1");
const names = (list: readonly { readonly name: string }[]): string[] =>
  list.map(({ name }) => name);

/** What a slim client and a server come to. */
function meet(client: object, server: Partial<ServerOptions>) {
  const options = { serverName: "server.example", trust, ...client };
  const slimClient = createSlimClient(options);
  joinInMemory(slimClient, createServerConnection({ credentials: [own], ...server }));
  return slimClient;
}

describe("a slim client", () => {
  it("offers what its provider has, hybrids first", () => {
    const config = clientConfig({ verifyServer }, slim);
    expect(names(config.groups)).toEqual([
      "X25519MLKEM768",
      "SecP256r1MLKEM768",
      "SecP384r1MLKEM1024",
      "x25519",
      "secp256r1",
      "secp384r1",
    ]);
    expect(config.suites).toHaveLength(3);
    expect(names(config.schemes).filter((name) => !name.startsWith("rsa_"))).toEqual([
      "ecdsa_secp256r1_sha256",
      "ed25519",
      "ecdsa_secp384r1_sha384",
    ]);
  });

  it.each(names(clientConfig({ verifyServer }, slim).groups))("agrees on %s", (group) => {
    expect(meet({}, { groups: [group] }).negotiated).toMatchObject({
      group,
      serverName: "server.example",
    });
  });

  it.each(names(clientConfig({ verifyServer }, slim).suites))("agrees on %s", (suite) => {
    expect(meet({}, { suites: [suite] }).negotiated?.cipherSuite).toBe(suite);
  });

  it.each(["secp256r1", "secp384r1", "ed25519"] as const)("verifies chains of %s", (algorithm) => {
    const chain = credentialsOf(algorithm);
    expect(meet({ trust: chain.trust }, { credentials: [chain.own] }).state).toBe("open");
    expect(meet({}, { credentials: [chain.own] }).error?.code).toBe("unknown_ca");
  });

  it("has no ML-DSA, which its server is told, and takes all of noble where it is given", () => {
    const chain = credentialsOf("ML-DSA-65");
    const server = { credentials: [chain.own] };
    expect(meet({ trust: chain.trust }, server).error).toMatchObject({
      code: "peer_alert",
      message: expect.stringContaining("handshake_failure"),
    });
    expect(meet({ trust: chain.trust, provider: noble }, server).state).toBe("open");
  });

  it("is prepared for many alike", () => {
    const client = prepareClient({ trust })({ serverName: "server.example" });
    joinInMemory(client, createServerConnection({ credentials: [own] }));
    expect([client.negotiated?.group, client.negotiated?.backends.aead]).toEqual([
      "X25519MLKEM768",
      "@noble/ciphers",
    ]);
  });

  it("has no AuthKEM, and says where it is", () => {
    const options = { serverName: "server.example", trust, authKem: {} };
    const says = "authKem is not in kemistry/client; take createClientConnection of kemistry";
    expect(() => createSlimClient(options)).toThrow(says);
    expect(() => prepareClient(options)).toThrow(says);
    expect(createClientConnection(options).state).toBe("idle");
  });

  it("makes no keys", () => {
    expect(() => slim.generateKey("ed25519")).toThrow("slim makes no ed25519 keys");
  });
});

/** Noble without some of its slots. */
const without = (
  slots: "kems" | "aeads" | "hashes" | "signatures",
  ...gone: string[]
): Provider => ({
  ...noble,
  name: "less",
  [slots]: Object.fromEntries(
    Object.entries(noble[slots]).filter(([name]) => !gone.includes(name)),
  ),
});

describe("a provider that lacks slots", () => {
  it.each([
    ["groups", without("kems", "x25519"), "X25519MLKEM768"],
    ["groups", without("kems", "x448"), "x448"],
    ["suites", without("aeads", "aes-128-gcm"), "TLS_AES_128_GCM_SHA256"],
    ["suites", without("hashes", "sha384"), "TLS_AES_256_GCM_SHA384"],
    ["schemes", without("signatures", "ed25519"), "ed25519"],
  ] as const)(
    "does not offer %s that it cannot do, and refuses them by name",
    (list, provider, name) => {
      for (const config of [
        clientConfig({ verifyServer }, provider),
        clientConfig({ verifyServer, provider }, noble),
        serverConfig({ credentials: [own], provider }, noble),
      ]) {
        expect(names(config[list])).not.toContain(name);
        expect(config[list].length).toBeGreaterThan(1);
      }
      expect(names(clientConfig({ verifyServer, [list]: [name] }, noble)[list])).toEqual([name]);
      const attempt = () => createClientConnection({ verifyServer, provider, [list]: [name] });
      expect(attempt).toThrow(RangeError);
      expect(attempt).toThrow(`the provider "less" cannot do ${name}`);
    },
  );

  it("is refused where nothing is left", () => {
    const provider = without("aeads", "aes-128-gcm", "aes-256-gcm", "chacha20-poly1305");
    expect(() => createClientConnection({ verifyServer, provider })).toThrow(
      'the provider "less" cannot do TLS_AES_128_GCM_SHA256',
    );
  });
});
