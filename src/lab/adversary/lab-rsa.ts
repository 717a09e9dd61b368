/**
 * The laboratory's RSA key, which no provider could make anew in every run, and its signatures, the same in
 * every run on every provider. It guards no secret, so its timing does not matter.
 */
import { mgf1, PKCS1_SHA256, PKCS1_SHA384, PKCS1_SHA512 } from "micro-rsa-dsa-dh/rsa.js";
import {
  type HashName,
  knownSchemes,
  noble,
  type Scheme,
  signatureNameIn,
} from "../../crypto/index.ts";
import { hashFunctions } from "../../crypto/noble/hash.ts";
import { readDer } from "../../identity/der/der-reader.ts";
import { type LocalSigner, parsePrivateKey, publicKeyOf } from "../../identity/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";

const privateKeyPem = `-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDAzZLk0d3FEVpnMkH+dOnvCFaEHnLmoK0iqwj4su4oMgPLuSiE
1tFKD6iZP1jEOhteivQKC7TEPV+a7x7Jdl0FxR+bSZ+h2VPw5SNPFumloMm1BPjGE8447IfGoP8s3DesNXGWgmBDiyCjsNLjBdgz
V6PeulXS9pCYIxEeeDULaC8y/2QfSIJnCmTD+ktxx54UNMxBHtoCe+LqeBzIDjD+l8CKibP6VwOMVew4ZPjxSMGXVoQ7TG82NAfK
T/Kl8jWKAB4kW/ztw6xom+5hQ8B9TjlZkv7h9Vdkep6J1bQ4eYrC5WftapmMCbRUNx2noJBchMHzVCk7HSumevi59VpdAgMBAAEC
ggEABkmd+P7cGd1lQpjJvKvg5iXyNlhM3HcQdmE4B25EZISvCYGGEAD2bdEhaS/+69VOR7DF4R79G+o5eDLEoQLOaU4CqByIS22s
Nl6unllrsLZT5aaeG02Ri9sw2VouQC8FVMUgaW1iiMlcfOIbGoK6CICa7DxM6LaYRBHesMzwQ+kpIBFZAeVBNMHP3+oxKyQcwS2S
8HgwaOrqBT46drWhN4rQr+n460+eMgrLilFr5cK0LHAePQC68KDkpHvn/BytVNoB2DWFYtxPZfMeRWCy4H/e78qtlmienoBztt89
mjmbyyc6BUuq0U1/1J5tm3bddvpsCAO/XFuv+6ZZlDeJgQKBgQDqUWIFG3mc7nF+F5grSEi+oFQWfnsH58KPI6SihTW/hWWQZIwr
eIAEvpTH7nACtyBfwk+xj7xhCnXcb7/jlw6Jcdhi1I3P9TKvglbRuqw6PkEte76pwLQAtBIvSVjr/J5Ep8Tf4lp9DXUKR7QX8HQP
bIukmslIswUHI59TUs1wgQKBgQDSpMUKD8jlK5OVw8Mq31kYQOblAiNPpq2YoaJuzLN/+eVaA5gozISs+YkD0J/NY+s+B+XzvrOM
C/YS/kQujuKKhcX3twMTvdIWWgFo5CmYfS/o9gqMKJEjh0jvvLRsToRXWlauXsRG5nO1cZrr2xx2LQto70hDqrwj/dy6Bu273QKB
gHAhVejfxwjESmdu3xEHXFhs3RCOok2cKMza37QuTxRBv+KjWziKR6j9krFCdzO1craghAaSpDFEEjbU+1zsMravVj+lO9/ilMjM
dMOUs0qD9CjR6OHPJ9SWV4VtcjIsB4kPR/Vjmq3xPKsYuSQjm0auSP0SXXR+xs8tytbS7yEBAoGAbZhQ9GU2DxZXGUrbVokSX+4U
s/4ixSRhmdIvIxraIbGxRN4t4rxWI3FJenSnUEO2d3XAjMshu7HVfBhS/S5Wa+AiGjpcHX9buUlnBl3/zlkD/l9VKYtJyIRwzFsQ
PHG1pYVZKCwiTwlEFplfE2vTKSFSmGw22w4QCWHh3+AO/PkCgYASnoq1+wwVWx+NTIbq4CWsjVrjqvJiZzblL9sWKs0TbgWYubX+
UJneptuSIkIQr7wTVFv+/nlS1a+6fStkCtostuaxvpgvRPhdnvN/+eqFHqxEzfbFoLD3H7rY/ZHlRv/9o7FEFlM/7q/jqprb3mcR
mT2HZdfM4Cb2+n+SccfkDg==
-----END PRIVATE KEY-----
`;

