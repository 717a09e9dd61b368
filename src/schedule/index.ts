export { hkdfExpandLabel, hkdfExtract } from "./hkdf.ts";
export { keyLogLine, type KeyLogLabel } from "./key-log.ts";
export {
  certificateVerifyContent,
  PeerAuthentication,
  type Role,
  VerifiedFinished,
} from "./proof.ts";
export {
  EarlySecret,
  ExporterSecret,
  HandshakeSecret,
  MainSecret,
  type PskKind,
  ResumptionSecret,
  TrafficSecret,
} from "./secrets.ts";
export { Transcript, TranscriptBuffer } from "./transcript.ts";
