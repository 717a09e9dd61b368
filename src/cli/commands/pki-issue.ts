import type { Command } from "commander";
import { issue } from "../../authority/index.ts";
import { chooseKey } from "../algorithms.ts";
import { examples } from "../options.ts";
import {
  ableIn,
  addIssuer,
  addKeyPlace,
  addLifetime,
  addLimits,
  addNames,
  addSigning,
  addSubject,
  addWriter,
  allKeyTypes,
  changeDirectory,
  checkName,
  type IssuerOptions,
  type KeyPlaceOptions,
  type LimitOptions,
  limitsOf,
  type NameOptions,
  namesOf,
  readKeyPlace,
  readSigning,
  type WriterOptions,
} from "../pki/options.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options
  extends WriterOptions, IssuerOptions, KeyPlaceOptions, NameOptions, LimitOptions {}

export function define(command: Command): void {
  command.argument("<name>", "how the directory calls it");
  addWriter(command);
  addIssuer(command);
  addSubject(command, "CN=<name>");
  addNames(command);
  addKeyPlace(command, "as the issuer's", allKeyTypes);
  addLimits(addLifetime(command, "the profile's"));
  addSigning(command).action(explained(act));
  examples(command, [
    ["pki issue ca --profile intermediate", "an authority below the root"],
    ["pki issue eu -p intermediate --permit dns:eu.example.org", "one for names of one domain"],
    ["pki issue web --issuer ca --dns localhost --ip 127.0.0.1,::1", "a server's certificate"],
    ["pki issue kem -i ca -a ML-KEM-768 --dns localhost", "for a key that encapsulates (RFC 9935)"],
    [
      "pki issue ann -i ca -p peer --uri spiffe://example.org/ann -l 15m",
      "an agent's, for a quarter of an hour",
    ],
  ]);
}

async function act(given: string, options: Options): Promise<void> {
  const { profile, issuer, lifetime, subject, algorithm, shareId } = options;
  const plain = await readSigning(options);
  const key =
    algorithm === undefined ? undefined : await chooseKey(algorithm, plain.provider, options);
  const terms = {
    name: checkName(given),
    profile,
    issuer,
    lifetime,
    subject,
    algorithm: key?.type,
    names: namesOf(options),
    limits: limitsOf(options),
    sharesId: shareId,
    ...readKeyPlace(options),
  };
  const signing = { ...plain, provider: key?.provider ?? plain.provider };
  await changeDirectory(options, async (pki) =>
    reportIssued(pki, await issue(pki, terms, await ableIn(pki, signing)), options),
  );
}
