import { beforeAll, describe, expect, it } from "vitest";
import type { Delegation } from "../../../src/identity/index.ts";
import {
  type DelegationInput,
  encodeDelegation,
  importDelegation,
} from "../../../src/identity/path/import-delegation.ts";
import { DelegatedCredential } from "../../../src/identity/path/delegated-credential.ts";
import { decode, encode } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { delegated, delegating, newKey, schemeNamed } from "../../support/delegation.ts";
import { decodeErrorOf, tlsErrorOf } from "../../support/errors.ts";
import { testTime } from "../../support/identities.ts";
import { changed } from "../../support/raw.ts";

// RFC 9345 §3: the certificate's key and the delegated one are at different places
describe.each(providers)("a delegated credential from elsewhere, with $name", ({ provider }) => {
  const server = delegating("server");
  const short = newKey("secp256r1");
  let bytes: Uint8Array;
  let made: Delegation;
  beforeAll(async () => {
    made = await delegated(server, "server", {
      delegate: short.signer,
      delegateKey: short.publicKey,
    });
    bytes = encodeDelegation(made);
  });
  const input = (special: Partial<DelegationInput> = {}): DelegationInput => ({
    delegatedCredential: bytes,
    certificate: server.chain[0]!,
    usage: "server",
    privateKey: short.privateKey,
    now: testTime,
    provider,
    ...special,
  });
  const misuse = (special: Partial<DelegationInput>, text: string | RegExp) => {
    const error = tlsErrorOf(() => importDelegation(input(special)));
    expect(error.code).toBe("misuse");
    expect(error.message).toMatch(text);
  };

  it("comes with its key and its scheme", () => {
    const { scheme, signer, ...delegation } = importDelegation(input());
    expect(scheme.name).toBe("ecdsa_secp256r1_sha256");
    expect(signer.schemes).toEqual([scheme]);
    expect(delegation).toEqual(decode(DelegatedCredential, bytes));
    expect(importDelegation(input({ privateKey: short.privateKey.pkcs8 })).scheme).toBe(scheme);
  });

  it("is not joined to another key", () => {
    for (const type of ["secp256r1", "ed25519"] as const) {
      const { privateKey } = newKey(type);
      misuse({ privateKey }, "the private key is not the delegated one");
    }
  });

  it("is refused where every peer would refuse it", () => {
    misuse({ now: testTime + 86_400_000 }, /its time is over/);
    misuse({ usage: "client" }, /its signature is wrong/);
    misuse({ certificate: delegating("server").chain[0]! }, /its signature is wrong/);
    misuse({ certificate: delegating("server", { extensions: [] }).chain[0]! }, /RFC 9345 §4.2/);
  });

  // RFC 9345 §4.1
  it("is refused with a scheme that no delegated key may have", () => {
    for (const name of ["rsa_pss_rsae_sha256", "rsa_pkcs1_sha256"]) {
      const body = decode(DelegatedCredential, bytes);
      body.credential.expectedCertVerifyAlgorithm = schemeNamed(name).code;
      misuse({ delegatedCredential: encode(DelegatedCredential, body) }, `${name} is not allowed`);
    }
  });

  it("is whole, and ends where it ends", () => {
    decodeErrorOf(() => importDelegation(input({ delegatedCredential: bytes.subarray(0, -1) })));
    const longer = changed(new Uint8Array(bytes.length + 1), (copy) => copy.set(bytes));
    decodeErrorOf(() => importDelegation(input({ delegatedCredential: longer })));
  });
});
