/**
 * Certificates that the implementers of the IETF Hackathon publish for each other (github.com/IETF-Hackathon/pqc-certificates,
 * releases "r5"): names of files say what is in them, `<name>-<oid>_<what>.<der or bin>`.
 */
import { extendProvider, isKemKeyType, type Provider } from "../../src/crypto/index.ts";
import {
  type Certificate,
  compositeAlgorithm,
  compositeNames,
  createDecapsulator,
  hasRightSignature,
  parseCertificate,
  parsePrivateKey,
  publicKeyOf,
} from "../../src/identity/index.ts";
import { equal, toHex } from "../../src/wire/index.ts";

/** What came of one thing that a file says. */
export interface Row {
  readonly file: string;
  /** `skipped`: what is not implemented, with the reason. */
  readonly result: "right" | "wrong" | "skipped";
  readonly reason?: string;
}

type Files = ReadonlyMap<string, Uint8Array>;

/** One provider's folder: every certificate is verified, every private key compared with its certificate. */
export function judge(files: Files, base: Provider): Row[] {
  const algorithms = compositeNames.map((name) => compositeAlgorithm(name, base));
  const provider = extendProvider(base, { algorithms });
  const certificates = [...files].flatMap(([file, bytes]) =>
    /_(ta|ee)\.der$/.test(file)
      ? [{ file, certificate: attempt(() => parseCertificate(bytes)) }]
      : [],
  );
  const read = certificates.flatMap(({ certificate }) =>
    certificate instanceof Error ? [] : [certificate],
  );
  return [
    ...certificates.map(({ file, certificate }) =>
      certificate instanceof Error
        ? { file, result: "wrong" as const, reason: certificate.message }
        : { file, ...verdictOf(certificate, read, provider) },
    ),
    ...[...files]
      .filter(([file]) => file.endsWith("_priv.der"))
      .map(([file, bytes]) => ({ file, ...keyVerdict(file, bytes, files, provider) })),
  ];
}

type Verdict = Omit<Row, "file">;
const right: Verdict = { result: "right" };
const wrong = (reason: string): Verdict => ({ result: "wrong", reason });
const skipped = (reason: string): Verdict => ({ result: "skipped", reason });

function verdictOf(
  certificate: Certificate,
  all: readonly Certificate[],
  provider: Provider,
): Verdict {
  const { issuer, signatureAlgorithm, signatureOid } = certificate;
  if (provider.signatures[(signatureAlgorithm ?? signatureOid) as "1.2"] === undefined) {
    return skipped(`signatures by ${signatureOid}`);
  }
  const above = all.filter(({ subject }) => subject.key === issuer.key);
  if (above.length === 0) return skipped(`no certificate of ${issuer.text}`);
  const isSigned = above.some(
    ({ publicKey }) =>
      attempt(() => hasRightSignature(certificate, publicKey, provider, "certificate")) === true,
  );
  return isSigned ? right : wrong("the signature");
}

function keyVerdict(file: string, bytes: Uint8Array, files: Files, provider: Provider): Verdict {
  const key = attempt(() => parsePrivateKey(bytes));
  if (key instanceof Error) return wrong(key.message);
  const stem = file.replace(/(_(seed|both|expandedkey|expanded))?_priv\.der$/, "");
  const der = files.get(`${stem}_ta.der`) ?? files.get(`${stem}_ee.der`);
  if (der === undefined) return skipped("no certificate of that name");
  const certificate = attempt(() => parseCertificate(der));
  if (certificate instanceof Error) return wrong(certificate.message);
  const own = attempt(() => publicKeyOf(key, provider));
  if (own instanceof Error) {
    return /is not known here/.test(own.message)
      ? skipped(`keys of ${key.type}`)
      : wrong(own.message);
  }
  if (!equal(own.key, certificate.publicKey.key)) return wrong("another public key");
  const ciphertext = files.get(`${stem}_ciphertext.bin`);
  const secret = files.get(`${stem}_ss.bin`);
  if (!isKemKeyType(key.type) || ciphertext === undefined || secret === undefined) return right;
  const decapsulator = createDecapsulator(key, provider);
  const found = attempt(() => decapsulator.decapsulate(decapsulator.schemes[0]!, ciphertext));
  if (found instanceof Error) return wrong(found.message);
  return equal(found, secret) ? right : wrong(`the secret ${toHex(found.subarray(0, 4))}…`);
}

/** What a check throws is an answer here. */
function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
