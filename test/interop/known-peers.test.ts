/**
 * Every peer that is here against this engine, in both roles: a case of each kind. `kemistry interop` runs all of them.
 * A peer that is missing skips, and fails where `KEMISTRY_REQUIRED_PEERS` names it, with `interop-` before the name.
 */
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import {
  cases,
  foreign,
  type InteropCase,
  ours,
  type Pair,
  pairsOf,
  RunFolder,
  runCell,
} from "../../src/interop/index.ts";
import { findPeer } from "../../src/peers/find.ts";
import { knownPeers } from "../../src/peers/known/index.ts";
import { isRequired } from "./peers.ts";

/** One of each kind: what all of them take is a few minutes for all peers. */
const sample = [
  "group-by-default",
  "group-x25519mlkem768",
  "retry-to-x25519mlkem768",
  "resume",
  "resume-hybrid",
  "early-data-hybrid",
  "post-quantum-throughout",
  "client-certificate",
  "alpn",
  "compressed-certificate",
  "exporter",
  "key-update",
  "half-close",
  "hello-in-two-segments",
  "x25519mlkem768-server-truncate",
];
/** With these all cases are run: the first is what a tool of TLS is held against, the second has no options. */
const whole = new Set(["openssl", "go"]);
/** Browsers start anew for each case, and can be told little. */
const slow = new Set(["chromium", "firefox"]);
const ofSlow = ["group-by-default", "alpn"];

const folder = new RunFolder();
afterAll(() => folder.remove());
const peers = fileURLToPath(new URL("../../.peers", import.meta.url));
const own = ours("of today");

/** What was otherwise than it should be, with the case. */
async function failuresOf(pair: Pair, tests: readonly InteropCase[]): Promise<string[]> {
  const failures: string[] = [];
  for (const test of tests) {
    const { outcome, reason } = await runCell(test, pair, folder);
    if (outcome === "failed" || outcome === "mended") failures.push(`${test.name}: ${reason}`);
  }
  return failures;
}

describe.each(knownPeers.map((peer) => [peer.name, peer] as const))("%s", (name, peer) => {
  const chosen = whole.has(name) ? cases : cases.filter((test) => sample.includes(test.name));
  const tests = slow.has(name) ? cases.filter((test) => ofSlow.includes(test.name)) : chosen;

  const works = (role: 0 | 1) => async (skip: (why: string) => void) => {
    const found = findPeer(peer, peers);
    if ("absent" in found) {
      if (isRequired(`interop-${name}`)) throw new Error(found.absent);
      return skip(found.absent);
    }
    const pair = pairsOf([foreign(found, peers)], [own])[role]!;
    expect(await failuresOf(pair, tests)).toEqual([]);
  };

  it("works as a client of this engine", ({ skip }) => works(0)(skip), 240_000);
  it("works as its server", ({ skip }) => works(1)(skip), 240_000);
});
