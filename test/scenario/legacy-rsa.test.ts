/** RSASSA-PKCS1-v1_5 by clients, and by nobody else: RFC 9963. */
import { describe, expect, it } from "vitest";
import { legacyRsaSchemes, type Scheme, schemes } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  createCredential,
  createDevelopmentCa,
  createTrustStore,
} from "../../src/identity/index.ts";
import { clientOptions } from "../support/ends.ts";
import { createClientConnection } from "../../src/connection/index.ts";
import { serverName, testTime } from "../support/identities.ts";
import { edit, intercept } from "../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import { helloOf } from "../support/sessions.ts";

const ca = createDevelopmentCa({ provider: native, now: testTime });
const trust = createTrustStore([ca.certificate]);
const legacy = 0x0420;

/** An RSA key that signs with these schemes alone. */
function rsa(usage: "client" | "server", able: readonly Scheme[] | undefined) {
  const { chain, privateKey } = ca.issue({ names: [serverName], algorithm: "rsa", usage });
  return createCredential({
    certificates: chain,
    privateKey,
    provider: native,
    ...(able && { schemes: able }),
  });
}
const oldToken = rsa("client", legacyRsaSchemes);
const lists = {
  provider: native,
  trust,
  clientAuthentication: "require",
  credentials: [ca.issue({ names: [serverName] })],
  schemes: [...schemes, ...legacyRsaSchemes],
} as const;

describe("a client whose key can do nothing else", () => {
  it("signs so for a server that lists it", () => {
    const between = intercept({}, { provider: native, trust, credentials: [oldToken] }, lists);
    expect(between.client.error).toBeUndefined();
    expect(between.server.negotiated?.peerSignatureScheme).toBe("rsa_pkcs1_sha256_legacy");
    expect(between.client.negotiated?.signatureScheme).toBe("rsa_pkcs1_sha256_legacy");
  });

  it("has no certificate for a server that does not, as by default", () => {
    const between = intercept(
      {},
      { provider: native, trust, credentials: [oldToken] },
      { ...lists, schemes },
    );
    expectRefused(between, "server", { code: "certificate_required" });
  });

  it("is none that could do more, unless it is told to", () => {
    const able = rsa("client", undefined);
    const asked = { ...lists, schemes: [schemes[0]!, ...legacyRsaSchemes] };
    const between = intercept({}, { provider: native, trust, credentials: [able] }, asked);
    expectRefused(between, "server", { code: "certificate_required" });
  });

  it("must still sign rightly", () => {
    const damage = edit("certificate_verify", (body) => {
      body.signature[0]! ^= 1;
    });
    const between = intercept(
      { client: { certificate_verify: damage } },
      { provider: native, trust, credentials: [oldToken] },
      lists,
    );
    expectRefused(between, "server", { code: "bad_signature" });
  });
});

// §2
describe("a server", () => {
  const generous = { provider: native, trust, schemes: [...schemes, ...legacyRsaSchemes] };

  it("is offered none of them", () => {
    const between = intercept({}, generous, lists);
    const offered = helloOf(between).extensions.signature_algorithms;
    expect(offered).toContain(0x0401);
    expect(offered).not.toContain(legacy);
    expect(() => createClientConnection(clientOptions({ schemes: legacyRsaSchemes }))).toThrow(
      RangeError,
    );
  });

  it("does not sign so for a client that offers it all the same", () => {
    const offer = edit("client_hello", (body) => {
      body.extensions.signature_algorithms = [legacy];
    });
    const between = intercept({ client: { client_hello: offer } }, generous, {
      ...lists,
      clientAuthentication: "none",
      credentials: [rsa("server", legacyRsaSchemes)],
    });
    expectRefused(between, "server", { code: "no_common_signature_scheme" });
  });

  it("that signs so is refused", () => {
    const sign = edit("certificate_verify", (body) => {
      body.algorithm = legacy;
    });
    const between = intercept({ server: { certificate_verify: sign } }, generous, {
      ...lists,
      clientAuthentication: "none",
      credentials: [rsa("server", undefined)],
    });
    expectRefusedAndTold(between, "client", {
      code: "illegal_parameter",
      where: "certificate_verify.algorithm",
    });
  });
});

it("is no signature of certificates", () => {
  const root = createDevelopmentCa({ provider: native, now: testTime, algorithm: "rsa" });
  const user = root.issue({ names: ["user.example"], algorithm: "secp256r1", usage: "client" });
  const isPkcs1 = user.chain[0]!.signatureAlgorithm?.startsWith("rsa_pkcs1");
  const client = { provider: native, trust, credentials: [user] };
  const server = { ...lists, trust: createTrustStore([root.certificate]) };
  const usual = schemes.filter(({ algorithm }) => !algorithm.startsWith("rsa"));
  const taken = intercept({}, client, { ...server, schemes });
  expect([isPkcs1, taken.server.state]).toEqual([true, "open"]);
  const refused = intercept({}, client, { ...server, schemes: [...usual, ...legacyRsaSchemes] });
  expect(refused.server.state).toBe("failed");
});
