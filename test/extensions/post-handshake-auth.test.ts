import { post_handshake_auth } from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";

// RFC 9846 §4.3.6
describeExtension(post_handshake_auth, {
  client_hello: { accepts: [["", true]], refuses: [["01", /1 bytes after the end/]] },
});
