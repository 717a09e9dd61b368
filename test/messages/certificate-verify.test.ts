import { describe } from "vitest";
import { CertificateVerify } from "../../src/messages/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

// RFC 9846 §4.5.2
describe("CertificateVerify", () => {
  itReads(CertificateVerify, {
    accepts: [["0905 0003 aabbcc", { algorithm: 0x0905, signature: bytesOf("aabbcc") }]],
    refuses: [
      ["0905 0003 aabb", /^signature: needs 3 bytes, has 2/],
      ["0905 0003 aabbccdd", /1 bytes after the end/],
      ["09", /^algorithm: needs 2 bytes/],
    ],
  });
});
