import { namedSchemes } from "../../../src/crypto/index.ts";
import { describe, expect, it } from "vitest";
import { createClientConnection, createServerConnection } from "../../../src/connection/index.ts";
import {
  type CertificateWishes,
  chooseCredential as chooseAt,
  findCredential as findAt,
} from "../../../src/handshake/authentication/credential-choice.ts";
import {
  createCredential,
  createTrustStore,
  type Credential,
  delegationEnd,
  KeyPurpose,
} from "../../../src/identity/index.ts";
import { namedBits, oid, sequence } from "../../../src/identity/der/der-writer.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { SignatureScheme } from "../../../src/registry/index.ts";
import { joinInMemory } from "../../../src/connection/pair.ts";
import { type Entity, now, Pki } from "../../identity/pki.ts";
import { delegated, delegating } from "../../support/delegation.ts";
import { decodeErrorOf, tlsErrorOf } from "../../support/errors.ts";
import { anyProvider as provider } from "../../support/ends.ts";
import { testTime } from "../../support/identities.ts";

const pki = new Pki(provider);
const classicalRoot = pki.root("Classical root", { type: "secp256r1" });
const latticeRoot = pki.root("Lattice root", { type: "ML-DSA-44" });
const classicalCa = pki.ca("Classical CA", classicalRoot, { type: "secp256r1" });

const credentialOf = (leaf: Entity, ...above: readonly Entity[]): Credential =>
  createCredential({
    certificates: [leaf, ...above].map(({ certificate }) => certificate),
    privateKey: leaf.privateKey,
    provider,
  });

const a = credentialOf(pki.leaf("a.example", classicalCa, { type: "secp256r1" }), classicalCa);
const wild = credentialOf(pki.leaf("*.b.example", classicalCa, { type: "secp256r1" }), classicalCa);
/** The same name, all of it post-quantum. */
const lattice = credentialOf(pki.leaf("a.example", latticeRoot, { type: "ML-DSA-44" }));
/** A post-quantum key that a classical CA certifies. */
const mixed = credentialOf(
  pki.leaf("a.example", classicalCa, { type: "ML-DSA-44" }),
  classicalCa,
  classicalRoot,
);
const edwards = credentialOf(pki.leaf("a.example", latticeRoot));

const {
  ecdsa_secp256r1_sha256: ecdsa,
  ecdsa_secp384r1_sha384: ecdsa384,
  ed25519,
  mldsa44,
  mldsa65,
} = SignatureScheme;
const all = [ecdsa, ecdsa384, ed25519, mldsa44, mldsa65];
const asking = (name: string) => [{ nameType: 0, name }];

const titles = new Map<Credential, string>([
  [a, "a"],
  [wild, "wild"],
  [lattice, "lattice"],
  [mixed, "mixed"],
  [edwards, "edwards"],
]);
const findCredential = (ours: readonly Credential[], wishes: CertificateWishes) =>
  findAt(ours, wishes, now, namedSchemes);
const chooseCredential = (ours: readonly Credential[], wishes: CertificateWishes) =>
  chooseAt(ours, wishes, now, namedSchemes);
const pick = (...args: Parameters<typeof findCredential>): string | undefined => {
  const found = findCredential(...args);
  return found && titles.get(found.credential);
};

