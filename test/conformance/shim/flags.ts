/** The command line by which BoringSSL's test runner tells a shim what to do. */

type Kind = "switch" | "number" | "numbers" | "text" | "base64" | "nothing";

/**
 * The flags that this shim implements. `nothing` marks those that ask for what always holds here, or for
 * a way of calling that has no counterpart; `number` and the rest take a value, `numbers` may be repeated.
 */
const kinds = {
  // The connection to the runner
  port: "number",
  "shim-id": "text",
  ipv6: "switch",
  server: "switch",
  "resume-count": "number",
  "is-handshaker-supported": "switch",
  // Versions
  "min-version": "number",
  "max-version": "number",
  "expect-version": "number",
  "no-tls1": "nothing",
  "no-tls11": "nothing",
  "no-tls12": "nothing",
  "no-tls13": "switch",
  // Keys, certificates and their verification
  "trust-cert": "text",
  "verify-peer": "switch",
  "require-any-client-certificate": "switch",
  "verify-fail": "switch",
  "use-custom-verify-callback": "switch",
  "expect-verify-result": "nothing",
  "use-old-client-cert-callback": "nothing",
  "reverify-on-resume": "switch",
  "verify-prefs": "numbers",
  "expect-peer-signature-algorithm": "number",
  "expect-peer-verify-pref": "numbers",
  "accepted-peer-cert-types": "numbers",
  "expect-peer-certificate-type": "number",
  "expect-peer-rpk-sha256": "base64",
  "expect-peer-cert-file": "text",
  "expect-no-peer-cert": "switch",
  "expect-selected-credential": "number",
  "available-client-cert-types": "numbers",
  "host-name": "text",
  "expect-server-name": "text",
  "expect-no-server-name": "switch",
  "use-client-ca-list": "text",
  "expect-client-ca-list": "text",
  "install-cert-compression-algs": "switch",
  "install-one-cert-compression-alg": "number",
  "enable-ocsp-stapling": "switch",
  "expect-ocsp-response": "base64",
  "enable-signed-cert-timestamps": "switch",
  "expect-signed-cert-timestamps": "base64",
  "use-ocsp-callback": "nothing",
  "set-ocsp-in-callback": "nothing",
  "decline-ocsp-callback": "switch",
  "fail-ocsp-callback": "switch",
  "max-cert-list": "number",
  // Key exchange and suites
  curves: "numbers",
  "key-shares": "numbers",
  "no-key-shares": "switch",
  "server-supported-groups-hint": "numbers",
  "expect-curve-id": "number",
  "expect-hrr": "switch",
  "expect-no-hrr": "switch",
  "expect-cipher-aes": "number",
  "expect-cipher-no-aes": "number",
  "expect-cipher": "number",
  "server-preference": "nothing",
  // What a connection may come to
  "fips-202205": "switch",
  "wpa-202304": "switch",
  "cnsa-202407": "switch",
  "cnsa1-202603": "switch",
  "cnsa2-202603": "switch",
  // Sessions and early data
  "expect-session-miss": "switch",
  "expect-no-session": "switch",
  "expect-session-id": "nothing",
  "expect-no-session-id": "nothing",
  "no-ticket": "switch",
  "skip-ticket": "switch",
  "renew-ticket": "nothing",
  "use-ticket-callback": "nothing",
  "use-ticket-aead-callback": "nothing",
  "install-ddos-callback": "nothing",
  "resumption-delay": "number",
  "expect-ticket-age-skew": "number",
  "enable-early-data": "switch",
  "expect-accept-early-data": "switch",
  "expect-reject-early-data": "switch",
  "expect-no-offer-early-data": "switch",
  "expect-ticket-supports-early-data": "switch",
  "expect-early-data-reason": "text",
  "early-write-after-message": "number",
  "expect-extended-master-secret": "nothing",
  // Application protocols
  "advertise-alpn": "text",
  "expect-alpn": "text",
  "expect-advertised-alpn": "text",
  "select-alpn": "text",
  "decline-alpn": "switch",
  "reject-alpn": "switch",
  // Traffic
  async: "nothing",
  "implicit-handshake": "nothing",
  "partial-write": "nothing",
  "no-op-extra-handshake": "nothing",
  "handshake-twice": "nothing",
  "use-early-callback": "nothing",
  "shim-writes-first": "switch",
  "shim-initial-write": "text",
  "repeat-shim-initial-write": "number",
  "read-with-unfinished-write": "switch",
  "shim-shuts-down": "switch",
  "check-close-notify": "switch",
  "write-different-record-sizes": "switch",
  "max-send-fragment": "number",
  "read-size": "number",
  "peek-then-read": "nothing",
  "key-update": "switch",
  "key-update-before-read": "switch",
  "export-keying-material": "number",
  "export-label": "text",
  "export-context": "text",
  "use-export-context": "nothing",
  "use-exporter-between-reads": "switch",
  "export-traffic-secrets": "switch",
  // Whims
  "enable-grease": "switch",
  "allow-hint-mismatch": "nothing",
  "jdk11-workaround": "nothing",
  "handshaker-path": "text",
  "forbid-renegotiation-after-handshake": "nothing",
  // What only other versions and protocols have
  "renegotiate-freely": "nothing",
  "expect-secure-renegotiation": "nothing",
  "no-legacy-server-connect": "nothing",
  "advertise-npn": "text",
  "srtp-profiles": "text",
  "quic-use-legacy-codepoint": "number",
} as const satisfies Record<string, Kind>;

