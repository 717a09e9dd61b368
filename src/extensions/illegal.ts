import { TlsError } from "../registry/index.ts";

/** A field that breaks a rule: `illegal_parameter`. */
export const illegal = (
  message: string,
  where: string,
  section: string,
  received?: string,
): TlsError =>
  new TlsError("illegal_parameter", message, {
    where,
    section,
    ...(received === undefined ? {} : { received }),
  });

/** §9.2, and where an extension says so itself: `missing_extension`. */
export const missing = (message: string, where: string, section = "RFC 9846 §9.2"): TlsError =>
  new TlsError("missing_extension", message, { where, section });
