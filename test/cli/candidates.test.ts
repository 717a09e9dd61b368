/** Candidate algorithms by name, in commands. */
import type { Ledger } from "../../src/lab.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const slow = { timeout: 60_000 };

it("handshake runs with a group and a signature of liboqs", slow, async () => {
  const { code, stdout, stderr } = await cli.run(
    "handshake --group x25519_frodo640aes --signature falcon512 --json",
  );
  expect([code, stderr]).toEqual([0, ""]);
  const { negotiated } = JSON.parse(stdout);
  expect(negotiated).toMatchObject({
    group: "x25519_frodo640aes",
    hybrid: true,
    postQuantum: true,
    peerSignatureScheme: "falcon512",
    postQuantumAuthentication: true,
    backends: {
      keyExchange: [
        expect.any(String),
        expect.stringMatching(/^liboqs 0\.15\.1 \(FrodoKEM-640-AES: /),
      ],
      verification: expect.stringMatching(/^liboqs 0\.15\.1 \(Falcon-512: /),
    },
  });
});

it("handshake runs with liboqs in a provider's slots", slow, async () => {
  const { code, stdout } = await cli.run("handshake --provider oqs --signature mldsa44 --json");
  expect(code).toBe(0);
  const { backends } = JSON.parse(stdout).negotiated;
  expect(backends.verification).toContain("ML-DSA-44: ");
  expect(backends.keyExchange.join()).toContain("ML-KEM-768: ");
});

it.each([
  ["handshake --signature slhdsa_sha2_128f --json", "slhdsa_sha2_128f"],
  ["handshake --signature Falcon-padded-512 --json", "falconpadded512"],
  ["handshake --signature mldsa65-ecdsa-p256-sha512 --json", "MLDSA65-ECDSA-P256-SHA512"],
])("%s is taken by name", slow, async (line, scheme) => {
  const { code, stdout } = await cli.run(line);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).negotiated.peerSignatureScheme).toBe(scheme);
});

it.each([
  ["handshake --group bikel1", /BIKE is not in @oqs\/liboqs-js/],
  ["handshake --group x25519_hqc129", /there is no group "x25519_hqc129"/],
  [
    "handshake --group Classic-McEliece-348864",
    /limits\.publicKey is 100000; give --max-key 261120/,
  ],
  ["handshake --auth kem_mceliece348864", /limits\.publicKey is 100000; give --max-key 261120/],
  ["handshake --auth sike-p434", /SIKE is not in @oqs\/liboqs-js/],
  ["handshake --auth kem_hqc128 --seed a", /leave out --seed/],
  ["handshake --stored-key", /--stored-key needs --auth kem/],
  ["pki init --algorithm bike", /BIKE is not in @oqs\/liboqs-js/],
  ["pki init --algorithm OV_Is", /limits\.publicKey is 100000; give --max-key 412160/],
  ["pki init --algorithm hqc-128", /a key of hqc-128 encapsulates: it signs no request/],
  ["pki request r --algorithm ML-KEM-768", /pki issue NAME -a ML-KEM-768 makes one/],
  ["pki issue a --algorithm falcon512x", /there is no type of key "falcon512x"/],
  ["handshake --group frodo640aes --seed a", /leave out --seed/],
  ["handshake --signature falcon512 --seed a", /leave out --seed/],
  ["handshake --provider oqs --seed a", /leave out --seed/],
  ["serve --cert a.pem --key a.pem --signature mayo1", /cannot read a.pem/],
])("%s is refused, and says why", slow, async (line, why) => {
  const { code, stderr } = await cli.run(line);
  expect(code).toBe(2);
  expect(stderr).toMatch(why);
});

