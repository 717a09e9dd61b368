/** AuthKEM in the laboratory: scenarios, ledgers, experiments. */
import { describe, expect, it } from "vitest";
import { defineKemScheme, kemSchemes, noble, schemes, suites } from "../../src/crypto/index.ts";
import { groups } from "../../src/groups/index.ts";
import { checkRecording } from "../../src/lab/experiment/checks.ts";
import { standInKem } from "../../src/lab/experiment/stand-in.ts";
import type { HandshakePlan } from "../../src/lab/experiment/ends.ts";
import { recordHandshake } from "../../src/lab/experiment/record.ts";
import { ledgerOf, readExperiment, resolveExperiment, runHandshake, setUp } from "../../src/lab.ts";
import { kemSize, signatureSize } from "../../src/lab/sizes/index.ts";

const scenario = {
  provider: noble,
  group: groups.find(({ name }) => name === "X25519MLKEM768")!,
  suite: suites[0]!,
  scheme: schemes.find(({ name }) => name === "ed25519")!,
  kem: kemSchemes[0]!,
};
const messagesIn = (ledger: ReturnType<typeof ledgerOf>) =>
  ledger.flights.map(
    ({ from, messages }) => `${from}: ${messages.map(({ type }) => type).join(" ")}`,
  );

describe("the ledger of a handshake by KEM", () => {
  it("has the published bytes, its flights, and a round trip more than one by signature", () => {
    const ledger = ledgerOf(runHandshake(setUp(scenario)));
    expect(ledger.negotiated).toMatchObject({
      authentication: "kem",
      peerSignatureScheme: "kem_mlkem768",
      postQuantumAuthentication: true,
    });
    expect(messagesIn(ledger)).toEqual([
      "client: client_hello",
      "server: server_hello encrypted_extensions certificate",
      "client: kem_encapsulation finished",
      "server: finished",
    ]);
    const encapsulation = ledger.flights[2]!.messages[0]!;
    expect(encapsulation).toMatchObject({ bytes: 1095, encapsulation: 1088, epoch: "handshake" });
    expect(ledger.roundTrips).toBe(2);
    const { kem: _, ...signed } = scenario;
    const bySignature = ledgerOf(runHandshake(setUp(signed)));
    expect(bySignature.roundTrips).toBe(1);
    expect(bySignature.negotiated).not.toHaveProperty("authentication");
  });

  it("of both ends: another round trip", () => {
    const ledger = ledgerOf(runHandshake(setUp({ ...scenario, mutual: true })));
    expect(ledger.roundTrips).toBe(3);
    expect(messagesIn(ledger).slice(2)).toEqual([
      "client: kem_encapsulation certificate",
      "server: kem_encapsulation",
      "client: finished",
      "server: finished",
    ]);
  });

  it("with a key that is known before: one round trip, and no certificate of the server", () => {
    const ledger = ledgerOf(runHandshake(setUp({ ...scenario, storedKey: true })));
    expect(ledger.negotiated).toMatchObject({ authentication: "kem", storedKey: true });
    expect(messagesIn(ledger)).toEqual([
      "client: client_hello",
      "server: server_hello encrypted_extensions finished",
      "client: finished",
    ]);
    expect(ledger.roundTrips).toBe(1);
    const both = ledgerOf(runHandshake(setUp({ ...scenario, storedKey: true, mutual: true })));
    expect(messagesIn(both)).toEqual([
      "client: client_hello certificate",
      "server: server_hello encrypted_extensions kem_encapsulation finished",
      "client: finished",
    ]);
    expect(both.roundTrips).toBe(1);
    const { kem: _, ...signed } = scenario;
    expect(() => setUp({ ...signed, storedKey: true })).toThrow("`storedKey` needs `kem`");
  });

  it("a KEM of one's own that makes no keys has no certificates", () => {
    const size = { ...kemSize("ML-KEM-512", [])!, name: "mine" };
    const kem = standInKem(size, noble.random);
    const own = defineKemScheme({ name: "mine", code: 0xfe77, keyType: "2.25.9", kem });
    expect(() => setUp({ ...scenario, kem: own })).toThrow("2.25.9");
  });
});

