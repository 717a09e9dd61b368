/** What a server checks in a ClientHello, and in the second one after a HelloRetryRequest (RFC 9846 §4.2.2). */
import {
  checkBinders,
  checkEarlyAuth,
  checkRetriedPsks,
  checkOfferedGroups,
  checkOfferedModes,
  checkOfferedSchemes,
  checkOfferedShares,
  checkOfferedVersions,
  checkRetriedEarlyAuth,
  checkRetriedEarlyData,
  checkRetriedShare,
  checkReturnedCookie,
  extensionNamed,
  illegal,
  type LegacyVersionRule,
} from "../../extensions/index.ts";
import type { Group } from "../../groups/index.ts";
import type { ClientHello } from "../../messages/index.ts";
import { equal } from "../../wire/index.ts";

/** The rules that hold whatever is negotiated. */
export function checkClientHello(hello: ClientHello, rule: LegacyVersionRule): void {
  const { extensions } = hello;
  checkOfferedVersions(hello, rule);
  // §4.2.2: exactly the null method
  if (!equal(hello.legacyCompressionMethods, Uint8Array.of(0))) {
    const where = "client_hello.legacyCompressionMethods";
    throw illegal("a compression method is offered", where, "RFC 9846 §4.2.2");
  }
  checkOfferedSchemes(extensions);
  checkOfferedGroups(extensions);
  checkOfferedModes(extensions);
  checkOfferedShares(extensions);
  checkBinders(extensions.pre_shared_key);
  checkEarlyAuth(extensions);
}

/** §4.2.2: the second ClientHello is the first, but for what the retry asked. */
export function checkSecondHello(
  first: ClientHello,
  second: ClientHello,
  asked: { readonly group: Group; readonly cookie: Uint8Array | undefined },
): void {
  for (const field of [
    "legacyVersion",
    "random",
    "legacySessionId",
    "cipherSuites",
    "legacyCompressionMethods",
  ] as const) {
    if (!same(first[field], second[field])) throw changed("a field changed after the retry", field);
  }
  // A client must not change their order, either. But no server is told to look; their order says nothing (§4.3), and
  // both hellos are hashed; wolfSSL 5.9 sends another one after a retry
  const kept = (hello: ClientHello): string[] =>
    Object.keys(hello.extensions)
      .filter((name) => extensionNamed(name)?.mayChange !== true)
      .toSorted();
  if (!same(kept(first), kept(second))) {
    throw changed("extensions changed after the retry", "extensions", kept(second).join(", "));
  }
  for (const name of kept(first)) {
    const key = name as keyof ClientHello["extensions"];
    if (!same(first.extensions[key], second.extensions[key])) {
      throw changed("an extension changed after the retry", `extensions.${name}`);
    }
  }
  checkRetriedPsks(first.extensions.pre_shared_key, second.extensions.pre_shared_key);
  checkRetriedEarlyData(second.extensions.early_data);
  checkRetriedEarlyAuth(second.extensions.early_auth);
  checkRetriedShare(second.extensions, asked.group);
  checkReturnedCookie(second.extensions.cookie, asked.cookie);
}

const changed = (message: string, where: string, received?: string) =>
  illegal(message, `client_hello.${where}`, "RFC 9846 §4.2.2", received);

/** Structural equality of decoded values. */
function same(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return equal(a, b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) =>
      same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
