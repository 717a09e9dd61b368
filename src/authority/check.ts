/** Whether a directory is what its journal says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Provider } from "../crypto/index.ts";
import {
  type Certificate,
  hasRightSignature,
  parseCertificates,
  parsePrivateKey,
  publicKeyOf,
  purposeName,
} from "../identity/index.ts";
import { flag } from "../registry/check.ts";
import { equal, toHex } from "../wire/index.ts";
import { issuingOf } from "./certify.ts";
import type { PkiDirectory } from "./directory.ts";
import { journalFile } from "./folder.ts";
import { audit } from "./journal.ts";
import { publishedNumber } from "./lists.ts";
import { isOfPruned } from "./prune.ts";
import type { Entry } from "./records.ts";

/** Something that is not as the journal says. */
export interface Finding {
  /** Where it is, below the directory. */
  readonly where: string;
  /** What is wrong, in words. */
  readonly problem: string;
  /** What was done about it, or what can be: `undefined` if nothing. */
  readonly remedy: string | undefined;
  /** It is right by now. */
  readonly isMended: boolean;
}

type Report = (where: string, problem: string, mend?: Mend) => void;

interface Mend {
  readonly remedy: string;
  act(): void;
}

/**
 * Looks at everything. What a crash left between two steps was put right when the directory was opened for
 * writing; this finds what other hands have done, and what versions without a journal left.
 * @param mends adopts certificates that an authority here has signed and the journal does not know, removes
 *   others, lets links point to what is current, and takes over the numbers of published lists
 */
export function check(pki: PkiDirectory, provider: Provider, mends: boolean): Finding[] {
  flag(mends, "check: mends");
  const findings: Finding[] = [];
  const report: Report = (where, problem, mend) => {
    if (mends) mend?.act();
    findings.push({ where, problem, remedy: mend?.remedy, isMended: mends && mend !== undefined });
  };
  checkJournal(pki, report);
  checkFolders(pki, provider, report);
  for (const entry of pki.entries) checkEntry(pki, entry, provider, report);
  for (const name of pki.records.names) checkLink(pki, name, report);
  for (const { name } of pki.authorities()) checkLists(pki, name, report);
  return findings;
}

function checkJournal(pki: PkiDirectory, report: Report): void {
  try {
    audit(join(pki.path, journalFile));
  } catch (error) {
    report(journalFile, error instanceof Error ? error.message : String(error));
  }
}

/** Folders that no entry stands for. */
function checkFolders(pki: PkiDirectory, provider: Provider, report: Report): void {
  const known = new Set(pki.entries.map((entry) => folderName(entry)));
  for (const folder of readdirSync(join(pki.path, "issued"))) {
    if (known.has(folder)) continue;
    const path = join(pki.path, "issued", folder);
    const remove = {
      remedy: "remove it",
      act: () => pki.remove(`issued/${folder}`),
    };
    if (isOfPruned(pki, folder)) {
      report(`issued/${folder}`, "is kept no more, and still there", remove);
      continue;
    }
    const [certificate] = certificatesIn(join(path, "chain.pem"));
    const issuer = certificate && issuerOf(pki, certificate, provider);
    if (certificate === undefined || issuer === undefined) {
      report(
        `issued/${folder}`,
        "is not in the journal, and no authority here has signed it",
        remove,
      );
      continue;
    }
    const name = folder.slice(0, -toHex(certificate.serialNumber).length - 1);
    const profile = profileOf(pki, certificate);
    const line = issuingOf(certificate, {
      name,
      issuer: issuer.name,
      profile: profile ?? "unknown",
    });
    if (profile === undefined || folder !== folderName(line)) {
      report(`issued/${folder}`, `is not in the journal, and fits no profile of pki.json`);
      continue;
    }
    report(`issued/${folder}`, `is not in the journal, but ${issuer.name} has signed it`, {
      remedy: `adopt it as ${name} (${profile}), which can then be revoked`,
      act: () => pki.record(line, { type: "issued", serial: line.serial, adopted: true }),
    });
  }
}

function checkEntry(pki: PkiDirectory, entry: Entry, provider: Provider, report: Report): void {
  const where = `issued/${folderName(entry)}`;
  try {
    const file = pki.keyFile(entry);
    const certificate = pki.certificate(entry);
    // One in a token or under a passphrase is nobody's to open here
    if (file?.name !== "key.pem" || file.content.includes("ENCRYPTED")) return;
    const own = publicKeyOf(parsePrivateKey(file.content), provider);
    if (!equal(own.key, certificate.publicKey.key))
      report(where, "holds the key of another certificate");
  } catch (error) {
    report(where, error instanceof Error ? error.message : String(error));
  }
}

function checkLink(pki: PkiDirectory, name: string, report: Report): void {
  if (pki.isLinked(name)) return;
  report(`live/${name}`, "does not point to the current certificate", {
    remedy: "let it",
    act: () => pki.link(name),
  });
}

function checkLists(pki: PkiDirectory, issuer: string, report: Report): void {
  const number = publishedNumber(pki, issuer);
  const { last } = pki.records.listsOf(issuer);
  if (number <= last) return;
  report(`crl/${issuer}.crl`, `has the number ${number}, but the journal ends with ${last}`, {
    remedy: `count on from ${number}`,
    act: () => pki.record({ type: "list", issuer, number, at: new Date().toISOString() }),
  });
}

const folderName = ({ name, serial }: Pick<Entry, "name" | "serial">): string =>
  `${name}-${serial}`;

function certificatesIn(path: string): Certificate[] {
  try {
    return parseCertificates(readFileSync(path, "utf8"));
  } catch {
    return [];
  }
}

/** The authority here that signed it. */
function issuerOf(
  pki: PkiDirectory,
  certificate: Certificate,
  provider: Provider,
): Entry | undefined {
  return pki.entries
    .filter((entry) => pki.isAuthority(entry))
    .find((entry) => {
      try {
        const { subject, publicKey } = pki.certificate(entry);
        return (
          subject.key === certificate.issuer.key &&
          hasRightSignature(certificate, publicKey, provider, "certificate")
        );
      } catch {
        return false;
      }
    });
}

/** The profile that it was issued under: the one that gives these usages. */
function profileOf(pki: PkiDirectory, certificate: Certificate): string | undefined {
  const { basicConstraints, keyUsage = new Set(), extendedKeyUsage = [] } = certificate;
  const list = (values: Iterable<string>): string => [...values].toSorted().join();
  const isCa = basicConstraints?.ca === true;
  return Object.entries(pki.settings.profiles).find(
    ([, profile]) =>
      isCa === (profile.ca !== undefined) &&
      list(keyUsage) === list(profile.keyUsage) &&
      list(extendedKeyUsage.map(purposeName)) === list(profile.extendedKeyUsage.map(purposeName)),
  )?.[0];
}
