import { ProtocolVersion } from "../registry/index.ts";

export interface LegacyVersionRule {
  /** Takes a legacy_version other than 0x0303, from 0x0301 on. */
  readonly tolerateLegacyVersion: boolean;
}

/**
 * Whether a hello that speaks of TLS 1.3 in supported_versions may have this legacy_version. RFC 9846
 * contradicts itself: §4.2.2 and §4.2.3 allow 0x0303 alone, and §4.3.1 says to ignore the field. Below
 * 0x0301 nothing is taken (Appendix E.5).
 */
export const isAcceptable = (
  legacyVersion: number,
  { tolerateLegacyVersion }: LegacyVersionRule,
): boolean =>
  tolerateLegacyVersion
    ? legacyVersion >= ProtocolVersion["TLS 1.0"]
    : legacyVersion === ProtocolVersion["TLS 1.2"];
