/** Checks of what callers give to the makers of certificates, requests, lists and credentials. */
import * as check from "../../registry/check.ts";
import { isOid, kemKeyTypes } from "../../crypto/provider.ts";
import { keyTypeNames, signatureNames } from "../keys/algorithm.ts";
import { AttributeOid } from "../der/oids.ts";
import { keyUsages } from "./extensions.ts";
import type { SubjectNames } from "./subject-names.ts";
import { isBytes } from "../../wire/index.ts";

const isOwn = (value: unknown): boolean => typeof value === "string" && isOid(value);

export const provider = check.like("a provider, such as noble", "signatures", "random");
export const certificate = check.like(
  "a certificate: parseCertificate(…)",
  "der",
  "subject",
  "publicKey",
);
export const privateKey = check.like("a private key: parsePrivateKey(…)", "type", "pkcs8");
export const publicKey = check.like("a public key: encodePublicKey(…)", "type", "spki");
export const signer = check.like("a signer: createSigner(…)", "schemes", "sign");
export const scheme = check.like("a signature scheme", "name", "algorithm");
export const usage = check.oneOf("server", "client");
/** One that has a name, or a custom one by its object identifier. */
export const signatureName = check.either(isOwn, () => {}, check.oneOf(...signatureNames));
/** Also one that does not sign. */
export const subjectKeyType = check.either(
  isOwn,
  () => {},
  check.oneOf(...keyTypeNames, ...kemKeyTypes),
);
export const keyType = check.either(isOwn, () => {}, check.oneOf(...keyTypeNames));

export const extensions = check.listOf(
  check.like("an extension: { oid, critical, value }", "oid", "critical", "value"),
);
export const usages = check.listOf(check.oneOf(...keyUsages));

/** As `parsePrivateKey` takes it, or read already. */
export const privateKeyInput = check.either(
  (value) => typeof value === "string" || isBytes(value),
  () => {},
  privateKey,
);

export const names = check.options({
  dns: check.listOf(check.text),
  ip: check.listOf(check.text),
  uri: check.listOf(check.text),
  email: check.listOf(check.text),
} satisfies check.OptionTable<SubjectNames>);

const attributes = check.options(
  Object.fromEntries(Object.keys(AttributeOid).map((name) => [name, check.text])),
);
const isName = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "comparable" in value;

/** Attributes, or a name as it stands. */
export const subject = check.either(isName, () => {}, attributes);

export const authority = check.options({ pathLength: check.whole() });
