/** The choices of RFC 9846 §4.2.1, as pure functions. */
import type { Suite } from "../../crypto/index.ts";
import { type Group, isPostQuantum } from "../../groups/index.ts";
import type { Preference, RetryPolicy } from "../config.ts";
import { CipherSuite, NamedGroup, nameOf, TlsError } from "../../registry/index.ts";

/** The first of `ours` that the peer offers too; or the first of theirs that we have. */
export function firstCommon<T extends { readonly code: number }>(
  ours: readonly T[],
  theirs: readonly number[],
  preference: Preference,
): T | undefined {
  if (preference === "server") return ours.find((entry) => theirs.includes(entry.code));
  for (const code of theirs) {
    const found = ours.find((entry) => entry.code === code);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @throws TlsError `no_common_cipher_suite` */
export function chooseSuite(
  ours: readonly Suite[],
  theirs: readonly number[],
  preference: Preference,
): Suite {
  const suite = firstCommon(ours, theirs, preference);
  if (suite === undefined) {
    throw new TlsError("no_common_cipher_suite", "no cipher suite in common", {
      expected: `one of ${ours.map((entry) => entry.name).join(", ")}`,
      received: names(CipherSuite, theirs),
      where: "client_hello.cipherSuites",
      section: "RFC 9846 §4.2.1",
    });
  }
  return suite;
}

/**
 * The group, and whether the client must be asked for a share of it, which costs a round trip (§4.3.8).
 *
 * @throws TlsError `no_common_group`
 */
export function chooseGroup(
  ours: readonly Group[],
  theirs: readonly number[],
  shares: readonly number[],
  preference: Preference,
  policy: RetryPolicy,
): { group: Group; retry: boolean } {
  const best = firstCommon(ours, theirs, preference);
  if (best === undefined) {
    throw new TlsError("no_common_group", "no group in common", {
      expected: `one of ${ours.map((entry) => entry.name).join(", ")}`,
      received: names(NamedGroup, theirs),
      where: "client_hello.extensions.supported_groups",
      section: "RFC 9846 §4.2.1",
    });
  }
  const shared = ours.filter((group) => shares.includes(group.code));
  const bestShared = firstCommon(shared, theirs, preference);
  if (bestShared === undefined) return { group: best, retry: true };
  const gains = {
    "for-preferred": best !== bestShared,
    "for-post-quantum": isPostQuantum(best) && !isPostQuantum(bestShared),
    "if-needed": false,
  };
  return gains[policy] ? { group: best, retry: true } : { group: bestShared, retry: false };
}

const names = (table: Readonly<Record<string, number>>, codes: readonly number[]): string =>
  codes.map((code) => nameOf(table, code)).join(", ");
