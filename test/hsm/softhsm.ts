/** Tokens of SoftHSM2, each in a folder of its own. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPeer } from "../interop/peers.ts";

export const pin = "1234";

const modules = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm2.so",
  "/usr/local/lib/softhsm/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

export const softHsm = (): string => process.env["SOFTHSM2"] ?? modules.find(existsSync) ?? "";

/** Makes tokens with these labels. The module reads where they are when it is initialised. */
export function makeTokens(...labels: readonly string[]): {
  readonly folder: string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "softhsm-"));
  const tokens = join(folder, "tokens");
  mkdirSync(tokens);
  const configuration = join(folder, "softhsm2.conf");
  writeFileSync(configuration, `directories.tokendir = ${tokens}\nlog.level = ERROR\n`);
  process.env["SOFTHSM2_CONF"] = configuration;
  for (const label of labels) {
    const options = `--init-token --free --label ${label} --pin ${pin} --so-pin 123456`;
    run(findPeer("softhsm")?.path ?? "", options.split(" "));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * A module whose signatures take until a file is there: SoftHSM2 with another C_Sign, the 44th function
 * of its list.
 */
export function makeSlowModule(folder: string, gate: string): string {
  const source = join(folder, "slow.c");
  const module = join(folder, "slow.so");
  writeFileSync(
    source,
    `#include <dlfcn.h>
#include <unistd.h>
typedef unsigned long (*Call)();
struct List { unsigned char version[8]; Call calls[68]; };
static struct List list;
static Call sign;
static unsigned long slow(unsigned long s, void *d, unsigned long n, void *o, unsigned long *l) {
  for (int i = 0; i < 4000 && access(${JSON.stringify(gate)}, F_OK) != 0; i++) usleep(5000);
  return sign(s, d, n, o, l);
}
unsigned long C_GetFunctionList(struct List **out) {
  struct List *real;
  unsigned long (*get)(struct List **) = dlsym(dlopen(${JSON.stringify(softHsm())}, RTLD_NOW), "C_GetFunctionList");
  unsigned long result = get(&real);
  if (result != 0) return result;
  list = *real;
  sign = list.calls[43];
  list.calls[43] = slow;
  *out = &list;
  return 0;
}
`,
  );
  run("cc", ["-shared", "-fPIC", "-o", module, source, "-ldl"]);
  return module;
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args[0]}: ${stderr}`);
}
