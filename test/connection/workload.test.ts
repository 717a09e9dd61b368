/** Peers that are known by their SPIFFE ID, wherever they are. */
import { describe, expect, it } from "vitest";
import { verifyAgainst, verifyWorkload } from "../../src/connection/index.ts";
import { createTrustStore } from "../../src/identity/index.ts";
import { connect } from "../support/ends.ts";
import { ca, serverCredential, trust } from "../support/identities.ts";

describe("verification of a workload", () => {
  const workload = ca.issue({ names: ["spiffe://example.org/a"] });
  const failure = (verifyServer: ReturnType<typeof verifyWorkload>, credential = workload) =>
    connect({ verifyServer }, { credentials: [credential] }).client.error;

  it("wants an X509-SVID, and no host name", () => {
    expect(failure(verifyWorkload(trust))).toBeUndefined();
    expect(failure(verifyAgainst(trust))?.code).toBe("wrong_name");
  });

  it("does not take a host's certificate", () => {
    expect(failure(verifyWorkload(trust), serverCredential)).toMatchObject({
      code: "bad_certificate",
      detail: { section: "X509-SVID §2" },
    });
  });

  it("lets a root vouch for the trust domain that it is the bundle of, and no other", () => {
    const bundle = (domain: string) => verifyWorkload(new Map([[domain, trust]]));
    expect(failure(bundle("example.org"))).toBeUndefined();
    expect(failure(bundle("example.com"))).toMatchObject({
      code: "unknown_ca",
      detail: { expected: "example.com", received: "spiffe://example.org/a" },
    });
    const others = new Map([["example.org", createTrustStore([])]]);
    expect(failure(verifyWorkload(others.set("example.com", trust)))?.code).toBe("unknown_ca");
  });

  it("checks all else", () => {
    expect(failure(verifyWorkload(createTrustStore([])))?.code).toBe("unknown_ca");
  });
});
