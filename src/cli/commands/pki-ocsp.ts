import type { Command } from "commander";
import { answer, askAbout, askedIn, type Entry, writeWhole } from "../../authority/index.ts";
import { type OcspResponse, parseOcspRequest } from "../../identity/index.ts";
import { toHex } from "../../wire/index.ts";
import { UsageError } from "../errors.ts";
import { examples } from "../options.ts";
import { print, printJson } from "../output.ts";
import {
  ableIn,
  addLifetime,
  addSigning,
  addWriter,
  changeDirectory,
  readSigning,
  type SigningOptions,
  type WriterOptions,
} from "../pki/options.ts";
import { readBinary } from "../pki/read.ts";
import { explained } from "../pki/report.ts";

interface Options extends WriterOptions, SigningOptions {
  readonly responder?: string;
  readonly request?: string;
  readonly out?: string;
  readonly lifetime?: number;
}

export function define(command: Command): void {
  command.argument("[name]", "whose current certificate");
  addWriter(command)
    .option("--responder <name>", "signs in the issuer's place: issued with the profile ocsp")
    .option("--request <file>", "an OCSP request to answer instead, DER")
    .option("-o, --out <file>", "where the response goes; default: <dir>/ocsp/<name>.der");
  addLifetime(command, "1d");
  addSigning(command).action(explained(act));
  examples(command, [
    ["pki ocsp web", "a response for `web` to staple"],
    ["pki issue status --issuer ca --profile ocsp", "a responder of the authority `ca` …"],
    ["pki ocsp web --responder status", "… speaks for it"],
    ["pki ocsp --request req.der --out resp.der", "answer what `openssl ocsp` asks"],
  ]);
}

const standardLifetime = 86_400_000;

async function act(name: string | undefined, options: Options): Promise<void> {
  const { request, responder, out, lifetime = standardLifetime } = options;
  if ((name === undefined) === (request === undefined)) {
    throw new UsageError("give either the name of a certificate or --request with a file");
  }
  const asked =
    request === undefined ? undefined : readBinary(request, "an OCSP request", parseOcspRequest);
  const signing = await readSigning(options);
  await changeDirectory(options, async (pki) => {
    const question = asked === undefined ? askAbout(pki, name ?? "") : askedIn(pki, asked);
    const able = await ableIn(
      pki,
      signing,
      responder === undefined ? [] : [pki.current(responder)],
    );
    const response = await answer(pki, question, { responder, lifetime }, able);
    if (out !== undefined) writeWhole(out, response.der);
    const path = out ?? pki.publish("ocsp", `${name ?? "response"}.der`, response.der);
    report(response, question.issuer, path, options);
  });
}

function report({ responses }: OcspResponse, issuer: Entry, file: string, { json }: Options): void {
  const statuses = responses.map(({ certId, status, nextUpdate }) => ({
    serial: toHex(certId.serialNumber),
    status: status.kind,
    nextUpdate: new Date(nextUpdate ?? 0).toISOString(),
  }));
  if (json) {
    printJson({ issuer: issuer.name, statuses, file });
    return;
  }
  for (const { serial, status, nextUpdate } of statuses) {
    print(`${issuer.name} says of ${serial}: ${status}, until ${nextUpdate}`);
  }
  print(file);
}
