import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import {
  certificateVerifyContent,
  HandshakeSecret,
  PeerAuthentication,
  VerifiedFinished,
} from "../../src/schedule/index.ts";
import { concat, fromUtf8, utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";

const { sha256 } = noble.hashes;
const transcriptHash = sha256.digest(utf8("a handshake"));
const { client: secret } = HandshakeSecret.withoutPsk(sha256, utf8("a secret")).traffic(
  sha256.digest(utf8("hellos")),
);

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

describe("PeerAuthentication", () => {
  const proof = {
    identity: "somebody",
    signer: "server",
    transcriptHash,
    signature: utf8("signed"),
  } as const;

  it("by certificate asks for the signature over this transcript", () => {
    const asked: unknown[] = [];
    const peer = PeerAuthentication.byCertificate({
      ...proof,
      verify: (...question) => asked.push(question) > 0,
    });
    expect(peer).toMatchObject({ method: "certificate", identity: "somebody" });
    expect(asked).toEqual([[certificateVerifyContent("server", transcriptHash), proof.signature]]);
  });

  it("refuses a wrong signature", () => {
    const error = tlsErrorOf(() =>
      PeerAuthentication.byCertificate({ ...proof, verify: () => false }),
    );
    expect(error).toMatchObject({ code: "bad_signature", alert: "decrypt_error" });
    expect(error.detail).toMatchObject({
      where: "certificate_verify.signature",
      section: "RFC 9846 §4.5.2",
    });
  });

  it("by PSK compares the binder, where there is one", () => {
    const binder = utf8("bound");
    const peer = PeerAuthentication.byPsk("somebody", {
      expected: binder,
      received: utf8("bound"),
    });
    expect(peer).toMatchObject({ method: "psk", identity: "somebody" });
    expect(PeerAuthentication.byPsk("somebody").method).toBe("psk");
    for (const received of [utf8("bount"), utf8("boun"), utf8("")]) {
      const error = tlsErrorOf(() => PeerAuthentication.byPsk("x", { expected: binder, received }));
      expect(error).toMatchObject({ code: "bad_binder", alert: "decrypt_error" });
    }
  });

  it("of an anonymous client has nobody's name", () => {
    expect(PeerAuthentication.anonymousClient()).toMatchObject({
      method: "none",
      identity: undefined,
    });
  });
});

// RFC 9846 §4.5.3
describe("VerifiedFinished", () => {
  const peer = PeerAuthentication.anonymousClient();
  const right = secret.verifyData(transcriptHash);
  const verify = (verifyData: Uint8Array) =>
    VerifiedFinished.verify(peer, secret, transcriptHash, verifyData);

  it("is made of the right value only", () => {
    expect(verify(right)).toBeInstanceOf(VerifiedFinished);
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

  it.each([0, 31, 33])("calls %d bytes malformed", (length) => {
    expect(tlsErrorOf(() => verify(new Uint8Array(length)))).toMatchObject({
      code: "malformed",
      alert: "decode_error",
    });
  });
});

describe("the types of the proofs", () => {
  it("take no look-alike", () => {
    const peer = PeerAuthentication.anonymousClient();
    const finished = VerifiedFinished.verify(
      peer,
      secret,
      transcriptHash,
      secret.verifyData(transcriptHash),
    );
    const takesPeer = (_peer: PeerAuthentication<unknown>): void => undefined;
    const takesFinished = (_finished: VerifiedFinished): void => undefined;
    takesPeer(peer);
    takesFinished(finished);

    // @ts-expect-error an object of the same form is no proof
    takesPeer({ method: "certificate", identity: "somebody" });
    // @ts-expect-error nor is one that claims the mark
    takesPeer({ method: "none", identity: undefined, phantom: "PeerAuthentication" });
    // @ts-expect-error an object of the same form is no proof
    takesFinished({});
    // @ts-expect-error nor is one that claims the mark
    takesFinished({ phantom: "VerifiedFinished" });
    // @ts-expect-error one proof does not stand for another
    takesFinished(peer);
    // @ts-expect-error one proof does not stand for another
    takesPeer(finished);
    // @ts-expect-error nobody but the class makes one
    const made = () => new VerifiedFinished();
    // @ts-expect-error nobody but the class makes one
    const unmade = () => new PeerAuthentication("none", undefined);
    expect([made, unmade]).toHaveLength(2);
  });

  it("lead from one to the next", () => {
    const nobody = undefined;
    // @ts-expect-error a Finished is verified only for a peer that was authenticated
    const skip = () => VerifiedFinished.verify(nobody, secret, transcriptHash, transcriptHash);
    expect(tlsErrorOf(skip).code).toBe("bad_finished");
  });
});
