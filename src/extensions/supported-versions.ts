/** supported_versions (RFC 9846 §4.3.1): versions in order of preference; the answer names the one in use. */
import { CipherSuite, nameOf, ProtocolVersion, TlsError } from "../registry/index.ts";
import { code, equal, fromHex, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

const version = code(uint16, ProtocolVersion);

export const supported_versions = extension(
  "supported_versions",
  { client_hello: list(version, 2, 254), server_hello: version, hello_retry_request: version },
  { offer: () => [ProtocolVersion["TLS 1.3"]] },
);

export interface LegacyVersionRule {
  /** Takes a legacy_version other than 0x0303, from 0x0301 on. */
  readonly tolerateLegacyVersion: boolean;
}

/**
 * Whether a hello that speaks of TLS 1.3 in supported_versions may have this legacy_version. RFC 9846
 * contradicts itself: §4.2.2 and §4.2.3 allow 0x0303 alone, and §4.3.1 says to ignore the field. Below
 * 0x0301 nothing is taken (Appendix E.5).
 */
const isAcceptable = (
  legacyVersion: number,
  { tolerateLegacyVersion }: LegacyVersionRule,
): boolean =>
  tolerateLegacyVersion
    ? legacyVersion >= ProtocolVersion["TLS 1.0"]
    : legacyVersion === ProtocolVersion["TLS 1.2"];

interface OfferingHello {
  readonly legacyVersion: number;
  readonly cipherSuites: readonly number[];
  readonly extensions: { readonly supported_versions?: readonly number[] };
}

/** A server: the client speaks TLS 1.3 (§4.2.2, §4.3.1), and did not fall back to less (RFC 7507 §3). */
export function checkOfferedVersions(hello: OfferingHello, rule: LegacyVersionRule): void {
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
      received: versions.map((each) => nameOf(ProtocolVersion, each)).join(", "),
      where:
        isTls13 || offered === undefined
          ? "client_hello.legacyVersion"
          : "client_hello.extensions.supported_versions",
      section: "RFC 9846 §4.2.2",
    });
  }
}

/** What a server that also speaks an older version ends its random with (RFC 9846 §4.2.3). */
export const downgradeSentinels: Readonly<Record<"TLS 1.2" | "TLS 1.1 or below", Uint8Array>> = {
  "TLS 1.2": fromHex("444f574e47524401"),
  "TLS 1.1 or below": fromHex("444f574e47524400"),
};

interface SelectingHello {
  readonly legacyVersion: number;
  readonly random: Uint8Array;
  readonly extensions: { readonly supported_versions?: number };
}

/** A client: the server chose TLS 1.3 (§4.2.3, §4.3.1, Appendix E.5), or the reason why not. */
export function checkSelectedVersion(
  type: "server_hello" | "hello_retry_request",
  hello: SelectingHello,
  rule: LegacyVersionRule,
): void {
  const selected = hello.extensions.supported_versions;
  const received = nameOf(ProtocolVersion, selected ?? hello.legacyVersion);
  if (selected === undefined) {
    const tail = hello.random.subarray(24);
    for (const [older, sentinel] of Object.entries(downgradeSentinels)) {
      if (equal(tail, sentinel)) {
        throw new TlsError(
          "downgrade",
          `the server was led to ${older}, and says so in its random`,
          {
            expected: "TLS 1.3",
            received,
            where: `${type}.random`,
            section: "RFC 9846 §4.2.3",
          },
        );
      }
    }
  } else if (selected !== ProtocolVersion["TLS 1.3"]) {
    const where = `${type}.extensions.supported_versions`;
    throw illegal("a version that was not offered", where, "RFC 9846 §4.3.1", received);
  }
  if (selected === undefined || !isAcceptable(hello.legacyVersion, rule)) {
    throw new TlsError("protocol_version", "the server speaks another version", {
      expected: selected === undefined ? "TLS 1.3" : "legacy_version 0x0303",
      received: selected === undefined ? received : nameOf(ProtocolVersion, hello.legacyVersion),
      where:
        selected === undefined ? `${type}.extensions.supported_versions` : `${type}.legacyVersion`,
      section: "RFC 9846 §4.2.3",
    });
  }
}
