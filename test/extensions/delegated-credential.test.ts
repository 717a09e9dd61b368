import { delegated_credential } from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";

// RFC 9345 §4.1
const offer = {
  accepts: [["0004 0403 0807", [0x0403, 0x0807]]],
  refuses: [
    ["0000", /outside 2\.\.65534/],
    ["0003 040308", /\[1\]: needs 2 bytes, has 1/],
  ],
} as const;

describeExtension(delegated_credential, {
  client_hello: offer,
  certificate_request: offer,
  certificate: {
    accepts: [
      [
        "00093a80 0807 000003 aabbcc 0403 0002 ddee",
        {
          credential: {
            validTime: 7 * 24 * 60 * 60,
            expectedCertVerifyAlgorithm: 0x0807,
            asn1SubjectPublicKeyInfo: bytesOf("aabbcc"),
          },
          algorithm: 0x0403,
          signature: bytesOf("ddee"),
        },
      ],
    ],
    refuses: [
      ["00093a80 0807 000000 0403 0002 ddee", /^credential\.asn1SubjectPublicKeyInfo: length 0/],
      ["00093a80 0807 000001 aa 0403 0000", /^signature: length 0/],
    ],
  },
});
