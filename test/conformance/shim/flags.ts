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
  "cert-file": "text",
  "key-file": "text",
  "trust-cert": "text",
  "verify-peer": "switch",
  "require-any-client-certificate": "switch",
  "verify-fail": "switch",
  "use-custom-verify-callback": "switch",
  "expect-verify-result": "nothing",
  "use-old-client-cert-callback": "nothing",
  "reverify-on-resume": "switch",
  "signing-prefs": "numbers",
  "verify-prefs": "numbers",
  "expect-peer-signature-algorithm": "number",
  "expect-peer-verify-pref": "numbers",
  "expect-peer-cert-file": "text",
  "expect-no-peer-cert": "switch",
  "host-name": "text",
  "expect-server-name": "text",
  "expect-no-server-name": "switch",
  "use-client-ca-list": "text",
  "expect-client-ca-list": "text",
  "install-cert-compression-algs": "switch",
  "install-one-cert-compression-alg": "number",
  "ocsp-response": "base64",
  "enable-ocsp-stapling": "switch",
  "expect-ocsp-response": "base64",
  "signed-cert-timestamps": "base64",
  "enable-signed-cert-timestamps": "switch",
  "expect-signed-cert-timestamps": "base64",
  "max-cert-list": "number",
  // Key exchange and suites
  curves: "numbers",
  "key-shares": "numbers",
  "no-key-shares": "switch",
  "expect-curve-id": "number",
  "expect-hrr": "switch",
  "expect-no-hrr": "switch",
  "expect-cipher-aes": "number",
  "expect-cipher-no-aes": "nothing",
  "expect-cipher": "number",
  "server-preference": "nothing",
  // Sessions and early data
  "expect-session-miss": "switch",
  "expect-no-session": "switch",
  "expect-session-id": "nothing",
  "expect-no-session-id": "nothing",
  "no-ticket": "switch",
  "resumption-delay": "number",
  "expect-ticket-age-skew": "number",
  "enable-early-data": "switch",
  "expect-accept-early-data": "switch",
  "expect-reject-early-data": "switch",
  "expect-no-offer-early-data": "switch",
  "expect-ticket-supports-early-data": "switch",
  "expect-early-data-reason": "text",
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
  "read-size": "nothing",
  "peek-then-read": "nothing",
  "key-update": "switch",
  "key-update-before-read": "switch",
  "export-keying-material": "number",
  "export-label": "text",
  "export-context": "text",
  "use-export-context": "nothing",
  "use-exporter-between-reads": "switch",
  // Whims
  "enable-grease": "switch",
  "allow-hint-mismatch": "nothing",
  "jdk11-workaround": "nothing",
  "handshaker-path": "text",
  "forbid-renegotiation-after-handshake": "nothing",
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

/** The value of every flag, for one connection. */
export type Flags = { readonly [N in Name]: ValueOfKind<(typeof kinds)[N]> };

/** A flag that this shim does not implement; the runner is told by exit code 89. */
export class Unimplemented extends Error {
  override readonly name = "Unimplemented";
}

const phases = ["initial", "resume", "retry"] as const;
export type Phase = (typeof phases)[number];

/** Reads the arguments for each phase: `-on-resume-x` sets `x` for resumed connections only. */
export function parseFlags(args: readonly string[]): Record<Phase, Flags> {
  const values = {
    initial: {} as Record<string, unknown>,
    resume: {} as Record<string, unknown>,
    retry: {} as Record<string, unknown>,
  };
  for (let at = 0; at < args.length; at++) {
    const given = args[at]!;
    const only = /^-on-(initial|resume|retry|shim)-(.*)$/.exec(given);
    const name = only === null ? given.slice(1) : only[2]!;
    const kind: Kind | undefined = kinds[name as Name];
    if (!given.startsWith("-") || kind === undefined) throw new Unimplemented(given);
    const takesValue = kind !== "switch" && kind !== "nothing";
    const value = takesValue ? read(kind, args[++at] ?? "") : true;
    for (const phase of phases) {
      if (only !== null && only[1] !== "shim" && only[1] !== phase) continue;
      const before = values[phase][name];
      values[phase][name] = kind === "numbers" ? [...((before as number[]) ?? []), value] : value;
    }
  }
  return {
    initial: complete(values.initial),
    resume: complete(values.resume),
    retry: complete(values.retry),
  };
}

function read(kind: Kind, text: string): unknown {
  if (kind === "number" || kind === "numbers") return Number(text);
  if (kind === "base64") return new Uint8Array(Buffer.from(text, "base64"));
  return text;
}

function complete(given: Record<string, unknown>): Flags {
  const flags: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const absent =
      kind === "numbers" ? [] : kind === "switch" || kind === "nothing" ? false : undefined;
    flags[name] = given[name] ?? absent;
  }
  return flags as Flags;
}
