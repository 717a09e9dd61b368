/** The keys of a handshake, by the messages that they depend on (RFC 9846 §7.1), and its Finished (§4.5.3). */
import type { Hash } from "../crypto/index.ts";
import { TlsError } from "../registry/index.ts";
import {
  type ApplicationTraffic,
  type DerivedSecret,
  type EarlySecret,
  type ExporterSecret,
  HandshakeSecret,
  type HandshakeTraffic,
  type MainSecret,
  type SecretOwners,
  type TrafficSecret,
  type Transcript,
} from "../schedule/index.ts";
import { type Carrier, send } from "./carrier.ts";
import { expect, type Handshake } from "./coroutine.ts";
import type { KeyLogger } from "./key-logger.ts";

/** §7.1: from the PSK and the exchange, from the exchange alone, or from the PSK alone. */
export function extractHandshakeSecret(
  hash: Hash,
  early: EarlySecret | undefined,
  sharedSecret: Uint8Array | undefined,
  owners: SecretOwners,
): HandshakeSecret {
  if (early !== undefined) return early.handshake(sharedSecret);
  if (sharedSecret === undefined) {
    throw new TlsError("internal", "neither a PSK nor a key exchange was negotiated");
  }
  return HandshakeSecret.withoutPsk(hash, sharedSecret, owners);
}

/** After ServerHello. What comes after depends on how the server authenticates. */
export function handshakeKeys(
  secret: HandshakeSecret,
  transcript: Transcript,
  keyLog: KeyLogger,
): { readonly traffic: HandshakeTraffic; readonly derived: DerivedSecret } {
  const traffic = secret.traffic(transcript.current());
  const derived = traffic.derived();
  secret.wipe();
  keyLog.traffic("HANDSHAKE_TRAFFIC_SECRET", traffic);
  return { traffic, derived };
}

/** After the server's Finished. */
export function applicationKeys(
  main: MainSecret,
  transcript: Transcript,
  keyLog: KeyLogger,
): { readonly traffic: ApplicationTraffic; readonly exporter: ExporterSecret } {
  const traffic = main.traffic(transcript.current());
  const exporter = main.exporter(transcript.current());
  keyLog.traffic("TRAFFIC_SECRET_0", traffic);
  keyLog.exporter("EXPORTER_SECRET", exporter);
  return { traffic, exporter };
}

/** A Finished of ours, keyed by our handshake traffic secret. @returns its verify_data */
export function sendFinished(
  link: Carrier,
  secret: TrafficSecret,
  transcript: Transcript,
): Uint8Array {
  const verifyData = secret.verifyData(transcript.current());
  transcript.add(send(link, "finished", { verifyData }));
  return verifyData;
}

/** A Finished as it came, and the transcript hash that it covers. */
export interface ReceivedFinished {
  readonly verifyData: Uint8Array;
  readonly transcriptHash: Uint8Array;
}

/** Awaits the peer's Finished. It proves nothing before {@link VerifiedFinished.verify} has said so. */
export function* expectFinished(transcript: Transcript): Handshake<ReceivedFinished> {
  const finished = yield* expect("finished");
  const transcriptHash = transcript.current();
  transcript.add(finished.raw);
  // A copy: it outlives the message
  return { verifyData: finished.body.verifyData.slice(), transcriptHash };
}
