import { ProtocolVersion } from "../registry/index.ts";
import { code, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const version = code(uint16, ProtocolVersion);

/** RFC 9846 §4.3.1: versions in order of preference; the answer names the one in use. */
export const supported_versions = extension("supported_versions", {
  client_hello: list(version, 2, 254),
  server_hello: version,
  hello_retry_request: version,
});