/** Flags of one credential: they belong to the `-new-…-credential` before them. */
const credentialKinds = {
  "cert-file": "text",
  "key-file": "text",
  "signing-prefs": "numbers",
  "ocsp-response": "base64",
  "signed-cert-timestamps": "base64",
  "must-match-issuer": "switch",
  "delegated-credential": "base64",
  "psk-importer-key": "base64",
  "psk-importer-identity": "base64",
  "psk-importer-context": "base64",
  "psk-importer-sha256": "switch",
  "psk-importer-sha384": "switch",
} as const satisfies Record<string, Kind>;

type Name = keyof typeof kinds;
type ValueOfKind<K extends Kind> = K extends "number"
  ? number | undefined
  : K extends "numbers"
    ? readonly number[]
    : K extends "text"
      ? string | undefined
      : K extends "base64"
        ? Uint8Array | undefined
        : boolean;

export type CredentialType = "default" | "x509" | "rpk" | "psk" | "delegated";

/** One credential that the runner gives: the default one comes last. */
export type CredentialFlags = { readonly type: CredentialType } & {
  readonly [N in keyof typeof credentialKinds]: ValueOfKind<(typeof credentialKinds)[N]>;
};

/** The value of every flag, for one connection. */
export type Flags = { readonly [N in Name]: ValueOfKind<(typeof kinds)[N]> } & {
  readonly credentials: readonly CredentialFlags[];
};

/** A flag that this shim does not implement; the runner is told by exit code 89. */
export class Unimplemented extends Error {
  override readonly name = "Unimplemented";
}

const phases = ["initial", "resume", "retry"] as const;
export type Phase = (typeof phases)[number];

type Values = Record<string, unknown>;

/** What has been read for one phase: its flags, and its credentials. */
class Reading {
  readonly values: Values = {};
  readonly credentials: (Values & { type: CredentialType })[] = [{ type: "default" }];

  set(name: string, kind: Kind, text: string | undefined): void {
    const target = name in credentialKinds ? this.credentials.at(-1)! : this.values;
    const value = text === undefined ? true : read(kind, text);
    const before = (target[name] ?? []) as unknown[];
    target[name] = kind === "numbers" ? [...before, value] : value;
  }

  finish(): Flags {
    const [ofDefault, ...others] = this.credentials;
    const credentials = [...others, ofDefault!]
      .filter((entry) => entry.type !== "default" || Object.keys(entry).length > 1)
      .map((entry) => ({ type: entry.type, ...complete(entry, credentialKinds) }));
    const flags: Values = { ...complete(this.values, kinds), credentials };
    return flags as Flags;
  }
}

/**
 * Reads the arguments for each phase: `-on-resume-x` sets `x` for resumed connections only, and
 * `-on-handshaker-x` is for a second process, which this shim has not.
 */
export function parseFlags(args: readonly string[]): Record<Phase, Flags> {
  const readings = { initial: new Reading(), resume: new Reading(), retry: new Reading() };
  for (let at = 0; at < args.length; at++) {
    const given = args[at]!;
    const where = /^-on-(shim|handshaker)-(.*)$/.exec(given);
    const only = /^-on-(initial|resume|retry)-(.*)$/.exec(where === null ? given : `-${where[2]!}`);
    const name = only?.[2] ?? where?.[2] ?? given.slice(1);
    const type = /^new-(x509|rpk|psk|delegated)-credential$/.exec(name)?.[1] as
      | CredentialType
      | undefined;
    const kind: Kind | undefined = { ...kinds, ...credentialKinds }[name as Name];
    if (!given.startsWith("-") || (kind === undefined && type === undefined)) {
      throw new Unimplemented(given);
    }
    const takesValue = kind !== undefined && kind !== "switch" && kind !== "nothing";
    const text = takesValue ? (args[++at] ?? "") : undefined;
    for (const phase of where?.[1] === "handshaker" ? [] : phases) {
      if (only !== null && only[1] !== phase) continue;
      if (type !== undefined) readings[phase].credentials.push({ type });
      else if (kind !== undefined) readings[phase].set(name, kind, text);
    }
  }
  return {
    initial: readings.initial.finish(),
    resume: readings.resume.finish(),
    retry: readings.retry.finish(),
  };
}

function read(kind: Kind, text: string): unknown {
  if (kind === "number" || kind === "numbers") return Number(text);
  if (kind === "base64") return new Uint8Array(Buffer.from(text, "base64"));
  return text;
}

/** Every flag, those that were not given included. */
function complete(given: Values, declared: Readonly<Record<string, Kind>>): Values {
  const flags: Values = {};
  for (const [name, kind] of Object.entries(declared)) {
    const absent =
      kind === "numbers" ? [] : kind === "switch" || kind === "nothing" ? false : undefined;
    flags[name] = given[name] ?? absent;
  }
  return flags;
}
