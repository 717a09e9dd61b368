import { describe, expect, it } from "vitest";
import { knownSchemes, noble, schemes, suites } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import { groups } from "../../src/groups/index.ts";
import { measureHandshake, type MeasuredRun } from "../../src/lab/measure.ts";
import { runHandshake } from "../../src/lab/run.ts";
import { type Scenario, setUp } from "../../src/lab/scenario.ts";
import type { Role } from "../../src/schedule/index.ts";
import { providers } from "../crypto/providers.ts";

const named = <T extends { readonly name: string }>(table: readonly T[], name: string): T => {
  const found = table.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

const scenario = (change: Partial<Scenario> = {}): Scenario => ({
  provider: native,
  group: named(groups, "X25519MLKEM768"),
  suite: named(suites, "TLS_AES_128_GCM_SHA256"),
  scheme: named(schemes, "ecdsa_secp256r1_sha256"),
  ...change,
});

describe.each(providers)("a scenario on $name", ({ provider }) => {
  it.each([
    ["x25519", "TLS_AES_256_GCM_SHA384", "ed25519"],
    ["SecP256r1MLKEM768", "TLS_CHACHA20_POLY1305_SHA256", "ecdsa_secp384r1_sha384"],
    ["MLKEM512X25519", "TLS_AES_128_GCM_SHA256", "mldsa44"],
  ])("leads to %s, %s, %s and no other", (group, suite, scheme) => {
    const { client, server } = runHandshake(
      setUp(
        scenario({
          provider,
          group: named(groups, group),
          suite: named(suites, suite),
          scheme: named(schemes, scheme),
          mutual: true,
        }),
      ),
    );
    expect(client.negotiated).toMatchObject({
      group,
      cipherSuite: suite,
      peerSignatureScheme: scheme,
      signatureScheme: scheme,
      retried: false,
    });
    expect(server.negotiated?.peer?.verified).toBeDefined();
  });
});

describe("a scenario", () => {
  it("takes names for what they stand for, and says what there is for one that nobody knows", () => {
    const names = { suite: "tls_aes_256_gcm_sha384", scheme: "ed25519" };
    const { client } = runHandshake(setUp({ provider: native, group: "x25519", ...names }));
    expect(client.negotiated).toMatchObject({
      group: "x25519",
      cipherSuite: "TLS_AES_256_GCM_SHA384",
      peerSignatureScheme: "ed25519",
    });
    const byKem = setUp({ provider: native, group: "x25519", kem: "kem_mlkem768" });
    expect(runHandshake(byKem).client.negotiated).toMatchObject({ authentication: "kem" });
    for (const wrong of [{ group: "x2" }, { suite: "x2" }, { scheme: "x2" }, { kem: "x2" }]) {
      expect(() => setUp({ provider: native, group: "x25519", ...wrong })).toThrow(
        /there is no x2 among the (groups|suites|signature schemes|KEM schemes): \w/,
      );
    }
  });

  it("is of the usual suite and signature where it says nothing else", () => {
    const { client } = runHandshake(setUp({ provider: native, group: "x25519" }));
    expect(client.negotiated).toMatchObject({
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      peerSignatureScheme: "ecdsa_secp256r1_sha256",
    });
  });

  it("takes the scheme that was asked for where a key could do several", () => {
    const scheme = named(schemes, "rsa_pss_rsae_sha512");
    const { client } = runHandshake(setUp(scenario({ scheme })));
    expect(client.negotiated?.peerSignatureScheme).toBe(scheme.name);
  });

  it.each(["ed25519", "slhdsa_sha2_128f", "rsa_pkcs1_sha256_legacy"])(
    "is signed with %s, whether or not it is offered by default",
    (name) => {
      const scheme = named(knownSchemes, name);
      const { client, server } = runHandshake(setUp(scenario({ scheme, mutual: true })));
      expect(client.negotiated?.signatureScheme).toBe(scheme.name);
      if (!scheme.clientOnly) expect(client.negotiated?.peerSignatureScheme).toBe(scheme.name);
      expect(server.state).toBe("open");
    },
  );

  it("refuses a scheme that signs no such handshake (RFC 9846 §4.3.3, RFC 9963 §2)", () => {
    const withScheme = (name: string) => () =>
      setUp(scenario({ scheme: named(knownSchemes, name) }));
    expect(withScheme("rsa_pkcs1_sha256")).toThrow("signs certificates only");
    expect(withScheme("rsa_pkcs1_sha256_legacy")).toThrow("signs for clients only: set mutual");
  });

  it.each(["x25519", "X25519MLKEM768"])("retries for %s if it shall", (name) => {
    const { client } = runHandshake(setUp(scenario({ group: named(groups, name), retry: true })));
    expect(client.negotiated).toMatchObject({ group: name, retried: true });
  });

  it("asks no client for a certificate unless it shall", () => {
    const { client, server } = runHandshake(setUp(scenario()));
    expect(client.negotiated?.signatureScheme).toBeUndefined();
    expect(server.negotiated?.peer).toBeUndefined();
  });

  it("uses the clock that it is given", () => {
    const now = Date.UTC(2030, 0, 1);
    const experiment = setUp(scenario({ now: () => now }));
    const [leaf] = experiment.server.credentials?.[0]?.chain ?? [];
    expect(leaf?.notBefore).toBeLessThanOrEqual(now);
    expect(leaf?.notBefore).toBeGreaterThan(now - 86_400_000);
    expect(runHandshake(experiment).error).toBeUndefined();
    const late = { ...experiment.client, now: () => now + 365 * 86_400_000 };
    expect(runHandshake({ ...experiment, client: late }).error?.code).toBe("certificate_expired");
  });
});

describe("a measured handshake", () => {
  const calls = ({ operations }: MeasuredRun, role: Role, slot: string, operation: string) =>
    operations[role].find((row) => row.slot === slot && row.operation === operation)?.calls;

  it("counts the operations of one handshake, by the end that did them", () => {
    const run = measureHandshake(scenario());
    expect(calls(run, "client", "kem ML-KEM-768", "generate")).toBe(1);
    expect(calls(run, "client", "kem ML-KEM-768", "decapsulate")).toBe(1);
    expect(calls(run, "server", "kem ML-KEM-768", "encapsulate")).toBe(1);
    expect(calls(run, "server", "kem ML-KEM-768", "generate")).toBeUndefined();
    expect(calls(run, "server", "signature ecdsa_sha256", "sign")).toBe(1);
    expect(calls(run, "client", "signature ecdsa_sha256", "sign")).toBeUndefined();
  });

  it("lets each end have a provider of its own", () => {
    const run = measureHandshake(scenario({ providers: { client: noble, server: native } }));
    expect(run.client.negotiated?.backends.aead).toBe("@noble/ciphers");
    expect(run.server.negotiated?.backends.aead).toMatch(/^node:crypto/);
  });

  it("needs a run", () => {
    expect(() => measureHandshake(scenario(), { runs: 0 })).toThrow(RangeError);
  });
});
