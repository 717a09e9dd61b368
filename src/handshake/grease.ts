/** Values that peers must ignore, sent so that they keep ignoring them (RFC 8701). */
import type { RandomSource } from "../crypto/index.ts";
import type { KeyShare } from "../groups/index.ts";
import type { ClientHello, Extensions } from "../messages/index.ts";
import { TlsError } from "../registry/index.ts";

/** One connection's choice: the same in both ClientHellos of a retried handshake. */
export interface Grease {
  readonly suite: number;
  readonly group: number;
  readonly version: number;
  readonly scheme: number;
  readonly pskMode: number;
  /** Two that differ (§3.1). */
  readonly extensions: readonly [`0x${string}`, `0x${string}`];
}

/** 0x0A0A, 0x1A1A … 0xFAFA (§2). */
const value = (byte: number): number => (byte & 0xf0) * 0x101 + 0x0a0a;
const name = (number: number): `0x${string}` => `0x${number.toString(16).padStart(4, "0")}`;

export function chooseGrease(random: RandomSource): Grease {
  const [suite = 0, group = 0, version = 0, scheme = 0, mode = 0, first = 0] = random(6);
  return {
    suite: value(suite),
    group: value(group),
    version: value(version),
    scheme: value(scheme),
    pskMode: 0x0b + 0x1f * (mode & 7),
    extensions: [name(value(first)), name(value(first ^ 0x10))],
  };
}

/** A share of no group, for the first ClientHello; a server that answers it breaks the rules. */
export function greaseShare({ group: code }: Grease): KeyShare {
  return {
    group: { name: "GREASE", code, kems: [] },
    keyExchange: Uint8Array.of(0),
    decapsulate() {
      throw new TlsError("illegal_parameter", "the server chose a value that means nothing", {
        where: "server_hello.extensions.key_share.group",
        section: "RFC 8701 §3.1",
      });
    },
    wipe: () => {},
  };
}

/** Adds them to a ClientHello whose extensions are complete but for pre_shared_key. */
export function addGrease(hello: ClientHello, grease: Grease): ClientHello {
  const { extensions } = hello;
  const [first, last] = grease.extensions;
  const greased: Extensions<"client_hello"> = { [first]: new Uint8Array(0), ...extensions };
  greased.supported_groups = [grease.group, ...(extensions.supported_groups ?? [])];
  greased.signature_algorithms = [grease.scheme, ...(extensions.signature_algorithms ?? [])];
  greased.supported_versions = [grease.version, ...(extensions.supported_versions ?? [])];
  greased.psk_key_exchange_modes = [...(extensions.psk_key_exchange_modes ?? []), grease.pskMode];
  greased[last] = Uint8Array.of(0);
  return { ...hello, cipherSuites: [grease.suite, ...hello.cipherSuites], extensions: greased };
}