const privateKey = parsePrivateKey(privateKeyPem);
/** RSAPrivateKey (RFC 8017 §A.1.2). */
const key = readDer(privateKey.key, (reader) =>
  reader.sequence("RSAPrivateKey", (fields) => {
    fields.count("version");
    const number = (name: string): bigint => toBigInt(fields.integer(name));
    const modulus = number("modulus");
    fields.integer("publicExponent");
    return {
      modulus,
      privateExponent: number("privateExponent"),
      p: number("prime1"),
      q: number("prime2"),
      dP: number("exponent1"),
      dQ: number("exponent2"),
      qInverse: number("coefficient"),
    };
  }),
);

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

const length = 256;
const pkcs1 = { sha256: PKCS1_SHA256, sha384: PKCS1_SHA384, sha512: PKCS1_SHA512 };

/** Of a scheme's algorithm: `rsa_pss_sha256`. */
function sign(scheme: Scheme, message: Uint8Array): Uint8Array {
  const [, padding, hash] = signatureNameIn(scheme).split("_") as [string, string, HashName];
  if (padding === "pkcs1")
    return pkcs1[hash].sign({ n: key.modulus, d: key.privateExponent }, message);
  const encoded = encodePss(message, hash);
  const signature = signRaw(toBigInt(encoded));
  return fromHex(signature.toString(16).padStart(2 * length, "0"));
}

/** EMSA-PSS (RFC 8017 §9.1.1), with a salt of zeros: a verifier cannot tell it from any other. */
function encodePss(message: Uint8Array, name: HashName): Uint8Array {
  const hash = noble.hashes[name];
  const salt = new Uint8Array(hash.length);
  const digest = hash.digest(concat(new Uint8Array(8), hash.digest(message), salt));
  const block = new Uint8Array(length - hash.length - 1);
  block[block.length - salt.length - 1] = 1;
  const mask = mgf1(hashFunctions[name])(digest, { dkLen: block.length });
  const masked = block.map((byte, index) => byte ^ mask[index]!);
  masked[0] = masked[0]! & 0x7f;
  return concat(masked, digest, Uint8Array.of(0xbc));
}

/** RSASP1 by the remainder theorem (RFC 8017 §5.2.1, 2.b): a quarter of the time. */
function signRaw(message: bigint): bigint {
  const { p, q, dP, dQ, qInverse } = key;
  const [one, two] = [power(message % p, dP, p), power(message % q, dQ, q)];
  const h = ((((one - two) * qInverse) % p) + p) % p;
  return two + q * h;
}

function power(base: bigint, exponent: bigint, modulo: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulo;
    if (bit === "1") result = (result * base) % modulo;
  }
  return result;
}

const able = knownSchemes.filter(({ keyType }) => keyType === "rsa");
const signerWith = (own: readonly Scheme[]): LocalSigner => ({
  backend: "the laboratory",
  schemes: own,
  sign,
});

export const labRsa = {
  publicKey: publicKeyOf(privateKey),
  privateKeyPem,
  /** As an honest server signs. */
  signer: signerWith(able.filter(({ inHandshake, clientOnly }) => inHandshake && !clientOnly)),
  /** As somebody signs who keeps to no rule: RSASSA-PKCS1-v1_5 too. */
  lawless: signerWith(able),
} as const;
