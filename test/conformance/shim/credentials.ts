/** The credentials that the runner gives, and which of them signed. */
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { knownSchemes, type Provider } from "../../../src/crypto/index.ts";
import { withItsKey } from "../../../src/identity/path/import-delegation.ts";
import {
  createCredential,
  createSigner,
  type Credential,
  type CredentialWithKey,
  decodePublicKey,
  parseCertificates,
  parsePrivateKey,
  type Signer,
} from "../../../src/identity/index.ts";
import { DelegatedCredential } from "../../../src/identity/path/delegated-credential.ts";
import { CertificateType } from "../../../src/registry/index.ts";
import { decode } from "../../../src/wire/index.ts";
import type { CredentialFlags, Flags } from "./flags.ts";

/** What signed, by the runner's count: -1 for the default credential, and for none. */
export interface Selection {
  selected: number;
}

/** Certificates and raw keys, in the runner's order. */
export function credentialsOf(
  flags: Flags,
  selection: Selection,
  provider: Provider,
): Credential[] {
  const all = flags.credentials.flatMap((entry, index): Credential[] => {
    if (entry.type === "psk" || entry["key-file"] === undefined) return [];
    const select = (): void => {
      selection.selected = entry.type === "default" ? -1 : index;
    };
    const credential = {
      ...watched(credentialOf(entry, provider), select),
      ...vouchersOf(entry, flags),
      onlyForNamedAuthority: entry["must-match-issuer"],
    };
    return [flags["fail-ocsp-callback"] ? withoutAnswer(credential) : credential];
  });
  // A client of ours offers the types of what it has, in that order
  const offered = flags["available-client-cert-types"];
  if (offered.length === 0) return all;
  return offered.flatMap((type) => all.filter((credential) => typeOf(credential) === type));
}

const typeOf = ({ rawPublicKey }: Credential): number =>
  rawPublicKey === undefined ? CertificateType.X509 : CertificateType.RawPublicKey;

function credentialOf(entry: CredentialFlags, provider: Provider): Credential {
  if (entry.type === "rpk") return rawKeyOf(entry, provider);
  if (entry.type === "delegated") return delegatedOf(entry, provider);
  const credential = createCredential({
    certificates: readFileSync(entry["cert-file"] ?? "", "utf8"),
    privateKey: readFileSync(entry["key-file"] ?? "", "utf8"),
    provider,
    ...(entry["signing-prefs"].length === 0 ? {} : { schemes: knownSchemes }),
  });
  return { ...credential, signer: restricted(credential.signer, entry["signing-prefs"]) };
}

function rawKeyOf(entry: CredentialFlags, provider: Provider): CredentialWithKey {
  const pem = readFileSync(entry["key-file"] ?? "", "utf8");
  const spki = createPublicKey(pem).export({ type: "spki", format: "der" });
  const signer = createSigner(parsePrivateKey(pem), provider);
  return {
    chain: [],
    rawPublicKey: decodePublicKey(new Uint8Array(spki)),
    signer: restricted(signer, entry["signing-prefs"]),
  };
}

/** The runner's certificates do not say that they may delegate (RFC 9345 §4.2), so nothing but the parts is checked. */
function delegatedOf(entry: CredentialFlags, provider: Provider): Credential {
  const delegated = decode(DelegatedCredential, entry["delegated-credential"] ?? new Uint8Array(0));
  return {
    chain: parseCertificates(readFileSync(entry["cert-file"] ?? "", "utf8")),
    delegation: withItsKey(delegated, readFileSync(entry["key-file"] ?? "", "utf8"), provider),
  };
}

/** Signs by these schemes alone, if any are named. */
function restricted(signer: Signer, prefs: readonly number[]): Signer {
  if (prefs.length === 0) return signer;
  const allowed = prefs.flatMap((code) => signer.schemes.filter((scheme) => scheme.code === code));
  return { ...signerLike(signer), schemes: allowed };
}

/** The same credential, which tells when it signs. */
function watched(credential: Credential, onSign: () => void): Credential {
  const tell = (signer: Signer): Signer => ({
    ...signerLike(signer),
    sign(scheme, message) {
      onSign();
      return signer.sign(scheme, message);
    },
  });
  if (credential.signer !== undefined) return { ...credential, signer: tell(credential.signer) };
  const { delegation } = credential;
  if (delegation === undefined) return credential;
  return { ...credential, delegation: { ...delegation, signer: tell(delegation.signer) } };
}

const signerLike = (signer: Signer): Signer => ({
  backend: signer.backend,
  schemes: signer.schemes,
  sign: (...asked) => signer.sign(...asked),
});

/** What is stapled. */
function vouchersOf(
  { "ocsp-response": ocspResponse, "signed-cert-timestamps": scts }: CredentialFlags,
  flags: Flags,
): Pick<Credential, "ocspResponse" | "signedCertificateTimestamps"> {
  const isLeftOut = ocspResponse === undefined || flags["decline-ocsp-callback"];
  return {
    ...(isLeftOut ? {} : { ocspResponse }),
    ...(scts === undefined ? {} : { signedCertificateTimestamps: splitList(scts) }),
  };
}

/** A callback that fails is a credential that cannot say what it has. */
function withoutAnswer(credential: Credential): Credential {
  return Object.defineProperty({ ...credential }, "ocspResponse", {
    get(): never {
      throw new Error("the OCSP callback failed");
    },
  });
}

/** The elements of a SignedCertificateTimestampList. */
function splitList(list: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let at = 2; at + 2 <= list.length;) {
    const length = (list[at]! << 8) | list[at + 1]!;
    elements.push(list.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return elements;
}
