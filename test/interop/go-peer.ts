/** The program in `go/`, built once. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { it } from "vitest";
import type { PeerProcess } from "../../src/peers/process.ts";
import { temporaryFolder } from "./credentials.ts";
import { itWith, peers } from "./peers.ts";

const source = fileURLToPath(new URL("go", import.meta.url));
/** The first build compiles Go's own packages. */
const buildTimeout = 180_000;

let program: string | undefined;

function build(go: string): string {
  if (program !== undefined) return program;
  program = join(temporaryFolder(), "peer");
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "" };
  const { status, stderr } = spawnSync(go, ["build", "-o", program, "."], {
    cwd: source,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`go build: ${stderr}`);
  return program;
}

/** Go has the hybrids with NIST's curves since 1.26. */
const minor = Number(/go1\.(\d+)/.exec(peers.go?.version ?? "")?.[1] ?? 26);

/** A test with the program; where Go is missing or too old it is skipped with the reason. */
export function itWithGo(title: string, test: (program: string) => Promise<void>): void {
  const reason = `Go 1.${minor} is older than 1.26`;
  if (minor >= 26) itWith("go", title, ({ path }) => test(build(path)), buildTimeout);
  else {
    it(title, ({ skip }) => skip(reason));
  }
}

/** A line of JSON that has a member of that name. */
export async function said(peer: PeerProcess, member: string): Promise<Record<string, unknown>> {
  const [line] = await peer.expect(new RegExp(`^\\{.*"${member}":.*$`, "m"));
  return JSON.parse(line) as Record<string, unknown>;
}
