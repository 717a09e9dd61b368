import { describe, expect, it } from "vitest";
import { AlertDescription, AlertLevel } from "../../src/registry/index.ts";

describe("AlertDescription", () => {
  // RFC 9846 Appendix B.2
  it.each([
    ["close_notify", 0],
    ["unexpected_message", 10],
    ["bad_record_mac", 20],
    ["record_overflow", 22],
    ["handshake_failure", 40],
    ["illegal_parameter", 47],
    ["decode_error", 50],
    ["decrypt_error", 51],
    ["protocol_version", 70],
    ["internal_error", 80],
    ["missing_extension", 109],
    ["unsupported_extension", 110],
    ["certificate_required", 116],
    ["general_error", 117],
    ["no_application_protocol", 120],
    ["ech_required", 121],
  ] as const)("%s is %d", (name, number) => {
    expect(AlertDescription[name]).toBe(number);
  });

  it("has no number twice", () => {
    const numbers = Object.values(AlertDescription);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe("AlertLevel", () => {
  it("is warning(1) or fatal(2)", () => {
    expect(AlertLevel).toEqual({ warning: 1, fatal: 2 });
  });
});
