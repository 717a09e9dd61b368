import { expect, it } from "vitest";
import { keyLogLine } from "../../src/schedule/index.ts";

// RFC 9850 §2
it("a line is the label, the client's random and the secret", () => {
  expect(keyLogLine("CLIENT_TRAFFIC_SECRET_0", Uint8Array.of(0, 0xab), Uint8Array.of(0x0c))).toBe(
    "CLIENT_TRAFFIC_SECRET_0 00ab 0c",
  );
});
