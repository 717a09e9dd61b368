import { ticket_request } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 9149 §3
describeExtension(ticket_request, {
  client_hello: {
    accepts: [["02 01", { newSessionCount: 2, resumptionCount: 1 }]],
    refuses: [["02", /^resumptionCount: needs 1 bytes, has 0/]],
  },
  encrypted_extensions: {
    accepts: [["02", 2]],
    refuses: [["02 01", /1 bytes after the end/]],
  },
});
