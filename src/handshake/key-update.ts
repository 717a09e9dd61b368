import type { Message } from "../messages/index.ts";
import { KeyUpdateRequest, nameOf, TlsError } from "../registry/index.ts";
import type { OpenCarrier } from "./carrier.ts";

/** A KeyUpdate of the peer (RFC 9846 §4.7.3). */
export function followKeyUpdate(link: OpenCarrier, { body }: Message<"key_update">): void {
  // §4.7.3: no other values
  if (body.requestUpdate > KeyUpdateRequest.update_requested) {
    throw new TlsError("illegal_parameter", "an unknown KeyUpdateRequest", {
      received: nameOf(KeyUpdateRequest, body.requestUpdate, 2),
      where: "key_update.requestUpdate",
      section: "RFC 9846 §4.7.3",
    });
  }
  link.followKeyUpdate(body.requestUpdate);
}
