import { describe } from "vitest";
import { Certificate } from "../../src/messages/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

// RFC 9846 §4.5.1
describe("Certificate", () => {
  itReads(Certificate, {
    accepts: [
      ["00 000000", { certificateRequestContext: bytesOf(""), certificateList: [] }],
      [
        "01 07 000019 000002 3000 000c 0012 0008 0006 0001 aa 0001 bb 000001 05 0000",
        {
          certificateRequestContext: bytesOf("07"),
          certificateList: [
            {
              certData: bytesOf("3000"),
              extensions: { signed_certificate_timestamp: [bytesOf("aa"), bytesOf("bb")] },
            },
            { certData: bytesOf("05"), extensions: {} },
          ],
        },
      ],
    ],
    refuses: [
      ["00 000005 000000 0000", /^certificateList\[0\]\.certData: length 0 is outside 1/],
      ["00 000006 000001 05 0001", /^certificateList\[0\]\.extensions: needs 1 bytes, has 0/],
    ],
  });
});
