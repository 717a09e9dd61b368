export { hkdfExpandLabel, hkdfExtract } from "./hkdf.ts";
export { keyLogLine, type KeyLogLabel } from "./key-log.ts";
export { SecretOwner, type SecretOwners, type Wipeable } from "./owner.ts";
export {
  AcceptedPeer,
  isThenable,
  isVouchedFor,
  type PeerIdentity,
  type PeerQuestion,
  vouchedChain,
  voucherOf,
  type VerifyPeer,
} from "./peer.ts";
export {
  type BinderProof,
  BoundEarlyData,
  certificateVerifyContent,
  PeerAuthentication,
  type PeerOf,
  type PossessionProof,
  otherRole,
  type Role,
  VerifiedFinished,
} from "./proof.ts";
export {
  ApplicationTraffic,
  EarlySecret,
  ExporterSecret,
  HandshakeSecret,
  HandshakeTraffic,
  MainSecret,
  type PskKind,
  ResumptionSecret,
  TrafficSecret,
} from "./secrets.ts";
export { Transcript, TranscriptBuffer } from "./transcript.ts";
