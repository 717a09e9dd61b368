import type { ErrorCode } from "../../registry/index.ts";
import type { Facts } from "../facts.ts";
import type { Suspicion } from "../finding.ts";

const proofs: readonly ErrorCode[] = [
  "bad_record_mac",
  "bad_signature",
  "bad_finished",
  "bad_binder",
];
const alerts = /alert (bad_record_mac|decrypt_error) /;

/**
 * Signature, Finished and the record keys all cover the transcript: where one of them is wrong during a
 * handshake, the two ends have not seen the same messages, or the peer has not the key that it claims.
 */
export function tampered({ error, negotiated }: Facts): Suspicion | undefined {
  if (error === undefined || negotiated !== undefined) return undefined;
  const isTold = error.code === "peer_alert" && alerts.test(error.detail.received ?? "");
  if (!proofs.includes(error.code) && !isTold) return undefined;
  return {
    severity: "alarm",
    evidence: isTold
      ? `the peer said ${error.detail.received} during the handshake: it has not seen what we sent`
      : `${error.code} during the handshake: the transcripts differ, or the peer has not the key that it claims`,
  };
}
