import { join } from "node:path";
import type { Command } from "commander";
import { type Entry, PkiDirectory, writeWhole } from "../../authority/index.ts";
import type { PrivateKeyInfo, Provider } from "../../crypto/index.ts";
import {
  type Certificate,
  isMeant,
  issueOcspResponse,
  type OcspResponse,
  type OcspStatement,
  type OcspStatus,
  parseOcspRequest,
} from "../../identity/index.ts";
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
  readBytes,
  readPassphrase,
  type SigningOptions,
} from "../pki/options.ts";
import { explained } from "../pki/report.ts";

interface Options extends DirectoryOption, SigningOptions {
  readonly responder?: string;
  readonly request?: string;
  readonly out?: string;
  readonly lifetime?: number;
}

export function define(command: Command): void {
  command.argument("[name]", "whose current certificate");
  addDirectory(command)
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
  if ((name === undefined) === (options.request === undefined)) {
    throw new UsageError("give either the name of a certificate or --request with a file");
  }
  const passphrase = readPassphrase(options.passphraseFile);
  const provider = await pkiProvider();
  await PkiDirectory.change(options.dir, (pki) => {
    const question = name === undefined ? askedIn(pki, options.request ?? "") : askedFor(pki, name);
    const { issuer } = question;
    const responder = responderOf(pki, issuer, options.responder);
    const signing = pki.privateKey(responder ?? issuer, passphrase);
    const response = respond(pki, question, responder, signing, provider, options.lifetime);
    const path = options.out ?? join(pki.path, "ocsp", `${name ?? "response"}.der`);
    writeWhole(path, response.der);
    report(response, issuer, path, options);
  });
}

interface Question {
  readonly issuer: Entry;
  readonly certificates: readonly OcspStatement["certificate"][];
  readonly nonce?: Uint8Array;
}

const serialsOf = (question: Question): string[] =>
  question.certificates.map(({ serialNumber }) => toHex(serialNumber));

function askedFor(pki: PkiDirectory, name: string): Question {
  const entry = pki.current(name);
  if (entry.profile === "root") throw new UsageError("nobody speaks for a root but itself");
  return {
    issuer: pki.current(entry.issuer),
    certificates: [{ serialNumber: fromHex(entry.serial) }],
  };
}

/** All that is asked about must be of one authority: it signs the answer. */
function askedIn(pki: PkiDirectory, path: string): Question {
  const { certIds, nonce } = parseOcspRequest(readBytes(path), path);
  const issuer = pki.authorities().find((entry) => {
    const certificate: Certificate = pki.certificate(entry);
    return certIds.every((id) => isMeant(id, id.serialNumber, certificate));
  });
  if (issuer === undefined) {
    throw new UsageError(`${path} asks about certificates of no authority here, or of several`);
  }
  return { issuer, certificates: certIds, ...(nonce === undefined ? {} : { nonce }) };
}

function responderOf(
  pki: PkiDirectory,
  issuer: Entry,
  name: string | undefined,
): Entry | undefined {
  if (name === undefined) return undefined;
  const entry = pki.current(name);
  if (entry.issuer === issuer.name && entry.profile === "ocsp") return entry;
  throw new UsageError(
    `${name} is no responder of ${issuer.name}: issue one with --issuer ${issuer.name} --profile ocsp`,
  );
}

function respond(
  pki: PkiDirectory,
  question: Question,
  responder: Entry | undefined,
  signingKey: PrivateKeyInfo,
  provider: Provider,
  lifetime = standardLifetime,
): OcspResponse {
  const { issuer, certificates, nonce } = question;
  const now = Date.now();
  const serials = serialsOf(question);
  return issueOcspResponse({
    issuer: pki.certificate(issuer),
    ...(responder === undefined ? {} : { responder: pki.certificate(responder) }),
    signingKey,
    statements: certificates.map((certificate, index) => ({
      certificate,
      status: statusOf(pki, issuer, serials[index] ?? ""),
      thisUpdate: now,
      nextUpdate: now + lifetime,
    })),
    producedAt: now,
    ...(nonce === undefined ? {} : { nonce }),
    provider,
  });
}

function statusOf(pki: PkiDirectory, issuer: Entry, serial: string): OcspStatus {
  const entry = pki.entries.find((each) => each.serial === serial && each.issuer === issuer.name);
  if (entry === undefined) return { kind: "unknown" };
  if (entry.revoked === undefined) return { kind: "good" };
  const { at, reason } = entry.revoked;
  return { kind: "revoked", revokedAt: Date.parse(at), reason };
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