describe("which credential is presented (RFC 9846 §4.5.1.2)", () => {
  it("the first with a scheme that the peer accepts, and the first such scheme", () => {
    expect(pick([a, lattice], { signature_algorithms: all })).toBe("a");
    expect(pick([lattice, a], { signature_algorithms: all })).toBe("lattice");
    expect(pick([a, lattice], { signature_algorithms: [mldsa44] })).toBe("lattice");
    expect(findCredential([a], { signature_algorithms: all })?.scheme.code).toBe(ecdsa);
    expect(pick([a, lattice], { signature_algorithms: [mldsa65] })).toBeUndefined();
    expect(pick([a], {})).toBeUndefined();
  });

  it("for the name that the client asks for, or else the first", () => {
    const ours = [wild, a];
    const by = (name: string) =>
      pick(ours, { signature_algorithms: all, server_name: asking(name) });
    expect(by("a.example")).toBe("a");
    expect(by("A.example")).toBe("a");
    expect(by("x.b.example")).toBe("wild");
    expect(by("c.example")).toBe("wild");
    expect(() => by("not a name")).toThrow(/the host name is none/);
  });

  it("one for another name is no substitute for a scheme that is missing", () => {
    const wishes = { signature_algorithms: [mldsa44], server_name: asking("x.b.example") };
    expect(pick([wild, lattice], wishes)).toBeUndefined();
    expect(pick([lattice], wishes)).toBe("lattice");
  });

  it("with signatures in its chain that the peer takes, if there is one", () => {
    const only = (signature_algorithms_cert: readonly number[], ours = [mixed, lattice]) =>
      pick(ours, { signature_algorithms: all, signature_algorithms_cert });
    expect(only([mldsa44])).toBe("lattice");
    expect(only([ecdsa])).toBe("mixed");
    expect(only([mldsa44], [edwards, mixed])).toBe("edwards");
    // Without the second list the first one counts for certificates too.
    expect(pick([mixed, lattice], { signature_algorithms: [mldsa44] })).toBe("lattice");
    // The only chain is better than none: the peer may trust a part of it.
    expect(only([mldsa65])).toBe("mixed");
    expect(only([mldsa65], [mixed])).toBe("mixed");
  });

  it("a root's own signature does not count, and a curve does where it is known", () => {
    const strong = pki.root("P-384 root", { type: "secp384r1" });
    const own = credentialOf(pki.leaf("a.example", strong, { type: "secp256r1" }), strong);
    const odd = pki.leaf("a.example", strong, {
      type: "secp256r1",
      signatureName: "ecdsa_sha256",
    });
    const known = credentialOf(odd, strong);
    const unknown = credentialOf(odd);
    const best = (...ours: Credential[]) =>
      findCredential(ours, { signature_algorithms: [ecdsa], signature_algorithms_cert: [ecdsa] })
        ?.credential;
    expect(best(own, a)).toBe(a);
    expect(best(known, a)).toBe(a);
    expect(best(unknown, a)).toBe(unknown);
    const root = credentialOf(strong, strong);
    expect(
      findCredential([own, root], {
        signature_algorithms: all,
        signature_algorithms_cert: [ed25519],
      })?.credential,
    ).toBe(root);
  });

  it("from an authority that the peer names, after the signatures", () => {
    const { subject } = classicalRoot.certificate;
    const wishes = { signature_algorithms: all, certificate_authorities: [subject.der] };
    expect(pick([lattice, a], wishes)).toBe("a");
    expect(pick([a, lattice], wishes)).toBe("a");
    expect(pick([lattice, a], { ...wishes, signature_algorithms_cert: [mldsa44] })).toBe("lattice");
    expect(pick([lattice], wishes)).toBe("lattice");
  });

  it("only where an authority of its chain is named, if it says so", () => {
    const wishes = { signature_algorithms: all };
    const naming = (...roots: Entity[]) => ({
      ...wishes,
      certificate_authorities: roots.map(({ certificate }) => certificate.subject.der),
    });
    const gated = { ...lattice, onlyForNamedAuthority: true };
    titles.set(gated, "gated");
    expect(pick([gated, a], wishes)).toBe("a");
    expect(pick([gated, a], naming(classicalRoot))).toBe("a");
    expect(pick([gated, a], naming(latticeRoot))).toBe("gated");
    expect(pick([gated], naming(latticeRoot, classicalRoot))).toBe("gated");
    expect(pick([gated], naming(classicalRoot))).toBeUndefined();
    expect(tlsErrorOf(() => chooseCredential([gated], wishes))).toMatchObject({
      code: "no_common_signature_scheme",
      detail: { expected: "one of mldsa44 with its authority named" },
    });
  });

  // RFC 9345 §4.1.1
  it("with a delegated key if the peer takes it, and without its own if that is elsewhere", async () => {
    const own = delegating("server");
    const delegation = await delegated(own, "server");
    const { chain } = own;
    const both = { ...own, delegation };
    const away = { chain, delegation };
    const wishes = { signature_algorithms: [ecdsa, ed25519], delegated_credential: [ecdsa] };
    const found = (ours: Credential[], special: Partial<CertificateWishes> = {}, at = testTime) => {
      const choice = findAt(ours, { ...wishes, ...special }, at, namedSchemes);
      const byDelegation = { delegation: undefined, ...choice }.delegation;
      expect(choice?.signer).toBe(byDelegation?.signer ?? choice?.credential.signer);
      return choice && [choice.credential, choice.scheme.name, byDelegation !== undefined];
    };
    expect(found([both])).toEqual([both, "ecdsa_secp256r1_sha256", true]);
    expect(found([away])).toEqual([away, "ecdsa_secp256r1_sha256", true]);
    for (const special of [
      { delegated_credential: [] },
      { delegated_credential: [ecdsa384] },
      // The certificate's own signature over the delegated key counts too
      { signature_algorithms: [ecdsa, ecdsa384] },
    ]) {
      expect(found([away], special)).toBeUndefined();
      expect(found([away, a], special)?.[0]).toBe(a);
    }
    expect(found([both], { delegated_credential: [] })).toEqual([both, "ed25519", false]);
    const end = delegationEnd(chain[0]!, delegation);
    expect(found([both, away], {}, end)).toEqual([both, "ed25519", false]);
    expect(found([away], {}, end - 1)?.[0]).toBe(away);
    expect(found([away], {}, end)).toBeUndefined();
    expect(tlsErrorOf(() => chooseAt([away], wishes, end, namedSchemes))).toMatchObject({
      detail: { expected: "one of ecdsa_secp256r1_sha256 of a delegated credential" },
    });
  });

  it("a client's has the usages that the server lists (§4.3.5)", () => {
    const client = credentialOf(
      pki.leaf("client", latticeRoot, { extendedKeyUsage: [KeyPurpose.clientAuth] }),
    );
    const filter = (id: string, values: Uint8Array) => ({
      signature_algorithms: all,
      oid_filters: [{ oid: oid(id), values }],
    });
    const purpose = (...ids: string[]) =>
      filter(ExtensionOid.extKeyUsage, sequence(...ids.map((id) => oid(id))));
    const found = (wishes: Parameters<typeof findCredential>[1]) =>
      findCredential([a, client], wishes)?.credential;
    expect(found(purpose(KeyPurpose.clientAuth))).toBe(client);
    expect(found(purpose(KeyPurpose.clientAuth, KeyPurpose.OCSPSigning))).toBeUndefined();
    expect(found(filter(ExtensionOid.keyUsage, namedBits([0])))).toBe(a);
    expect(found(filter(ExtensionOid.keyUsage, namedBits([0, 5])))).toBeUndefined();
    expect(found(filter("1.2.3", sequence()))).toBe(a);
    decodeErrorOf(() => found(filter(ExtensionOid.keyUsage, sequence())));
  });

  it("none: a server says what it has for that name, and what the client takes", () => {
    const wishes = { signature_algorithms: [mldsa65], server_name: asking("x.b.example") };
    expect(tlsErrorOf(() => chooseCredential([wild, lattice], wishes))).toMatchObject({
      code: "no_common_signature_scheme",
      alert: "handshake_failure",
      detail: { expected: "one of ecdsa_secp256r1_sha256", received: "mldsa65" },
    });
    expect(tlsErrorOf(() => chooseCredential([a], {}))).toMatchObject({
      code: "missing_extension",
    });
  });
});

