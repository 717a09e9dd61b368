/** What a server checks in a ClientHello, and in the second one after a HelloRetryRequest. */
import type { Group } from "../../groups/index.ts";
import type { ClientHello } from "../../messages/index.ts";
import {
  CipherSuite,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  TlsError,
} from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import { isAcceptable, type LegacyVersionRule } from "../legacy-version.ts";

const illegal = (message: string, where: string, section: string, received?: string): TlsError =>
  new TlsError("illegal_parameter", message, {
    where: `client_hello.${where}`,
    section: `RFC 9846 ${section}`,
    ...(received === undefined ? {} : { received }),
  });

/** The rules that hold whatever is negotiated. */
export function checkClientHello(hello: ClientHello, rule: LegacyVersionRule): void {
  checkVersion(hello, rule);
  // §4.2.2: exactly the null method
  if (!equal(hello.legacyCompressionMethods, Uint8Array.of(0))) {
    throw illegal("a compression method is offered", "legacyCompressionMethods", "§4.2.2");
  }
  checkMandatoryExtensions(hello);
  checkShares(hello);
  checkBinders(hello);
}

/** §4.2.2, §4.3.1, RFC 7507 §3. */
function checkVersion(hello: ClientHello, rule: LegacyVersionRule): void {
  const offered = hello.extensions.supported_versions;
  const isTls13 = offered?.includes(ProtocolVersion["TLS 1.3"]) === true;
  if (!isTls13 && hello.cipherSuites.includes(CipherSuite.TLS_FALLBACK_SCSV)) {
    throw new TlsError(
      "inappropriate_fallback",
      "the client fell back from a version that we speak",
      {
        expected: "TLS 1.3",
        received: "TLS_FALLBACK_SCSV",
        where: "client_hello.cipherSuites",
        section: "RFC 7507 §3",
      },
    );
  }
  if (!isTls13 || !isAcceptable(hello.legacyVersion, rule)) {
    const versions = isTls13 || offered === undefined ? [hello.legacyVersion] : offered;
    throw new TlsError("protocol_version", "the client does not speak TLS 1.3", {
      expected: isTls13 ? "legacy_version 0x0303" : "TLS 1.3",
      received: versions.map((version) => nameOf(ProtocolVersion, version)).join(", "),
      where:
        isTls13 || offered === undefined
          ? "client_hello.legacyVersion"
          : "client_hello.extensions.supported_versions",
      section: "RFC 9846 §4.2.2",
    });
  }
}

/** §9.2: a handshake by certificate needs these; shares and groups come together. */
function checkMandatoryExtensions({ extensions }: ClientHello): void {
  const missing = (name: string): TlsError =>
    new TlsError("missing_extension", `the client sent no ${name}`, {
      where: `client_hello.extensions.${name}`,
      section: "RFC 9846 §9.2",
    });
  if (extensions.pre_shared_key === undefined) {
    if (extensions.signature_algorithms === undefined) throw missing("signature_algorithms");
    if (extensions.supported_groups === undefined) throw missing("supported_groups");
  } else if (extensions.psk_key_exchange_modes === undefined) {
    // §4.3.9
    throw missing("psk_key_exchange_modes");
  }
  if (extensions.supported_groups !== undefined && extensions.key_share === undefined)
    throw missing("key_share");
  if (extensions.key_share !== undefined && extensions.supported_groups === undefined)
    throw missing("supported_groups");
}

/** §4.3.7, §4.3.8: no duplicates, and shares only of groups that are offered, none of them empty. */
function checkShares({ extensions }: ClientHello): void {
  const groups = extensions.supported_groups ?? [];
  const offered = new Set(groups);
  if (offered.size !== groups.length) {
    throw illegal("a group stands twice", "extensions.supported_groups", "§4.3.7");
  }
  const shares = extensions.key_share ?? [];
  if (shares.some(({ keyExchange }) => keyExchange.length === 0)) {
    throw illegal("an empty share", "extensions.key_share", "§4.3.8");
  }
  const shared = shares.map((entry) => entry.group);
  if (new Set(shared).size !== shared.length) {
    throw illegal("two shares of one group", "extensions.key_share", "§4.3.8");
  }
  const stray = shared.find((group) => !offered.has(group));
  if (stray !== undefined) {
    throw illegal(
      "a share of a group that is not offered",
      "extensions.key_share",
      "§4.3.8",
      nameOf(NamedGroup, stray),
    );
  }
}

/** §4.3.11: a binder for every identity. */
function checkBinders({ extensions: { pre_shared_key: offered } }: ClientHello): void {
  if (offered === undefined || offered.identities.length === offered.binders.length) return;
  throw new TlsError("illegal_parameter", "identities and binders differ in number", {
    expected: `${offered.identities.length} binders`,
    received: `${offered.binders.length}`,
    where: "client_hello.extensions.pre_shared_key.binders",
    section: "RFC 9846 §4.3.11",
  });
}

/** What may differ between the two ClientHellos (§4.2.2); an outer hello is sealed anew (RFC 9849 §6.1). */
const mayChange = new Set([
  "key_share",
  "early_data",
  "cookie",
  "pre_shared_key",
  "padding",
  "encrypted_client_hello",
]);

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
    if (!same(first[field], second[field]))
      throw illegal("a field changed after the retry", field, "§4.2.2");
  }
  const kept = (hello: ClientHello): string[] =>
    Object.keys(hello.extensions).filter((name) => !mayChange.has(name));
  if (!same(kept(first), kept(second))) {
    throw illegal(
      "extensions changed after the retry",
      "extensions",
      "§4.2.2",
      kept(second).join(", "),
    );
  }
  for (const name of kept(first)) {
    const key = name as keyof ClientHello["extensions"];
    if (!same(first.extensions[key], second.extensions[key])) {
      throw illegal("an extension changed after the retry", `extensions.${name}`, "§4.2.2");
    }
  }
  // §4.3.10: early data does not survive a retry
  if (second.extensions.early_data !== undefined) {
    throw illegal("early data after a retry", "extensions.early_data", "§4.3.10");
  }
  // §4.3.8: exactly the share that was asked for
  const shares = second.extensions.key_share ?? [];
  if (shares.length !== 1 || shares[0]!.group !== asked.group.code) {
    const received = shares.map((entry) => nameOf(NamedGroup, entry.group)).join(", ") || "none";
    throw illegal(
      `the share of ${asked.group.name} was asked for`,
      "extensions.key_share",
      "§4.3.8",
      received,
    );
  }
  // §4.3.2: the cookie comes back as it was
  if (!same(second.extensions.cookie, asked.cookie)) {
    throw illegal("the cookie is not the one that was sent", "extensions.cookie", "§4.3.2");
  }
}

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
