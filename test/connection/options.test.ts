import { describe, expect, it } from "vitest";
import {
  acceptAnyCertificate,
  createClient,
  createServer,
  defaultGroups,
} from "../../src/connection/index.ts";
import { clientConfig, limitsOf, serverConfig } from "../../src/connection/options.ts";
import { noble, schemes, suites } from "../../src/crypto/index.ts";
import { defaultLimits } from "../../src/record/index.ts";
import { connect } from "../support/ends.ts";
import { serverCredential, trust } from "../support/identities.ts";

const verifyServer = acceptAnyCertificate;
const credentials = [serverCredential];

describe("what need not be said", () => {
  it("is all that there is, hybrids first, with one share", () => {
    expect(clientConfig({ verifyServer })).toMatchObject({
      provider: noble,
      suites,
      schemes,
      groups: defaultGroups,
      shares: [defaultGroups[0]],
      alpn: [],
      middleboxCompatibility: true,
      reuseComponents: false,
      allowPskOnly: false,
      earlyData: false,
    });
    expect(defaultGroups[0]?.name).toBe("X25519MLKEM768");
    expect(defaultGroups.some(({ draft }) => draft)).toBe(false);
  });

  it("is for a server the same, and no client certificate", () => {
    expect(serverConfig({ credentials })).toMatchObject({
      groups: defaultGroups,
      clientAuthentication: "none",
      suitePreference: "server",
      groupPreference: "server",
      retryCookie: false,
    });
  });

  it("are the limits, of which some may be changed", () => {
    expect(limitsOf({})).toEqual(defaultLimits);
    expect(limitsOf({ limits: { warnings: 9 } })).toEqual({ ...defaultLimits, warnings: 9 });
  });
});

describe("what must be said", () => {
  it("is whom a client trusts", () => {
    expect(() => createClient({})).toThrow(TypeError);
    expect(() => createClient({})).toThrow(/`trust`.*`verifyServer`/);
    expect(() => createClient({ trust })).not.toThrow();
  });

  it("is how a server proves itself, and whom it trusts, if it asks clients", () => {
    expect(() => createServer({})).toThrow(/`credentials`/);
    for (const clientAuthentication of ["request", "require"] as const) {
      expect(() => createServer({ credentials, clientAuthentication })).toThrow(/`verifyClient`/);
      expect(() => createServer({ credentials, clientAuthentication, trust })).not.toThrow();
    }
    expect(() => createServer({ lookUpPsk: () => undefined })).not.toThrow();
  });
});

describe("names", () => {
  it("are taken in any case, and values as they are", () => {
    const own = { ...suites[0]!, name: "mine" };
    const config = clientConfig({
      verifyServer,
      suites: ["tls_chacha20_poly1305_sha256", own],
      groups: ["X25519", "secp256R1"],
      schemes: ["ED25519"],
    });
    expect(config.suites.map(({ name }) => name)).toEqual(["TLS_CHACHA20_POLY1305_SHA256", "mine"]);
    expect(config.groups.map(({ name }) => name)).toEqual(["x25519", "secp256r1"]);
    expect(config.schemes.map(({ name }) => name)).toEqual(["ed25519"]);
  });

  it.each([
    [{ suites: ["TLS_RSA_WITH_RC4_128_MD5"] }, /there is no TLS_RSA_WITH_RC4_128_MD5 among the/],
    [{ groups: ["kyber"] }, /there is no kyber among the groups: X25519MLKEM768, /],
    [{ schemes: ["dsa"] }, /there is no dsa among the signature schemes/],
    [{ groups: ["x25519"], shares: ["x448"] }, /there is no x448 among the groups: x25519$/],
    [{ groups: [] }, /the list of groups is empty/],
    [{ suites: [] }, /the list of suites is empty/],
  ])("that do not exist are refused: %j", (options, message) => {
    const attempt = () => createClient({ verifyServer, ...options });
    expect(attempt).toThrow(RangeError);
    expect(attempt).toThrow(message);
  });

  it("of shares may be none", () => {
    expect(clientConfig({ verifyServer, shares: [] }).shares).toEqual([]);
  });
});

// RFC 8449 §4
describe("a record size limit", () => {
  it.each([63, 16386, 100.5, Number.NaN])("of %d is refused", (recordSizeLimit) => {
    expect(() => createClient({ verifyServer, recordSizeLimit })).toThrow(RangeError);
  });

  it.each([64, 16385])("of %d is taken", (recordSizeLimit) => {
    expect(() => createClient({ verifyServer, recordSizeLimit })).not.toThrow();
  });
});

describe("acceptAnyCertificate", () => {
  it("takes anybody, and calls nobody verified", () => {
    const { client } = connect({ verifyServer, serverName: "other.example" });
    expect(client.negotiated?.peer).toMatchObject({ verified: undefined });
    expect(client.negotiated?.peer?.chain).toHaveLength(1);
    expect(connect({ serverName: "other.example" }).client.error?.code).toBe("wrong_name");
  });
});
