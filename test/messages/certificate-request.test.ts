import { describe } from "vitest";
import { CertificateRequest } from "../../src/messages/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

// RFC 9846 §4.4.2
describe("CertificateRequest", () => {
  itReads(CertificateRequest, {
    accepts: [
      [
        "00 0008 000d 0004 0002 0403",
        {
          certificateRequestContext: bytesOf(""),
          extensions: { signature_algorithms: [0x0403] },
        },
      ],
      ["02 aabb 0000", { certificateRequestContext: bytesOf("aabb"), extensions: {} }],
    ],
    refuses: [
      ["00 0008 000d 0004 0002 0403 00", /1 bytes after the end/],
      ["00 0009 000d 0004 0002 0403", /^extensions: needs 9 bytes, has 8/],
      ["00 0007 000d 0003 0001 04", /^extensions\.signature_algorithms: length 1 is outside 2/],
    ],
  });
});
