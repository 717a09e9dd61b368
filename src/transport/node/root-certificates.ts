/** Certificates that are trusted without anybody's saying so, as Node has them. */
import { existsSync, readFileSync } from "node:fs";
import * as tls from "node:tls";
import { createTrustStore, type TrustStore } from "../../identity/index.ts";
import * as check from "../../registry/check.ts";

/** `default` is what a client without `ca` trusts. */
export type RootCertificates = "default" | "bundled" | "system" | "extra";

const checkWhich = check.oneOf("default", "bundled", "system", "extra");

/** Where systems with OpenSSL keep all of them in one file: Debian, Fedora, SUSE, Alpine and BSD. */
const systemFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Certificates in PEM, as `tls.getCACertificates` gives them, which Node has since 22.15 and 23.10; before, those of the system
 * are read from `SSL_CERT_FILE` or the system's own file. For `ca`: `ca: getCACertificates("system")`.
 * @param which those that Node brings (`bundled`), those of the file in `NODE_EXTRA_CA_CERTS` (`extra`), those of the system, or
 *   what Node trusts by itself. Default: `default`
 * @throws TypeError or RangeError for another name, Error where this version of Node cannot know the system's
 */
export function getCACertificates(which: RootCertificates = "default"): readonly string[] {
  checkWhich(which, "getCACertificates: type");
  const { getCACertificates: node } = tls as {
    getCACertificates?: (type: RootCertificates) => string[];
  };
  if (node !== undefined) return node(which);
  switch (which) {
    case "bundled":
      return tls.rootCertificates;
    case "extra":
      return extra();
    case "system":
      return system();
    case "default":
      return [...tls.rootCertificates, ...extra()];
  }
}

function extra(): string[] {
  const file = process.env["NODE_EXTRA_CA_CERTS"];
  if (file === undefined || file === "") return [];
  try {
    return certificatesIn(file);
  } catch {
    // Node has warned of it when it started, and goes on
    return [];
  }
}

function system(): string[] {
  const said = process.env["SSL_CERT_FILE"];
  if (said !== undefined && said !== "") return certificatesIn(said);
  const file =
    process.platform === "linux" ? systemFiles.find((each) => existsSync(each)) : undefined;
  if (file !== undefined) return certificatesIn(file);
  throw new Error(
    `getCACertificates: Node ${process.versions.node} cannot read the system's certificates here; take Node 22.15 or later, or set SSL_CERT_FILE`,
  );
}

const certificatesIn = (file: string): string[] =>
  readFileSync(file, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ??
  [];

let roots: { readonly certificates: readonly string[]; readonly store: TrustStore } | undefined;

/** What a client trusts that names nobody: read once, and again after `tls.setDefaultCACertificates()`. */
export function rootTrust(): TrustStore {
  const { getCACertificates: node } = tls as { readonly getCACertificates?: unknown };
  const certificates = node === undefined ? roots?.certificates : getCACertificates();
  if (roots === undefined || roots.certificates !== certificates) {
    const all = certificates ?? getCACertificates();
    roots = { certificates: all, store: createTrustStore(all) };
  }
  return roots.store;
}
