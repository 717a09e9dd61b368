import { cpSync, existsSync } from "node:fs";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { messageOf, UsageError } from "../errors.ts";
import { openPage } from "../open-page.ts";
import { examples, wholeNumber } from "../options.ts";
import { note, print, printJson } from "../output.ts";
import { packageRoot } from "../package-root.ts";
import { serveFolder } from "../serve-folder.ts";
import { docsFolder } from "../docs-folder.ts";
import { makeFolder } from "../write.ts";

interface Options {
  readonly port: number;
  readonly out?: string;
  readonly docs?: true;
  readonly open?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option("--port <number>", "on loopback; 0 takes any that is free", wholeNumber(0, 65535), 8446)
    .option("--docs", "the documentation too, with search; the playground is a page of it")
    .option("--out <folder>", "write the files there, for any host, and serve nothing")
    .option("--open", "open it in your browser")
    .option("--json", "the address as data")
    .action(act);
  command.addHelpText("after", "\nThe engine runs in the page. Nothing is sent anywhere.");
  examples(command, [
    ["play", "a handshake in your browser, to look at and to break"],
    ["play --docs --open", "all documentation, without a network"],
    ["play --out public/", "files that any host serves"],
  ]);
}

/** @throws UsageError that says how to build it */
function playFolder(): URL {
  const folder = new URL("dist/play/", packageRoot());
  if (existsSync(new URL("index.html", folder))) return folder;
  throw new UsageError("the playground is not built: npm run build makes it");
}

async function act({ port, out, docs, open, json }: Options): Promise<void> {
  const folder = docs ? docsFolder() : playFolder();
  const what = docs ? "the documentation" : "the playground";
  if (out !== undefined) {
    makeFolder(out);
    cpSync(fileURLToPath(folder), out, { recursive: true });
    if (json) printJson({ folder: out });
    else note(`${out} has ${what}: any host can serve it`);
    return;
  }
  const server = serveFolder(folder);
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    throw new UsageError(`cannot listen on port ${port}: ${messageOf(error)}`);
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  if (json) printJson({ url }, 0);
  else if (docs) print(`The documentation: ${url}\nThe playground: ${url}play/`);
  else print(`The playground: ${url}`);
  note("Ctrl-C ends it");
  if (open) openPage(url);
}
