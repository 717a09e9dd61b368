import type { Command } from "commander";
import { certifyRequest } from "../../authority/index.ts";
import { parseCsr } from "../../identity/index.ts";
import { examples } from "../options.ts";
import {
  ableIn,
  addIssuer,
  addLifetime,
  addSigning,
  addSubject,
  addWriter,
  changeDirectory,
  checkName,
  type IssuerOptions,
  type NameOptions,
  readSigning,
  type WriterOptions,
} from "../pki/options.ts";
import { readPemOrDer } from "../pki/read.ts";
import { explained, reportIssued } from "../pki/report.ts";

interface Options extends WriterOptions, IssuerOptions, Pick<NameOptions, "subject"> {}

export function define(command: Command): void {
  command
    .argument("<name>", "how the directory calls it")
    .argument("<request>", "a certification request (PKCS#10), PEM or DER");
  addWriter(command);
  addIssuer(command);
  addSubject(command, "the request's, if it is CN=<name>, or one of its names");
  addLifetime(command, "the profile's");
  addSigning(command).action(explained(act));
  command.addHelpText(
    "after",
    "\nThe request must be signed with its own key, and ask for nothing that the\n" +
      "profile in pki.json does not give: names, keys and usages are checked. Its key\n" +
      "must be no other name's, and must not have been compromised.",
  );
  examples(command, [
    ["pki sign-request agent agent.csr --profile peer", "the key stays where it was made"],
  ]);
}

async function act(given: string, path: string, options: Options): Promise<void> {
  const { profile, issuer, lifetime, subject, shareId } = options;
  const terms = {
    name: checkName(given),
    csr: readPemOrDer(path, "a certification request", parseCsr),
    profile,
    issuer,
    lifetime,
    subject,
    sharesId: shareId,
  };
  const signing = await readSigning(options);
  await changeDirectory(options, async (pki) => {
    const able = await ableIn(pki, signing, [terms.csr]);
    reportIssued(pki, await certifyRequest(pki, terms, able), options);
  });
}
