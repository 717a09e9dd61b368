import { describe, expect, it } from "vitest";
import {
  AlertDescription,
  alertOf,
  type ErrorCode,
  TlsError,
  toTlsError,
} from "../../src/registry/index.ts";
import { DecodeError } from "../../src/wire/index.ts";

const codes = Object.keys(alertOf) as ErrorCode[];

describe("the table from error to alert", () => {
  it.each(codes)("%s gives an alert that exists, or none", (code) => {
    const { alert } = new TlsError(code, "text");
    expect(alert).toBe(alertOf[code]);
    expect(alert === undefined || alert in AlertDescription).toBe(true);
  });

  it("sends none for what is not the peer's to hear", () => {
    expect(codes.filter((code) => alertOf[code] === undefined)).toEqual([
      "peer_alert",
      "truncated",
    ]);
  });

  // RFC 9846 §6.2, RFC 10024 §4.2, RFC 7507 §3, RFC 7301 §3.2
  it.each([
    ["malformed", "decode_error"],
    ["bad_key_share", "illegal_parameter"],
    ["bad_record_mac", "bad_record_mac"],
    ["bad_signature", "decrypt_error"],
    ["bad_finished", "decrypt_error"],
    ["bad_binder", "decrypt_error"],
    ["downgrade", "illegal_parameter"],
    ["inappropriate_fallback", "inappropriate_fallback"],
    ["no_common_group", "handshake_failure"],
    ["no_application_protocol", "no_application_protocol"],
    ["empty_certificate", "decode_error"],
    ["certificate_required", "certificate_required"],
  ] as const)("says %s as %s", (code, alert) => {
    expect(alertOf[code]).toBe(alert);
  });
});

describe("TlsError", () => {
  it("says what was expected, what came and where", () => {
    const cause = new Error("why");
    const error = new TlsError("illegal_parameter", "no", {
      expected: "a",
      received: "b",
      where: "server_hello.random",
      section: "RFC 9846 §4.2.3",
      cause,
    });
    expect(error.message).toBe("no; expected a, received b (server_hello.random, RFC 9846 §4.2.3)");
    expect(error).toMatchObject({ name: "TlsError", cause, role: undefined });
  });

  it.each([
    [{}, "no"],
    [{ received: "b" }, "no; received b"],
    [{ expected: "a" }, "no; expected a"],
    [{ section: "RFC 9846 §6" }, "no (RFC 9846 §6)"],
  ])("leaves out what is not known: %j", (detail, message) => {
    expect(new TlsError("misuse", "no", detail).message).toBe(message);
  });
});

describe("toTlsError", () => {
  it("keeps a TlsError as it is", () => {
    const error = new TlsError("misuse", "no");
    expect(toTlsError(error, "anywhere")).toBe(error);
  });

  it("calls malformed input malformed, with its path", () => {
    const error = toTlsError(new DecodeError("too short").within("group"), "key_share");
    expect(error).toMatchObject({ code: "malformed", alert: "decode_error" });
    expect(error.detail).toMatchObject({ where: "key_share.group", section: "RFC 9846 §6.2" });
    expect(error.message).toContain("key_share.group: too short");
    expect(error.cause).toBeInstanceOf(DecodeError);
  });

  it.each([
    [new TypeError("oops"), "oops"],
    ["oops", "oops"],
    [undefined, "undefined"],
  ])("calls %s an internal error", (thrown, text) => {
    const error = toTlsError(thrown);
    expect(error).toMatchObject({ code: "internal", alert: "internal_error" });
    expect(error.cause).toBe(thrown);
    expect(error.message).toContain(text);
  });
});

describe("what a peer said in an error", () => {
  it("is escaped and shortened, in the message and in its parts", () => {
    const long = "x".repeat(260_000);
    const error = new TlsError("wrong_name", `for \x1b[2J${long}`, {
      expected: "a.example",
      received: `b\r\nall is well, ${long}`,
      where: "certificate[0]\x9b",
    });
    expect(error.message.length).toBeLessThan(3000);
    expect(error.message).toMatch(
      /^for \\x1b\[2Jx+… \(\d+ more\); expected a.example, received b\\x0d/,
    );
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(error.detail.received).toMatch(/^b\\x0d\\x0aall is well, x+… \(\d+ more\)$/);
    expect(error.detail.where).toBe("certificate[0]\\x9b");
  });
});
