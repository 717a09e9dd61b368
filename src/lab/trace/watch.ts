import type { EpochName, Observer } from "../../record/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import type { TracedMessage, TracedRecord } from "./reader.ts";

/** What one end sent, as far as an observer is told: without the bytes of records. */
export type Sent =
  | Pick<TracedMessage, "from" | "kind" | "raw" | "epoch">
  | Pick<TracedRecord, "from" | "kind" | "record">;

/**
 * Watches a handshake from one end, where the other is not ours: what that end sends, and what it
 * receives. Nothing after the handshake is kept.
 */
export function watchHandshake(role: Role, sent: Sent[]): Observer {
  const senderOf = { sent: role, received: otherRole(role) } as const;
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
