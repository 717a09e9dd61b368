import { signature_algorithms, signature_algorithms_cert } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.3
const golden = {
  accepts: [["0006 0904 0403 0804", [0x0904, 0x0403, 0x0804]]],
  refuses: [
    ["0000", /outside 2\.\.65534/],
    ["0003 040308", /\[1\]: needs 2 bytes, has 1/],
  ],
} as const;

describeExtension(signature_algorithms, { client_hello: golden, certificate_request: golden });
describeExtension(signature_algorithms_cert, { client_hello: golden, certificate_request: golden });
