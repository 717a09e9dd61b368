import type { EpochName, Observer, RecordFact } from "../../record/index.ts";
import type { Role } from "../../schedule/index.ts";

/** What one end sent, in order. */
export type Sent =
  | {
      readonly from: Role;
      readonly kind: "message";
      /** Header included. */
      readonly raw: Uint8Array;
      readonly epoch: EpochName;
    }
  | { readonly from: Role; readonly kind: "record"; readonly record: RecordFact };

/** Writes down what an end sends, at all times. The caller's own observer is told everything as before. */
export function watchSent(role: Role, sent: Sent[], inner?: Observer): Observer {
  return {
    message(direction, raw, epoch) {
      if (direction === "sent") sent.push({ from: role, kind: "message", raw, epoch });
      inner?.message?.(direction, raw, epoch);
    },
    record(direction, record) {
      if (direction === "sent") sent.push({ from: role, kind: "record", record });
      inner?.record?.(direction, record);
    },
  };
}

/**
 * Watches a handshake from one end, where the other is not ours: what that end sends, and what it
 * receives. Nothing after the handshake is kept.
 */
export function watchHandshake(role: Role, sent: Sent[]): Observer {
  const senderOf = { sent: role, received: role === "client" ? "server" : "client" } as const;
  const isHandshake = (epoch: EpochName): boolean => epoch === "plaintext" || epoch === "handshake";
  return {
    message(direction, raw, epoch) {
      if (isHandshake(epoch)) sent.push({ from: senderOf[direction], kind: "message", raw, epoch });
    },
    record(direction, record) {
      if (isHandshake(record.epoch))
        sent.push({ from: senderOf[direction], kind: "record", record });
    },
  };
}
