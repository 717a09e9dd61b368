export { hkdfExpandLabel, hkdfExtract } from "./hkdf.ts";
export { decapsulated, Encapsulated, type Encapsulation, type Schedule } from "./encapsulated.ts";
export {
  AuthenticatedSecret,
  type AuthenticatedTraffic,
  KemEarlySecret,
  KemMainSecret,
  KemSecret,
} from "./kem-secrets.ts";
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
  VerifiedFinished,
} from "./proof.ts";
export { otherRole, type Role } from "./role.ts";
export {
  ApplicationTraffic,
  DerivedSecret,
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
