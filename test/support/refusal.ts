import { expect } from "vitest";
import { type AlertName, alertOf, type ErrorCode, TlsError } from "../../src/registry/index.ts";
import type { Interceptor, Side } from "./interceptor.ts";

export interface Refusal {
  readonly code: ErrorCode;
  /** Exactly this alert goes out; the one of the code, if it is not given. */
  readonly alert?: AlertName;
  /** The field path, or what it matches. */
  readonly where?: string | RegExp;
  readonly section?: string;
}

/** What breaks a rule of the protocol breaks it somewhere, and the error says where. */
const placed: ReadonlySet<AlertName> = new Set([
  "bad_record_mac",
  "decode_error",
  "decrypt_error",
  "handshake_failure",
  "illegal_parameter",
  "missing_extension",
  "protocol_version",
  "record_overflow",
  "unexpected_message",
  "unsupported_extension",
]);

/** One end refused what came: the error says all that it should, and the alert went over the wire. */
export function expectRefused(between: Interceptor, by: Side, refusal: Refusal): TlsError {
  const { error, state } = between[by];
  if (!(error instanceof TlsError)) {
    throw new Error(`the ${by} is ${state}, and did not refuse: ${refusal.code} was expected`);
  }
  const { code, alert = alertOf[code], where, section } = refusal;
  expect(`${error.code}: ${error.message}`).toMatch(new RegExp(`^${code}: `));
  expect(state).toBe("failed");
  expect(error.role).toBe(by);
  expect(error.alert).toBe(alert);
  if (alert !== undefined && placed.has(alert)) expect(error.detail.where).toBeTruthy();
  if (typeof where === "string") expect(error.detail.where).toBe(where);
  else if (where !== undefined) expect(error.detail.where).toMatch(where);
  if (section !== undefined) expect(error.detail.section).toBe(section);
  expect(between.alertsBy(by)).toEqual(alert === undefined ? [] : [alert]);
  expect(between.events[by].at(-1)).toEqual({ type: "error", error });
  return error;
}

/** As {@link expectRefused}, and the other end was told. */
export function expectRefusedAndTold(between: Interceptor, by: Side, refusal: Refusal): void {
  const { alert } = expectRefused(between, by, refusal);
  const other = between[by === "client" ? "server" : "client"];
  expect(other.error).toMatchObject({ code: "peer_alert", alert: undefined });
  expect(other.error?.message).toContain(String(alert));
  expect(other.state).toBe("failed");
}
