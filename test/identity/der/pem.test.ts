import { describe, expect, it } from "vitest";
import { decodePem, encodePem } from "../../../src/identity/index.ts";

const bytes = Uint8Array.from({ length: 100 }, (_, at) => at);

describe("PEM (RFC 7468)", () => {
  it("writes lines of 64 characters and reads them back", () => {
    const text = encodePem("CERTIFICATE", bytes);
    expect(text.split("\n").map((line) => line.length)).toEqual([27, 64, 64, 8, 25, 0]);
    expect(decodePem(text)).toEqual([{ label: "CERTIFICATE", der: bytes }]);
  });

  it("finds several blocks between other text, whatever the line ends", () => {
    const one = encodePem("A", bytes).replaceAll("\n", "\r\n");
    const two = encodePem("B C", bytes.subarray(1));
    expect(decodePem(`subject=x\r\n${one}\n-- more --\n${two}end`)).toEqual([
      { label: "A", der: bytes },
      { label: "B C", der: bytes.subarray(1) },
    ]);
  });

  it("says what is wrong", () => {
    const text = encodePem("CERTIFICATE", bytes);
    expect(() => decodePem("")).toThrow(/no PEM block found/);
    expect(() => decodePem(text.replace("END CERTIFICATE", "END KEY"))).toThrow(
      /the CERTIFICATE block has no line "-----END CERTIFICATE-----"/,
    );
    expect(() => decodePem(text.replace("AAEC", "AA*C"))).toThrow(/other than base64/);
    expect(() =>
      decodePem(
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----",
      ),
    ).toThrow(/the RSA PRIVATE KEY is encrypted.*openssl pkcs8 -topk8/);
  });
});
