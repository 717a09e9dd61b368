import { describe, expect, it } from "vitest";
import { noble, type SignatureAlgorithm, type PublicKeyInfo } from "../../src/crypto/index.ts";
import {
  AcceptedPeer,
  BoundEarlyData,
  certificateVerifyContent,
  EarlySecret,
  PeerAuthentication,
  type PeerQuestion,
  type Role,
  VerifiedFinished,
} from "../../src/schedule/index.ts";
import { concat, fromUtf8, utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { serverCredential, testTime } from "../support/identities.ts";
import { authenticated, finishedOf, freshOwners, testSchedule } from "../support/secrets.ts";

const { sha256 } = noble.hashes;
const transcriptHash = sha256.digest(utf8("a handshake"));

// RFC 9846 §4.5.2
describe("what a CertificateVerify signs", () => {
  it.each([
    ["server", "TLS 1.3, server CertificateVerify"],
    ["client", "TLS 1.3, client CertificateVerify"],
  ] as const)("begins with spaces and the %s's context", (role, context) => {
    const content = certificateVerifyContent(role, transcriptHash);
    expect(fromUtf8(content.subarray(0, 98))).toBe(`${" ".repeat(64)}${context}\0`);
    expect(content.subarray(98)).toEqual(transcriptHash);
  });

  // RFC 9846 §4.5.2, the example: 32 bytes of 0x01
  it("is the RFC's example", () => {
    const example = certificateVerifyContent("server", new Uint8Array(32).fill(1));
    expect(example).toEqual(
      concat(
        new Uint8Array(64).fill(0x20),
        utf8("TLS 1.3, server CertificateVerify"),
        Uint8Array.of(0),
        new Uint8Array(32).fill(1),
      ),
    );
  });
});

/** A peer whose verifier says yes. */
function accepted<R extends Role>(usage: R): AcceptedPeer<R> {
  const question: PeerQuestion & { usage: R } = {
    chain: serverCredential.chain,
    rawPublicKey: undefined,
    usage,
    name: undefined,
    now: testTime,
    provider: noble,
    resumed: false,
    ocspResponse: undefined,
    signedCertificateTimestamps: [],
  };
  return AcceptedPeer.ask(({ chain }) => ({ chain }), question) as AcceptedPeer<R>;
}

describe("an authentication by certificate", () => {
  const signature = utf8("signed");

  /** Takes or refuses every signature, and notes what was asked. */
  function verifying(answer: boolean) {
    const asked: unknown[] = [];
    const algorithm: SignatureAlgorithm = {
      ...noble.signatures.ed25519,
      verifier: (key: PublicKeyInfo) => (content: Uint8Array, signed: Uint8Array) => {
        asked.push([key, content, signed]);
        return answer;
      },
    };
    return { asked, algorithm };
  }

  it.each(["client", "server"] as const)(
    "asks for the %s's signature over this transcript with the accepted key",
    (role) => {
      const { asked, algorithm } = verifying(true);
      const proof = { transcriptHash, algorithm, signature };
      const peer = PeerAuthentication.byCertificate(accepted(role), proof);
      expect(peer).toMatchObject({ role, method: "certificate" });
      expect(peer.identity?.chain).toBe(serverCredential.chain);
      const { publicKey } = serverCredential.chain[0]!;
      expect(asked).toEqual([
        [publicKey, certificateVerifyContent(role, transcriptHash), signature],
      ]);
    },
  );

  it("refuses a wrong signature", () => {
    const { algorithm } = verifying(false);
    const error = tlsErrorOf(() =>
      PeerAuthentication.byCertificate(accepted("server"), {
        transcriptHash,
        algorithm,
        signature,
      }),
    );
    expect(error).toMatchObject({ code: "bad_signature", alert: "decrypt_error" });
    expect(error.detail).toMatchObject({
      where: "certificate_verify.signature",
      section: "RFC 9846 §4.5.2",
    });
  });
});

describe("an authentication by PSK", () => {
  const psk = new EarlySecret(sha256, utf8("a key"), freshOwners());
  const binder = psk.binder("resumption", transcriptHash);
  const byBinder = (proof: object) =>
    PeerAuthentication.clientByBinder(accepted("client"), psk, {
      kind: "resumption",
      transcriptHash,
      binder,
      ...proof,
    });

  it("compares a client's binder", () => {
    expect(byBinder({})).toMatchObject({ role: "client", method: "psk" });
    expect(byBinder({}).identity?.chain).toBe(serverCredential.chain);
    const changed = binder.slice();
    changed[31]! ^= 1;
    for (const proof of [
      { binder: changed },
      { binder: binder.subarray(1) },
      { binder: utf8("") },
      { kind: "external" },
      { transcriptHash: sha256.digest(utf8("another")) },
    ]) {
      const error = tlsErrorOf(() => byBinder(proof));
      expect(error).toMatchObject({ code: "bad_binder", alert: "decrypt_error" });
    }
  });

  it("needs none of a server, whose Finished shows the key", () => {
    const peer = PeerAuthentication.serverByPsk(undefined, psk);
    expect(peer).toMatchObject({ role: "server", method: "psk", identity: undefined });
  });
});

it("early data is that of the PSK whose binder was right", () => {
  const schedule = testSchedule();
  const bound = BoundEarlyData.of(authenticated.client(schedule), transcriptHash);
  const { psk } = schedule;
  expect(bound.secret.reveal()).toEqual(psk.clientEarlyTraffic(transcriptHash).reveal());
  const anonymous = PeerAuthentication.anonymousClient();
  expect(tlsErrorOf(() => BoundEarlyData.of(anonymous, transcriptHash)).code).toBe("internal");
});

it("an anonymous client has nobody's name", () => {
  expect(PeerAuthentication.anonymousClient()).toMatchObject({
    role: "client",
    method: "none",
    identity: undefined,
  });
});

// RFC 9846 §4.5.3
describe.each(["client", "server"] as const)("the Finished of a %s", (role) => {
  const schedule = testSchedule();
  const peer = authenticated[role](schedule) as PeerAuthentication<typeof role>;
  const { application } = schedule;
  const right = application.handshake[role].verifyData(transcriptHash);
  const verify = (verifyData: Uint8Array, by = peer) =>
    VerifiedFinished.verify(by, application, transcriptHash, verifyData);

  it("is made of the right value only, and opens that end's data", () => {
    expect(verify(right)).toBeInstanceOf(VerifiedFinished);
    expect(verify(right).secret).toBe(application[role]);
    for (const at of [0, right.length - 1]) {
      const wrong = right.slice();
      wrong[at]! ^= 1;
      expect(tlsErrorOf(() => verify(wrong))).toMatchObject({
        code: "bad_finished",
        alert: "decrypt_error",
        detail: { where: "finished.verifyData", section: "RFC 9846 §4.5.3" },
      });
    }
  });

  it("is not that of the other end", () => {
    const other = role === "client" ? "server" : "client";
    const reflected = application.handshake[other].verifyData(transcriptHash);
    expect(tlsErrorOf(() => verify(reflected)).code).toBe("bad_finished");
  });

  it("does not stand on another connection's authentication", () => {
    const elsewhere = testSchedule("another connection");
    const stranger = authenticated[role](elsewhere) as PeerAuthentication<typeof role>;
    expect(tlsErrorOf(() => verify(right, stranger)).code).toBe("internal");
    // Without the PSK that this schedule goes on from
    const unbound = accepted(role);
    const byCertificate = PeerAuthentication.byCertificate(unbound, {
      transcriptHash,
      algorithm: { ...noble.signatures.ed25519, verifier: () => () => true },
      signature: utf8(""),
    });
    expect(tlsErrorOf(() => verify(right, byCertificate)).code).toBe("internal");
  });

  it("opens nothing of another connection", () => {
    const elsewhere = testSchedule("another connection");
    const foreign = finishedOf(
      authenticated[role](elsewhere) as PeerAuthentication<typeof role>,
      elsewhere,
    );
    expect(foreign.secret.reveal()).not.toEqual(application[role].reveal());
  });

  it.each([0, 31, 33])("of %d bytes is malformed", (length) => {
    expect(tlsErrorOf(() => verify(new Uint8Array(length)))).toMatchObject({
      code: "malformed",
      alert: "decode_error",
    });
  });
});