it("serve and connect meet with candidates over TCP", slow, async () => {
  const server = cli.start(
    "serve --port 0 --group x25519_hqc128 --signature mayo2 --write-ca ca.pem --json",
  );
  const [, port] = await server.saying(/https:\/\/localhost:(\d+)\//);
  const { code, stdout } = await cli.run(
    `connect localhost:${port} --ca ca.pem --group x25519_hqc128 --signature mayo2 --json`,
  );
  server.process.kill("SIGTERM");
  await server.outcome;
  expect(code).toBe(0);
  expect(JSON.parse(stdout).negotiated).toMatchObject({
    group: "x25519_hqc128",
    peerSignatureScheme: "mayo2",
    peer: { verified: true },
  });
});

it(
  "handshake authenticates by a KEM of liboqs, with a large key where that is allowed",
  slow,
  async () => {
    const { code, stdout } = await cli.run(
      "handshake --auth Classic-McEliece-348864f --max-key 261120 --mutual --json",
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout).negotiated).toMatchObject({
      authentication: "kem",
      peerSignatureScheme: "kem_mceliece348864f",
      postQuantumAuthentication: true,
    });
  },
);

it("handshake shows no certificate of a server whose key is known", slow, async () => {
  const { code, stdout } = await cli.run(
    "handshake --auth kem_hqc128 --stored-key --mutual --json",
  );
  expect(code).toBe(0);
  const ledger = JSON.parse(stdout) as Ledger;
  expect(ledger.negotiated).toMatchObject({ storedKey: true, peerSignatureScheme: "kem_hqc128" });
  expect(ledger.roundTrips).toBe(1);
});

it(
  "pki issues with candidates, composites and KEMs, and serve and connect meet with that chain",
  {
    timeout: 300_000,
  },
  async () => {
    const run = async (line: string) => {
      const { code, stdout, stderr } = await cli.run(line);
      expect([line, code, stderr]).toEqual([line, 0, ""]);
      return stdout;
    };
    await run("pki init -a falcon512");
    await run("pki issue ca -p intermediate -a mldsa44-ed25519-sha512");
    await run("pki issue web -i ca -a MAYO-2 --dns localhost");
    await run("pki issue kem -i ca -a hqc-128 --dns localhost");
    await run("pki request r -a snova2454 --dns localhost");
    await run("pki sign-request r r.csr -i ca");
    await run("pki renew web");
    await run("pki crl");
    await run("pki ocsp web");
    expect(await run("pki check")).toBe("nothing is wrong\n");
    const [key] = JSON.parse(await run("pki show --json pki/live/web/key.pem"));
    const [certificate] = JSON.parse(await run("pki show --json pki/live/web/certificate.pem"));
    expect(key.publicKey).toEqual(certificate.publicKey);
    expect(certificate).toMatchObject({
      publicKey: { type: "1.3.9999.8.2.3", name: "MAYO-2" },
      signatureName: "MLDSA44-Ed25519-SHA512",
    });
    const server = cli.start(
      "serve --port 0 --cert pki/live/web/chain.pem --key pki/live/web/key.pem --json",
    );
    const [, port] = await server.saying(/https:\/\/localhost:(\d+)\//);
    // The root's Falcon is known by the file that is trusted
    const connect = `connect localhost:${port} --ca ${join("pki", "live", "root", "certificate.pem")} --json`;
    const trusting = await cli.run(`${connect} --signature mayo2,mldsa44-ed25519-sha512`);
    const lacking = await cli.run(`${connect} --signature mayo2`);
    server.process.kill("SIGTERM");
    await server.outcome;
    expect([trusting.code, lacking.code]).toEqual([0, 1]);
    expect(JSON.parse(trusting.stdout).negotiated).toMatchObject({
      peerSignatureScheme: "mayo2",
      peer: { verified: true },
    });
  },
);

it(
  "an experiment runs candidates by their names in TLS, and has others by size",
  slow,
  async () => {
    const file = { name: "x", factors: { group: "x25519_hqc128", signature: ["mayo2", "MAYO-2"] } };
    writeFileSync(join(cli.folder, "x.json"), JSON.stringify(file));
    const { code, stdout, stderr } = await cli.run("lab check x.json");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("size only: MAYO-2");
    expect(stdout).toContain("2 cells");
  },
);
