/** Where the programs of peers are, and which version each is. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { Peer } from "./peer.ts";

/** A peer that is here. */
export interface FoundPeer {
  readonly peer: Peer;
  /** Its program's absolute path. */
  readonly program: string;
  readonly version: string;
}

/** Why a peer is not here. */
export interface AbsentPeer {
  readonly peer: Peer;
  readonly absent: string;
}

/** @param folder with what was got for this purpose, `.peers` */
export function findPeer(peer: Peer, folder: string): FoundPeer | AbsentPeer {
  const program = findProgram(peer.program, folder);
  if (program === undefined) return { peer, absent: `not here: ${peer.get}` };
  const script = missingScript(peer, folder);
  if (script !== undefined) return { peer, absent: `${script} is not there: npm run peers` };
  const { arguments: args, pattern } = peer.version;
  const asked = peer.version.program && findProgram(peer.version.program, folder);
  const ask = spawnSync(asked ?? program, fillIn(args, { peers: folder }), {
    encoding: "utf8",
    timeout: 60_000,
  });
  const said = `${ask.stdout ?? ""}${ask.stderr ?? ""}`;
  const match = new RegExp(pattern, "m").exec(said);
  if (match === null) {
    const why = ask.error?.message ?? (said.trim().split("\n")[0] || "it says nothing");
    return { peer, absent: `${program} is another version or does not run: ${why}; ${peer.get}` };
  }
  return { peer, program, version: match[1] ?? match[0] };
}

/** What a program of the machine would run, and is in the folder only once it was got. */
function missingScript({ client, server }: Peer, folder: string): string | undefined {
  const named = [client, server].flatMap((command) => command?.arguments ?? []);
  return fillIn(
    named.filter((arg) => arg.startsWith("{peers}/")),
    { peers: folder },
  ).find((path) => !existsSync(path));
}

/** The first that is there: a path within the folder, in which `*` is any name, or a name on the PATH. */
export function findProgram(names: readonly string[], folder: string): string | undefined {
  for (const name of names) {
    const found = name.includes("/") ? within(folder, name) : onPath(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function within(folder: string, name: string): string | undefined {
  if (isAbsolute(name)) return existsSync(name) ? name : undefined;
  const paths = name.split("/").reduce(
    (found, part) =>
      found.flatMap((at) => {
        if (part !== "*") return [join(at, part)];
        return isFolder(at) ? readdirSync(at).map((each) => join(at, each)) : [];
      }),
    [folder],
  );
  return paths.find((path) => existsSync(path));
}

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

function onPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((path) => join(path, name)).find((path) => existsSync(path));
}

const placeholder = /\{(\w+)\}/g;

/** Arguments with values in place of `{name}`. @throws Error for a name that has no value */
export function fillIn(
  args: readonly string[],
  values: Readonly<Record<string, string | undefined>>,
): string[] {
  return args.map((arg) =>
    arg.replace(placeholder, (whole, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${whole} in ${JSON.stringify(arg)} has no value`);
      return value;
    }),
  );
}
