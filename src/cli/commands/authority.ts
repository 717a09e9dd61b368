import type { Command } from "commander";
import { defineSubcommands } from "../options.ts";
import * as audit from "./authority-audit.ts";
import * as bundle from "./authority-bundle.ts";
import * as list from "./authority-list.ts";
import * as register from "./authority-register.ts";
import * as requests from "./authority-requests.ts";
import * as serve from "./authority-serve.ts";
import * as token from "./authority-token.ts";

const subcommands = [
  { name: "serve", summary: "enrol, renew, list and answer, over hybrid TLS", ...serve },
  { name: "register", summary: "say what a name may have", ...register },
  {
    name: "unregister",
    summary: "let a name have nothing more",
    define: register.defineUnregister,
  },
  { name: "token", summary: "make a token that lets a name enrol once", ...token },
  { name: "requests", summary: "what waits for a person", ...requests },
  {
    name: "approve",
    summary: "let a request's key enrol as a name",
    define: requests.defineApprove,
  },
  { name: "refuse", summary: "say no to a request", define: requests.defineRefuse },
  { name: "list", summary: "who is registered, and how they are", ...list },
  { name: "bundle", summary: "print what agents of other domains begin with", ...bundle },
  { name: "audit", summary: "follow the journal's hashes, and print what happened", ...audit },
];

export function define(command: Command): void {
  defineSubcommands(command, subcommands);
  command.addHelpText(
    "after",
    "\nAll of them take --dir for the folder of kemistry pki, `pki` if none is given,\n" +
      "and --json for plain data. Revoking is done by kemistry pki, while this runs.\n" +
      "\nAn authority, and a token for one agent:\n" +
      "  kemistry pki init\n" +
      "  kemistry pki issue ca --profile intermediate\n" +
      "  kemistry authority register ann --uri spiffe://example.org/ann\n" +
      "  kemistry authority token ann\n" +
      "  kemistry authority serve --domain example.org",
  );
}
