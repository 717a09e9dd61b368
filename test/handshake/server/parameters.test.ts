/** What ends tell each other to guide the choice of a certificate, and what is stapled to one. */
import { describe, expect, it } from "vitest";
import type { PeerQuestion } from "../../../src/handshake/index.ts";
import { createDevelopmentCa, type Credential } from "../../../src/identity/index.ts";
import { noble, schemes } from "../../../src/crypto/index.ts";
import { decodeMessage } from "../../../src/messages/index.ts";
import { utf8 } from "../../../src/wire/index.ts";
import {
  ca,
  clientCredential,
  serverCredential,
  serverName,
  testTime,
} from "../../support/identities.ts";
import { edit, intercept, type Interceptor } from "../../support/interceptor.ts";
import { bytesOf } from "../../support/codec.ts";
import { expectRefused } from "../../support/refusal.ts";
import { type Client, helloOf, type Server, typesBy } from "../../support/sessions.ts";

const requestOf = ({ messages }: Interceptor) => {
  const found = messages.find(({ type }) => type === "certificate_request");
  return decodeMessage("certificate_request", found!.raw).body.extensions;
};
const leafOf = (by: "client" | "server", { messages }: Interceptor) => {
  const found = messages.find((message) => message.by === by && message.type === "certificate");
  return decodeMessage("certificate", found!.raw).body.certificateList[0]!;
};
const asks: Server = { clientAuthentication: "request" };

// RFC 9846 §4.3.4
describe("certificate_authorities", () => {
  const other = createDevelopmentCa({ provider: noble, algorithm: "ed448", now: testTime });
  const ours = ca.certificate.subject.der;
  const theirs = other.certificate.subject.der;

  it("is sent by whoever is told to, in ClientHello and in CertificateRequest", () => {
    const names = { certificateAuthorities: [ours, theirs] };
    const between = intercept({}, names, { ...names, ...asks });
    expect(helloOf(between).extensions.certificate_authorities).toEqual([ours, theirs]);
    expect(requestOf(between).certificate_authorities).toEqual([ours, theirs]);
    const silent = intercept({}, {}, asks);
    expect(helloOf(silent).extensions.certificate_authorities).toBeUndefined();
    expect(requestOf(silent).certificate_authorities).toBeUndefined();
  });

  it("guides the choice of both ends, and excludes nothing", () => {
    const from = (authority: typeof ca, usage: "client" | "server"): Credential =>
      authority.issue({ names: [serverName], usage });
    const server: Server = {
      ...asks,
      credentials: [from(ca, "server"), from(other, "server")],
      verifyClient: ({ chain }) => ({ chain, verified: undefined }),
    };
    const client: Client = {
      credentials: [from(ca, "client"), from(other, "client")],
      verifyServer: ({ chain }) => ({ chain, verified: undefined }),
    };
    for (const [authorities, issuer] of [
      [[ours], ours],
      [[theirs], theirs],
      [[theirs, ours], ours],
      [[bytesOf("3000")], ours],
      [[], ours],
    ] as const) {
      const certificateAuthorities = [...authorities];
      const between = intercept(
        {},
        { ...client, certificateAuthorities },
        { ...server, certificateAuthorities },
      );
      expect(between.client.negotiated?.peer?.chain[0]?.issuer.der).toEqual(issuer);
      expect(between.server.negotiated?.peer?.chain[0]?.issuer.der).toEqual(issuer);
    }
  });
});

