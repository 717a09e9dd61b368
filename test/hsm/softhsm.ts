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
export const makeSlowModule = (folder: string, gate: string): string =>
  makeModule(folder, "slow", { 43: "slow" }, [
    "static unsigned long slow(unsigned long s, void *d, unsigned long n, void *o, unsigned long *l) {",
    `  for (int i = 0; i < 4000 && access(${JSON.stringify(gate)}, F_OK) != 0; i++) usleep(5000);`,
    "  return real[43](s, d, n, o, l);",
    "}",
  ]);

/**
 * A module whose device is away while a file is there, and which knows of no device then until it has been
 * finalised and initialised, as modules of network tokens do: SoftHSM2 with another C_Initialize, C_Finalize,
 * C_GetSlotList, C_OpenSession and C_SignInit. For each call that it refuses it adds a byte to the file `calls`.
 */
export const makeLosingModule = (folder: string, away: string, calls: string): string =>
  makeModule(folder, "losing", { 0: "begin", 1: "end", 4: "slots", 12: "open", 42: "sign" }, [
    "static int lost, ended;",
    "static unsigned long answer(void) {",
    `  int isAway = access(${JSON.stringify(away)}, F_OK) == 0;`,
    "  if (isAway) lost = 1;",
    `  if (lost) { FILE *f = fopen(${JSON.stringify(calls)}, "a"); fputc('x', f); fclose(f); }`,
    "  return isAway ? 0x32 : lost ? 0x30 : 0;",
    "}",
    "static unsigned long begin(void *a) {",
    "  if (ended) { lost = 0; ended = 0; }",
    "  return real[0](a);",
    "}",
    "static unsigned long end(void *a) { ended = 1; return real[1](a); }",
    "static unsigned long slots(unsigned long p, void *l, void *n) {",
    "  unsigned long r = answer(); return r ? r : real[4](p, l, n);",
    "}",
    "static unsigned long open(unsigned long s, unsigned long f, void *a, void *n, void *h) {",
    "  unsigned long r = answer(); return r ? r : real[12](s, f, a, n, h);",
    "}",
    "static unsigned long sign(unsigned long s, void *m, unsigned long k) {",
    "  unsigned long r = answer(); return r ? r : real[42](s, m, k);",
    "}",
  ]);

/** SoftHSM2 with other functions at some places of its list; `real` has its own. */
function makeModule(
  folder: string,
  name: string,
  functions: Readonly<Record<number, string>>,
  code: readonly string[],
): string {
  const source = join(folder, `${name}.c`);
  const module = join(folder, `${name}.so`);
  const replaced = Object.entries(functions).map(
    ([at, own]) => `  list.calls[${at}] = (Call)${own};`,
  );
  writeFileSync(
    source,
    `#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>
typedef unsigned long (*Call)();
struct List { unsigned char version[8]; Call calls[68]; };
static struct List list;
static Call real[68];
${code.join("\n")}
unsigned long C_GetFunctionList(struct List **out) {
  struct List *own;
  unsigned long (*get)(struct List **) = dlsym(dlopen(${JSON.stringify(softHsm())}, RTLD_NOW), "C_GetFunctionList");
  unsigned long result = get(&own);
  if (result != 0) return result;
  list = *own;
  for (int i = 0; i < 68; i++) real[i] = own->calls[i];
${replaced.join("\n")}
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
