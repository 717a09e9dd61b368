import { describe } from "vitest";
import { CompressedCertificate } from "../../src/messages/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

// RFC 8879 §4
describe("CompressedCertificate", () => {
  itReads(CompressedCertificate, {
    accepts: [
      [
        "0001 000400 000003 aabbcc",
        {
          algorithm: 1,
          uncompressedLength: 1024,
          compressedCertificateMessage: bytesOf("aabbcc"),
        },
      ],
    ],
    refuses: [
      ["0001 000400 000000", /^compressedCertificateMessage: length 0 is outside 1/],
      ["0001 000400 000001 aa 00", /1 bytes after the end/],
    ],
  });
});
