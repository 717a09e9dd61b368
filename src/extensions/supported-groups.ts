import { NamedGroup } from "../registry/index.ts";
import { code, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const NamedGroupList = list(code(uint16, NamedGroup), 2, 0xffff);

/** RFC 9846 §4.3.7: groups in order of preference. */
export const supported_groups = extension("supported_groups", {
  client_hello: NamedGroupList,
  encrypted_extensions: NamedGroupList,
});