// RFC 9846 §4.3.3
describe("signature_algorithms_cert", () => {
  it("is sent where certificates may be signed in other ways than handshakes", () => {
    const certificateSchemes = ["rsa_pkcs1_sha256", "ed25519"];
    const codes = [0x0401, 0x0807];
    const between = intercept({}, { certificateSchemes }, { certificateSchemes, ...asks });
    expect(helloOf(between).extensions.signature_algorithms_cert).toEqual(codes);
    expect(requestOf(between).signature_algorithms_cert).toEqual(codes);
    expect(helloOf(between).extensions.signature_algorithms).toEqual(
      schemes.map(({ code }) => code),
    );
    const plain = intercept({}, {}, asks);
    expect(helloOf(plain).extensions.signature_algorithms_cert).toBeUndefined();
    expect(requestOf(plain).signature_algorithms_cert).toBeUndefined();
  });

  it("does not keep a server from sending the only chain that it has", () => {
    const between = intercept({}, { certificateSchemes: ["ecdsa_secp256r1_sha256"] });
    expect(typesBy("server", between)).toContain("certificate");
  });
});

// RFC 9846 §4.5.1.1, RFC 6066 §8, RFC 6962 §3.3
describe("what is stapled to a certificate", () => {
  const ocspResponse = utf8("an OCSP response in DER, if this were one");
  const signedCertificateTimestamps = [utf8("one log"), utf8("another log")];
  const vouchers = { ocspResponse, signedCertificateTimestamps };
  /** Hears what the verifier is asked. */
  const asked = () => {
    const questions: PeerQuestion[] = [];
    const verify = (question: PeerQuestion) => {
      questions.push(question);
      return { chain: question.chain, verified: undefined };
    };
    return { questions, verify };
  };
  const server: Server = { credentials: [{ ...serverCredential, ...vouchers }] };
  const client: Client = { credentials: [{ ...clientCredential, ...vouchers }] };

  it("comes from both ends to those who ask", () => {
    const [ofClient, ofServer] = [asked(), asked()];
    const between = intercept(
      {},
      { ...client, stapling: true, verifyServer: ofClient.verify },
      { ...server, ...asks, stapling: true, verifyClient: ofServer.verify },
    );
    expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
    for (const { questions } of [ofClient, ofServer]) {
      expect(questions).toMatchObject([vouchers]);
    }
    expect(leafOf("server", between).extensions).toEqual({
      status_request: { statusType: 1, response: ocspResponse },
      signed_certificate_timestamp: signedCertificateTimestamps,
    });
  });

  it("does not come unasked", () => {
    const [ofClient, ofServer] = [asked(), asked()];
    const between = intercept(
      {},
      { ...client, verifyServer: ofClient.verify },
      { ...server, ...asks, verifyClient: ofServer.verify },
    );
    expect(leafOf("server", between).extensions).toEqual({});
    expect(leafOf("client", between).extensions).toEqual({});
    for (const { questions } of [ofClient, ofServer]) {
      expect(questions).toMatchObject([
        { ocspResponse: undefined, signedCertificateTimestamps: [] },
      ]);
    }
  });

  it("is as much as there is", () => {
    const onlyOcsp: Server = { credentials: [{ ...serverCredential, ocspResponse }] };
    const between = intercept({}, { stapling: true }, onlyOcsp);
    expect(Object.keys(leafOf("server", between).extensions)).toEqual(["status_request"]);
    const nothing = intercept({}, { stapling: true });
    expect(leafOf("server", nothing).extensions).toEqual({});
    expect(nothing.client.state).toBe("open");
  });

  it("stands at the leaf alone", () => {
    const longer: Server = {
      credentials: [
        { ...serverCredential, ...vouchers, chain: [serverCredential.chain[0]!, ca.certificate] },
      ],
    };
    const between = intercept({}, { stapling: true }, longer);
    const found = between.messages.find(({ type }) => type === "certificate")!;
    const { certificateList } = decodeMessage("certificate", found.raw).body;
    expect(certificateList.map(({ extensions }) => Object.keys(extensions).length)).toEqual([2, 0]);
  });

  it("is not empty", () => {
    const rule = edit("certificate", ({ certificateList }) => {
      certificateList[0]!.extensions["0x0012"] = bytesOf("0000");
      delete certificateList[0]!.extensions.signed_certificate_timestamp;
    });
    const between = intercept({ server: { certificate: rule } }, { stapling: true }, server);
    expectRefused(between, "client", { code: "malformed", alert: "decode_error" });
  });
});