describe("an experiment by KEM", () => {
  const ecdsa = signatureSize("ecdsa_secp256r1_sha256", [])!;
  const planOf = (kem: string, special: Partial<HandshakePlan> = {}): HandshakePlan => ({
    group: groups.find(({ name }) => name === "MLKEM512")!,
    suite: suites[0]!,
    chain: {
      leaf: ecdsa,
      kem: kemSize(kem, [])!,
      intermediates: [],
      root: ecdsa,
      timestamps: [],
      ocsp: false,
      send: "all",
    },
    mutual: false,
    resumed: false,
    earlyData: 0,
    hello: "lean",
    request: 0,
    payload: 0,
    ...special,
  });

  it.each(["ML-KEM-512", "x25519", "HQC-128"])("with %s, running or by size", (name) => {
    const plan = planOf(name, { mutual: true });
    const { broken, facts } = checkRecording(plan, recordHandshake(plan, "a"));
    expect(broken).toEqual([]);
    expect(facts.signature).toBe(name);
    // What another algorithm would be is noticed
    const other = planOf("ML-KEM-1024");
    expect(checkRecording(other, recordHandshake(plan, "a")).broken).toContainEqual(
      expect.stringMatching(/^authentication: expected 1568 bytes of ML-KEM-1024, got/),
    );
    const signed = { ...plan, chain: { ...plan.chain } };
    delete (signed.chain as { kem?: unknown }).kem;
    expect(checkRecording(plan, recordHandshake(signed, "a")).broken).toContainEqual(
      expect.stringMatching(/got a CertificateVerify$/),
    );
  });

  it("counts who encapsulates and who decapsulates", () => {
    const plan = planOf("HQC-128");
    const { steps } = recordHandshake(plan, "a");
    const of = (role: "client" | "server") =>
      steps[role]
        .flatMap(({ operations }) => operations)
        .filter(({ algorithm }) => algorithm === "HQC-128")
        .map(({ operation }) => operation);
    expect(of("client")).toEqual(["encapsulate"]);
    expect(of("server")).toEqual(["decapsulate"]);
  });

  it.each([
    ["the server's alone", false, [768]],
    ["both ends'", true, [768, 768]],
  ])(
    "whose server's key is known counts ciphertexts and certificates that crossed: %s",
    (_, mutual, encapsulated) => {
      const plan = planOf("ML-KEM-512", { storedKey: true, mutual });
      const recording = recordHandshake(plan, "a");
      const { broken, facts } = checkRecording(plan, recording);
      expect(broken).toEqual([]);
      const [leaf] = recording.server.negotiated?.peer?.chain ?? [];
      const shown = leaf === undefined ? 0 : leaf.publicKey.key.length + leaf.signature.length;
      expect(facts.cryptoBytes).toBe(800 + 768 + shown + encapsulated.reduce((a, b) => a + b));
      // Shown and known are told apart
      const { storedKey: _known, ...online } = plan;
      expect(checkRecording(online, recording).broken.join()).toContain("known before");
      expect(checkRecording(plan, recordHandshake(online, "a")).broken.join()).toContain(
        "was shown",
      );
    },
  );

  const fileOf = (text: string) => resolveExperiment(readExperiment(`name: a\nfactors: ${text}\n`));

  it("is a factor, by names that are known", () => {
    const { cells, varied } = fileOf("{ authentication: [signature, kem], kem: ML-KEM-768 }");
    expect(varied).toEqual(["authentication"]);
    expect(cells.map(({ handshake }) => handshake.chain.kem?.name)).toEqual([
      undefined,
      "ML-KEM-768",
    ]);
    expect(fileOf("{ authentication: stored-kem }").cells[0]!.handshake.storedKey).toBe(true);
    expect(fileOf("{ authentication: kem, kem: HQC-128 }").cells[0]!.sizeOnly).toEqual(["HQC-128"]);
  });

  it.each([
    ["{ authentication: kem, kem: ML-KEM-7 }", 'no KEM is called "ML-KEM-7"'],
    ["{ authentication: kem, kem: secp256r1 }", "no certificate has keys for secp256r1"],
    ["{ authentication: kem, transport: quic }", "the model of QUIC knows signatures alone"],
    ["{ authentication: both }", "authentication"],
    ["{ authentication: stored-kem, mutual: true, hello: retry }", "a retry loses"],
  ])("refuses %s", (text, message) => {
    expect(() => fileOf(text)).toThrow(message);
  });
});
