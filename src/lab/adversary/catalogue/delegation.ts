/** Delegated credentials (RFC 9345): a key that signs in a certificate's name, and whose turn it is to sign. */
import type { AttackScenario, EndExpectation, Expectation } from "../scenario.ts";
import type { Edit, Step } from "../step.ts";
import { byClient, opened, tampered } from "./expectations.ts";

const family = "authentication";
const day = 24 * 60 * 60 * 1000;
const delegated = "ecdsa_secp256r1_sha256";
const takes = { delegatedSchemes: [delegated] } as const;
const shows = { credential: "delegating" } as const;
const place = "certificateList[0].extensions.delegated_credential";
const certificate = (...edit: Edit[]): Step => ({ from: "server", on: "certificate", edit });

/** The client refuses, there and by that section. */
function refused(where: string, section: string): Expectation {
  const { client, server } = byClient("illegal_parameter");
  return { client: { outcome: client, where, section } as EndExpectation, server };
}
const invalid = refused(`certificate.${place}`, "RFC 9345 §4.1.3");
const otherScheme = refused("certificate_verify.algorithm", "RFC 9846 §4.5.2");

/** A server that shows one to a client that takes it, and says something wrong about it, which it signs too. */
const malicious = (
  name: string,
  does: string,
  step: Step,
  expect: Expectation = invalid,
): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 9345 §4.1.3",
  malicious: "server",
  keys: "all",
  client: takes,
  server: shows,
  steps: [step],
  expect,
});

export const delegation: readonly AttackScenario[] = [
  {
    name: "delegated-credential",
    family,
    does: "Watches a delegated key sign in the name of the server's certificate",
    section: "RFC 9345 §4.1.3",
    client: takes,
    server: shows,
    steps: [],
    expect: opened({ signature: delegated }),
  },
  {
    name: "delegated-credential-not-taken",
    family,
    does: "Watches a server that could delegate meet a client that takes no delegated keys",
    section: "RFC 9345 §4.1.1",
    server: shows,
    steps: [],
    expect: opened(),
  },
  {
    name: "delegated-credential-ended",
    family,
    does: "Waits until a delegated credential has ended: the server's clock stands, the client's does not",
    section: "RFC 9345 §4.1.3",
    client: { ...takes, clockOffset: 2 * day },
    server: shows,
    steps: [],
    expect: invalid,
  },
  {
    name: "delegated-credential-of-another-certificate",
    family,
    does: "Puts a delegated credential beside a certificate that may not delegate",
    section: "RFC 9345 §4.2",
    keys: "traffic",
    client: takes,
    earlier: shows,
    steps: [
      certificate(
        { set: place, to: anyCredential(delegated) },
        { copy: place, fromEarlier: { from: "server", on: "certificate" } },
      ),
    ],
    expect: refused("certificate.certificateList[0]", "RFC 9345 §4.2"),
  },
  {
    name: "delegated-credential-too-long",
    family,
    does: "Shows a delegated credential, signed by the certificate's key, that ends in eight days",
    section: "RFC 9345 §4.1.3",
    client: takes,
    server: { credential: "delegating-too-long" },
    steps: [],
    expect: invalid,
  },
  {
    name: "delegated-credential-of-a-client",
    family,
    does: "Shows a delegated credential that the certificate's key signed for clients",
    section: "RFC 9345 §4.1.3",
    client: takes,
    server: { credential: "delegating-as-client" },
    steps: [],
    expect: invalid,
  },
  malicious(
    "delegated-credential-lengthened",
    "Says that a delegated credential lives a second longer than was signed",
    certificate({ set: `${place}.credential.validTime`, to: 2 * 86_400 + 1 }),
  ),
  malicious(
    "delegated-credential-of-another-key",
    "Puts another key into a delegated credential",
    certificate({ flip: `${place}.credential.asn1SubjectPublicKeyInfo`, byte: -1 }),
  ),
  malicious(
    "delegated-credential-of-another-signature",
    "Changes the signature by which a certificate's key delegates",
    certificate({ flip: `${place}.signature`, byte: 9 }),
  ),
  malicious(
    "delegated-scheme-unoffered",
    "Delegates to a key whose scheme the client does not take",
    certificate({
      set: `${place}.credential.expectedCertVerifyAlgorithm`,
      to: "ecdsa_secp384r1_sha384",
    }),
  ),
  malicious(
    "delegated-key-as-own",
    "Takes the delegated credential away, and signs with its key as if it were the certificate's",
    certificate({ remove: place }),
    otherScheme,
  ),
  malicious(
    "own-key-beside-delegated",
    "Shows a delegated credential, and signs with the certificate's own key",
    {
      from: "server",
      on: "certificate_verify",
      sign: { key: "delegating", scheme: "ed25519" },
    },
    otherScheme,
  ),
  malicious(
    "own-key-as-delegated",
    "Shows a delegated credential, and says that it signed what the certificate's own key did",
    {
      from: "server",
      on: "certificate_verify",
      sign: { key: "delegating", scheme: delegated },
    },
    tampered(byClient("bad_signature", "decrypt_error")),
  ),
  malicious(
    "delegated-credential-in-second-certificate",
    "Puts a delegated credential into a second certificate, where it is ignored",
    certificate({
      insert: "certificateList",
      value: { certData: "3000", extensions: { delegated_credential: anyCredential("ed448") } },
    }),
    opened({ signature: delegated }),
  ),
];

/** One that nobody made. */
function anyCredential(scheme: string) {
  return {
    credential: {
      validTime: 100,
      expectedCertVerifyAlgorithm: scheme,
      asn1SubjectPublicKeyInfo: "3000",
    },
    algorithm: "ed25519",
    signature: "00",
  };
}