describe("a client that asks for a post-quantum chain only", () => {
  const ends = (credentials: readonly Credential[]) => {
    const common = { provider, groups: ["x25519"], now: () => now };
    const trust = createTrustStore([classicalRoot.certificate, latticeRoot.certificate]);
    const schemes = ["mldsa44", "mldsa65", "mldsa87"];
    const client = createClientConnection({ ...common, trust, serverName: "a.example", schemes });
    const server = createServerConnection({ ...common, credentials });
    joinInMemory(client, server);
    return { client, server };
  };

  it("gets one where there is one", () => {
    const { client } = ends([a, mixed, lattice]);
    expect(client.state).toBe("open");
    expect(client.negotiated?.peer?.chain.map(({ der }) => der)).toEqual(
      lattice.chain.map(({ der }) => der),
    );
  });

  it("gets a handshake failure where there is none", () => {
    const { server } = ends([a]);
    expect(server.error).toMatchObject({ code: "no_common_signature_scheme" });
  });

  it("refuses a chain that a classical CA vouches for", () => {
    const { client, server } = ends([mixed]);
    expect(client.error).toMatchObject({
      code: "unsupported_certificate",
      detail: { section: "RFC 9846 §4.3.3" },
    });
    expect(server.error).toMatchObject({ code: "peer_alert" });
  });
});
