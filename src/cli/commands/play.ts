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
import { makeFolder } from "../write.ts";

interface Options {
  readonly port: number;
  readonly out?: string;
  readonly open?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .option("--port <number>", "on loopback; 0 takes any that is free", wholeNumber(0, 65535), 8446)
    .option("--out <folder>", "write the playground there, for any host, and serve nothing")
    .option("--open", "open it in your browser")
    .option("--json", "the address as data")
    .action(act);
  command.addHelpText("after", "\nThe engine runs in the page. Nothing is sent anywhere.");
  examples(command, [
    ["play", "a handshake in your browser, to look at and to break"],
    ["play --out public/", "files that any host serves"],
  ]);
}

async function act({ port, out, open, json }: Options): Promise<void> {
  const folder = new URL("dist/play/", packageRoot());
  if (!existsSync(new URL("index.html", folder))) {
    throw new UsageError("the playground is not built: npm run build makes it");
  }
  if (out !== undefined) {
    makeFolder(out);
    cpSync(fileURLToPath(folder), out, { recursive: true });
    if (json) printJson({ folder: out });
    else note(`${out} has the playground: any host can serve it`);
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
  else print(`The playground: ${url}`);
  note("Ctrl-C ends it");
  if (open) openPage(url);
}
