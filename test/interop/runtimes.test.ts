/** Bun and Deno: what the README says of them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { itWith } from "./peers.ts";

const probe = fileURLToPath(new URL("runtime-probe.ts", import.meta.url));

/** What the probe tells of a runtime. */
function tried(program: string, ...args: readonly string[]): Record<string, unknown> {
  const { stdout, stderr } = spawnSync(program, [...args, probe], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const [line] = stdout.trim().split("\n").slice(-1);
  if (line === undefined || line === "") throw new Error(`${program} said nothing: ${stderr}`);
  return JSON.parse(line) as Record<string, unknown>;
}

const works = {
  core: ["open", "open", "X25519MLKEM768"],
  sockets: ["hello", "X25519MLKEM768"],
};

itWith("deno", "Deno runs the core, sockets, and HTTPS", ({ path }) => {
  expect(tried(path, "run", "--allow-all")).toEqual({ ...works, https: "by ours" });
});

itWith(
  "bun",
  "Bun runs the core and sockets, and refuses to serve HTTPS without our TLS",
  ({ path }) => {
    const { https, ...others } = tried(path);
    expect(others).toEqual(works);
    expect(https).toMatch(
      /createHttpsServer: the http\.Server of this runtime is not a net\.Server/,
    );
  },
);
