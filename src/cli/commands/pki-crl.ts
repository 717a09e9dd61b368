import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { type Entry, PkiDirectory, writeWhole } from "../../authority/index.ts";
import { type Crl, encodePem, issueCrl, parseCrl, type Revoked } from "../../identity/index.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import { UsageError } from "../errors.ts";
import { examples } from "../options.ts";
import { print, printJson } from "../output.ts";
import {
  addDirectory,
  addLifetime,
  addSigning,
  type DirectoryOption,
  pkiProvider,
  readPassphrase,
  type SigningOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends DirectoryOption, SigningOptions {
  readonly lifetime?: number;
  readonly delta?: true;
}

export function define(command: Command): void {
  command.argument("[issuer]", "whose list; default: those of all authorities");
  addDirectory(command).option("--delta", "only what is new since the last complete list");
  addLifetime(command, "7d");
  addSigning(command).action(explained(act));
  examples(command, [
    ["pki crl", "a list of each authority, in pki/crl"],
    ["pki crl ca --delta --lifetime 1h", "an addition to the last one"],
  ]);
}

const standardLifetime = 7 * 86_400_000;

async function act(issuer: string | undefined, options: Options): Promise<void> {
  const passphrase = readPassphrase(options.passphraseFile);
  const provider = await pkiProvider();
  await PkiDirectory.change(options.dir, (pki) => {
    const authorities = pki.authorities().filter(({ revoked }) => revoked === undefined);
    const chosen = authorities.filter(({ name }) => (issuer ?? name) === name);
    if (chosen.length === 0) {
      const names = authorities.map(({ name }) => name).join(", ");
      throw new UsageError(`there is no authority ${JSON.stringify(issuer)}, but ${names}`);
    }
    const made = chosen.map((entry) => {
      const { files, previous, base } = listsOf(pki, entry, options.delta === true);
      const now = Date.now();
      const crl = issueCrl({
        issuer: pki.certificate(entry),
        signingKey: pki.privateKey(entry, passphrase),
        revoked: revokedBy(pki, entry, base),
        number: previous + 1,
        ...(base === undefined ? {} : { baseNumber: Number(base.number ?? 0n) }),
        thisUpdate: now,
        nextUpdate: now + (options.lifetime ?? standardLifetime),
        provider,
      });
      writeWhole(files.der, crl.der);
      writeWhole(files.pem, encodePem("X509 CRL", crl.der));
      return {
        issuer: entry.name,
        number: previous + 1,
        ...(base === undefined ? {} : { baseNumber: Number(base.number ?? 0n) }),
        revoked: crl.entries.map(({ serialNumber }) => toHex(serialNumber)),
        nextUpdate: new Date(crl.nextUpdate ?? now).toISOString(),
        files,
      };
    });
    if (options.json) printJson(made);
    else {
      for (const { issuer: name, number, revoked, nextUpdate, files } of made) {
        print(`${name}: list ${number} with ${revoked.length} revoked, until ${nextUpdate}`);
        for (const path of Object.values(files)) print(`  ${path}`);
      }
    }
  });
}

interface Lists {
  readonly files: { readonly der: string; readonly pem: string };
  /** The highest number so far. */
  readonly previous: number;
  /** The complete list that a delta adds to. */
  readonly base: Crl | undefined;
}

function listsOf(pki: PkiDirectory, { name }: Entry, isDelta: boolean): Lists {
  const path = (kind: string, suffix: string): string =>
    join(pki.path, "crl", `${name}${kind}.${suffix}`);
  const [complete, delta] = ["", "-delta"].map((kind) => {
    const file = path(kind, "crl");
    return existsSync(file) ? parseCrl(new Uint8Array(readFileSync(file)), file) : undefined;
  });
  if (isDelta && complete === undefined) {
    throw new UsageError(`${name} has no complete list yet: make one without --delta first`);
  }
  const numbers = [complete, delta].map((crl) => Number(crl?.number ?? 0n));
  const kind = isDelta ? "-delta" : "";
  return {
    files: { der: path(kind, "crl"), pem: path(kind, "pem") },
    previous: Math.max(...numbers),
    base: isDelta ? complete : undefined,
  };
}

/** What the issuer has revoked; in a delta, what the complete list does not have yet. */
function revokedBy(pki: PkiDirectory, { name }: Entry, base: Crl | undefined): Revoked[] {
  const known = new Set(base?.entries.map(({ serialNumber }) => toHex(serialNumber)));
  return pki.entries.flatMap(({ issuer, serial, revoked }) =>
    issuer !== name || revoked === undefined || known.has(serial)
      ? []
      : [
          {
            serialNumber: fromHex(serial),
            revokedAt: Date.parse(revoked.at),
            reason: revoked.reason,
          },
        ],
  );
}
