import type { Command } from "commander";
import { crossSign } from "../../authority/index.ts";
import { type Certificate, parseCertificate, parseCertificates } from "../../identity/index.ts";
import { UsageError } from "../errors.ts";
import { examples, wholeNumber } from "../options.ts";
import {
  addLifetime,
  addLimits,
  addSigning,
  addWriter,
  changeDirectory,
  checkName,
  type LimitOptions,
  limitsOf,
  readSigning,
  type SigningOptions,
  type WriterOptions,
} from "../pki/options.ts";
import { readPemOrDer } from "../pki/read.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options extends WriterOptions, SigningOptions, LimitOptions {
  readonly of?: string;
  readonly cert?: string;
  readonly issuer?: string;
  readonly lifetime?: number;
  readonly pathLength?: number;
}

export function define(command: Command): void {
  command.argument("<name>", "how the directory calls the cross-certificate");
  addWriter(command)
    .option("--of <authority>", "whom it is for: an authority of this directory")
    .option("--cert <file>", "whom it is for: another authority's certificate, PEM or DER")
    .option("-i, --issuer <name>", "who vouches; default: the only authority");
  addLimits(addLifetime(command, "until the other certificate ends")).option(
    "--path-length <count>",
    "how many levels of CAs may stand below; default: as the other certificate says",
    wholeNumber(0, 9),
  );
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nWho trusts only the issuer finds a path to what is below the other authority.\n" +
      "If that is of this directory, its chains have the cross-certificate from now on.\n" +
      "It is revoked and listed as any other certificate.",
  );
  examples(command, [
    ["pki cross-sign new-by-old --of root-2 --issuer root", "for those who know only the old root"],
    [
      "pki cross-sign partner --cert their-root.pem --permit dns:partner.example --path-length 1",
      "for names of one domain",
    ],
  ]);
}

async function act(given: string, options: Options): Promise<void> {
  const { of, cert, issuer, lifetime, pathLength } = options;
  if ((of === undefined) === (cert === undefined)) {
    throw new UsageError(
      "give either --of with an authority of the directory, or --cert with a file",
    );
  }
  const terms = { name: checkName(given), issuer, lifetime, pathLength, limits: limitsOf(options) };
  const other = cert && readPemOrDer(cert, "a certificate", onlyCertificate);
  const signing = await readSigning(options);
  await changeDirectory(options, async (pki) => {
    const certificate = other || pki.certificate(pki.current(of!));
    reportIssued(pki, await crossSign(pki, { ...terms, certificate }, signing), options);
  });
}

/** @throws Error */
function onlyCertificate(input: string | Uint8Array): Certificate {
  if (typeof input !== "string") return parseCertificate(input);
  const [certificate, ...others] = parseCertificates(input);
  if (certificate !== undefined && others.length === 0) return certificate;
  throw new Error("it takes one certificate, and no chain");
}
