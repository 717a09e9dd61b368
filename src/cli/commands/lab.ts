import type { Command } from "commander";
import { defineSubcommands } from "../options.ts";
import * as check from "./lab/check.ts";
import * as init from "./lab/init.ts";
import * as kernel from "./lab/kernel.ts";
import * as list from "./lab/list.ts";
import * as merge from "./lab/merge.ts";
import * as report from "./lab/report.ts";
import * as run from "./lab/run.ts";
import * as validate from "./lab/validate.ts";

const subcommands = [
  { name: "init", summary: "write an experiment to begin with", ...init },
  { name: "check", summary: "say what a file asks for, or what is wrong with it", ...check },
  { name: "run", summary: "run an experiment, or a study by its name", ...run },
  { name: "merge", summary: "put shards together", ...merge },
  { name: "report", summary: "make a page with plots from a run", ...report },
  { name: "validate", summary: "published figures, and ours beside them", ...validate },
  { name: "kernel", summary: "this machine's own TCP, and the model beside it", ...kernel },
  { name: "list", summary: "studies, links, and algorithms with their sizes", ...list },
];

export function define(command: Command): void {
  defineSubcommands(command, subcommands);
  command.addHelpText(
    "after",
    [
      "",
      "From nothing to a plot:",
      "  kemistry lab init mine.yaml",
      "  kemistry lab run mine.yaml",
      "  open mine/report.html",
      "",
      "Time is simulated: nothing here needs root, a network or patience, and the same",
      "seed gives the same figures everywhere. All take --json.",
    ].join("\n"),
  );
}
