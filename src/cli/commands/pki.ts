import type { Command } from "commander";
import { defineSubcommands } from "../options.ts";
import * as check from "./pki-check.ts";
import * as crl from "./pki-crl.ts";
import * as crossSign from "./pki-cross-sign.ts";
import * as exportKey from "./pki-export.ts";
import * as importKey from "./pki-import.ts";
import * as init from "./pki-init.ts";
import * as issue from "./pki-issue.ts";
import * as ocsp from "./pki-ocsp.ts";
import * as prune from "./pki-prune.ts";
import * as renew from "./pki-renew.ts";
import * as request from "./pki-request.ts";
import * as revoke from "./pki-revoke.ts";
import * as roll from "./pki-roll.ts";
import * as show from "./pki-show.ts";
import * as signRequest from "./pki-sign-request.ts";

const subcommands = [
  { name: "init", summary: "make a directory with a root", ...init },
  { name: "issue", summary: "make a key and certify it", ...issue },
  {
    name: "request",
    summary: "make a key and a request for it, for an authority elsewhere",
    ...request,
  },
  { name: "sign-request", summary: "check a request and certify its key", ...signRequest },
  { name: "cross-sign", summary: "vouch for another authority", ...crossSign },
  { name: "renew", summary: "certify the same subject again", ...renew },
  { name: "revoke", summary: "take a certificate back", ...revoke },
  { name: "roll", summary: "put a new root in the place of an old one", ...roll },
  { name: "crl", summary: "make the list of what is revoked", ...crl },
  { name: "ocsp", summary: "make a response, or answer a request", ...ocsp },
  { name: "prune", summary: "take away what has ended long ago", ...prune },
  { name: "export", summary: "write a key and its certificates as PKCS #12", ...exportKey },
  { name: "import", summary: "make PEM files of PKCS #12", ...importKey },
  { name: "check", summary: "hold the directory against its journal", ...check },
  { name: "show", summary: "print files, or what the directory holds", ...show },
];

export function define(command: Command): void {
  defineSubcommands(command, subcommands);
  command.addHelpText(
    "after",
    "\nAll of them take --dir for the folder, `pki` if none is given, and --json for\n" +
      "plain data. What they issue is in <folder>/live/<name>: certificate.pem,\n" +
      "chain.pem, key.pem.\n" +
      "\nA hierarchy of three levels:\n" +
      "  kemistry pki init --algorithm ML-DSA-65\n" +
      "  kemistry pki issue ca --issuer root --profile intermediate\n" +
      "  kemistry pki issue web --issuer ca --dns localhost\n" +
      "  kemistry pki crl\n" +
      "  kemistry serve --cert pki/live/web/chain.pem \\\n" +
      "    --key pki/live/web/key.pem",
  );
}
