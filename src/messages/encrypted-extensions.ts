import { struct, type ValueOf } from "../wire/index.ts";
import { extensionBlock } from "./extension-block.ts";

/** EncryptedExtensions (RFC 9846 §4.4.1). */
export const EncryptedExtensions = struct({ extensions: extensionBlock("encrypted_extensions") });
export type EncryptedExtensions = ValueOf<typeof EncryptedExtensions>;
