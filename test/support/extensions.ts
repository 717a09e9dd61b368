import type { Extension, ExtensionContext } from "../../src/messages/index.ts";
import * as exported from "../../src/extensions/index.ts";

/** Every extension that the engine declares. */
export const declaredExtensions: readonly Extension[] = Object.values(exported).filter(
  (value): value is Extract<typeof value, Extension> =>
    typeof value === "object" && "bodies" in value,
);

export const extensionContexts = [
  "client_hello",
  "server_hello",
  "hello_retry_request",
  "encrypted_extensions",
  "certificate",
  "certificate_request",
  "new_session_ticket",
] as const satisfies readonly ExtensionContext[];
