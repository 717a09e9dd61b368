import { describe, expect, it } from "vitest";
import {
  acceptAnyCertificate,
  createClientConnection,
  createServerConnection,
  defaultGroups,
  prepareClient,
  prepareServer,
} from "../../src/connection/index.ts";
import { clientConfig } from "../../src/connection/client-config.ts";
import { limitsOf } from "../../src/connection/config.ts";
import { serverConfig } from "../../src/connection/server-config.ts";
import { noble, schemes, suites } from "../../src/crypto/index.ts";
import type { Credential } from "../../src/identity/index.ts";
import { policies } from "../../src/policy/index.ts";
import { defaultLimits } from "../../src/record/index.ts";
import { connect } from "../support/ends.ts";
import { serverCredential, serverName, testTime, trust } from "../support/identities.ts";

const verifyServer = acceptAnyCertificate;
const credentials = [serverCredential];

describe("what need not be said", () => {
  it("is all that there is, hybrids first, with one share", () => {
    expect(clientConfig({ verifyServer }, noble)).toMatchObject({
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
    expect(serverConfig({ credentials }, noble)).toMatchObject({
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
    expect(() => createClientConnection({})).toThrow(TypeError);
    expect(() => createClientConnection({})).toThrow(/`trust`.*`verifyServer`/);
    expect(() => createClientConnection({ trust, serverName })).not.toThrow();
  });

  it("is how a server proves itself, and whom it trusts, if it asks clients", () => {
    expect(() => createServerConnection({})).toThrow(/`credentials`/);
    const { chain } = serverCredential;
    expect(() =>
      createServerConnection({ credentials: [{ chain } as unknown as Credential] }),
    ).toThrow(/createCredential/);
    for (const clientAuthentication of ["request", "require"] as const) {
      expect(() => createServerConnection({ credentials, clientAuthentication })).toThrow(
        /`verifyClient`/,
      );
      expect(() =>
        createServerConnection({ credentials, clientAuthentication, trust }),
      ).not.toThrow();
    }
    expect(() => createServerConnection({ lookUpPsk: () => undefined })).not.toThrow();
  });
});

describe("names", () => {
  it("are taken in any case, and values as they are", () => {
    const own = { ...suites[0]!, name: "mine", code: 0xff01 };
    const config = clientConfig(
      {
        verifyServer,
        suites: ["tls_chacha20_poly1305_sha256", own],
        groups: ["X25519", "secp256R1"],
        schemes: ["ED25519"],
      },
      noble,
    );
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
    const attempt = () => createClientConnection({ verifyServer, ...options });
    expect(attempt).toThrow(RangeError);
    expect(attempt).toThrow(message);
  });

  it("of shares may be none", () => {
    expect(clientConfig({ verifyServer, shares: [] }, noble).shares).toEqual([]);
  });
});

// RFC 8449 §4
describe("a record size limit", () => {
  it.each([63, 16386, 100.5, Number.NaN])("of %d is refused", (recordSizeLimit) => {
    expect(() => createClientConnection({ verifyServer, recordSizeLimit })).toThrow(RangeError);
  });

  it.each([64, 16385])("of %d is taken", (recordSizeLimit) => {
    expect(() => createClientConnection({ verifyServer, recordSizeLimit })).not.toThrow();
  });
});

describe("what is not known", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ polcy: "cnsa2" }, /has no option polcy; did you mean policy\?/],
    [{ ciphers: "TLS_AES_128_GCM_SHA256" }, /has no option ciphers/],
    [{ alpn: "h2" }, /alpn must be a list, not "h2"; write \["h2"\]/],
    [{ alpn: [""] }, /alpn\[0\] must be 1 to 255 characters/],
    [{ alpn: ["€"] }, /alpn\[0\] must be 1 to 255 characters/],
    [{ trust: [] }, /trust must be a store: createTrustStore\(…\), not a list/],
    [{ now: "x" }, /now must be a function, not "x"/],
    [{ now: 5 }, /now must be a function, not 5/],
    [{ keyLog: "file" }, /keyLog must be a function, not "file"/],
    [{ provider: "noble" }, /provider must be a provider/],
    [{ groups: "x25519" }, /groups must be a list/],
    [{ groups: [7] }, /groups\[0\] must be a name or a group/],
    [{ observer: { mesage: () => 0 } }, /observer has no option mesage; did you mean message\?/],
    [{ limits: { warning: 1 } }, /limits has no option warning; did you mean warnings\?/],
    [{ limits: { warnings: "1" } }, /limits.warnings must be a whole number/],
    [{ maxFragment: 0 }, /maxFragment must be a whole number from 1 to 16384 bytes/],
    [{ revocation: { crl: [] } }, /revocation has no option crl; did you mean crls\?/],
    [{ policy: "cnsa" }, /policy must be one of .*did you mean "cnsa2"\?/],
    [{ policy: { name: "x" } }, /policy lacks versions; write \{ \.\.\.policies\.compatible/],
    [
      { policy: { ...policies.compatible, retry: "never " } },
      /policy.retry must be .*did you mean "never"\?/,
    ],
  ];

  it.each(wrong)("is refused by either end: %j", (options, message) => {
    const given = options as object;
    expect(() => createClientConnection({ verifyServer, ...given })).toThrow(message);
    expect(() => createServerConnection({ credentials, ...given })).toThrow(message);
  });

  it.each([
    [{ servername: "a.example" }, /has no option servername; did you mean serverName\?/],
    [{ earlyData: true }, /earlyData must be "safe-to-replay", not true/],
    [{ psks: [{}] }, /psks\[0\] must be a session, or an external key/],
    [{ clientAuthentication: "require" }, /has no option clientAuthentication/],
  ])("is refused by a client: %j", (options, message) => {
    expect(() => createClientConnection({ verifyServer, ...(options as object) })).toThrow(message);
  });

  it.each([
    [{ clientAuthentication: "required", trust }, /"required"; did you mean "require"\?/],
    [{ earlyData: { maxSize: 1 } }, /earlyData lacks replayGuard/],
    [{ earlyData: { maxSize: -1, replayGuard: { firstUse: () => true } } }, /earlyData.maxSize/],
    [{ tickets: true }, /tickets must be tickets: sealedTickets\(…\), not true/],
    [{ serverName: "a.example" }, /has no option serverName/],
  ])("is refused by a server: %j", (options, message) => {
    expect(() => createServerConnection({ credentials, ...(options as object) })).toThrow(message);
  });

  it("is refused among what is said to a prepared end", () => {
    const own = { keylog: () => undefined } as object;
    const message = /has no option keylog; did you mean keyLog\?/;
    expect(() => prepareClient({ verifyServer })(own)).toThrow(message);
    expect(() => prepareServer({ credentials })(own)).toThrow(message);
  });
});

describe("a clock", () => {
  it.each([Number.NaN, Infinity, "now", undefined])("that tells %s ends the connection", (time) => {
    const now = () => time as number;
    const error = { code: "misuse", detail: { received: String(time) } };
    expect(connect({ now }).client.error).toMatchObject(error);
    expect(connect({}, { now }).server.error).toMatchObject(error);
  });

  it("may count fractions of a millisecond", () => {
    const now = () => testTime + 0.25;
    expect(connect({ now }, { now }).client.state).toBe("open");
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
