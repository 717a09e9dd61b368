/** What an implementation must offer so that the vectors can be replayed against it. */
import type { HashName } from "../../crypto/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { VectorPlan, GroupFacts, NegotiatedParts } from "./format.ts";
import type { OpenRecord } from "./records.ts";
import type { ExportInput, PskOrigin, ScheduleInput, Secrets } from "./secrets.ts";

/**
 * An implementation under test. Every member beside the name is optional: what is absent is not
 * replayed, and shows as skipped.
 */
export interface Adapter {
  /** The implementation's name, for reports. */
  readonly name: string;
  /** A client's share from given private keys, one for each component in the group's order. */
  clientShare?(group: GroupFacts, privateKeys: readonly Uint8Array[]): ClientShare;
  /**
   * A server's answer with given randomness, one for each component: a private key of (EC)DH, the
   * message m of ML-KEM.
   * @throws Refused for a share that breaks a rule
   */
  serverShare?(
    group: GroupFacts,
    clientShare: Uint8Array,
    randomness: readonly Uint8Array[],
  ): ServerShare;
  /** The key schedule: any of the secrets. */
  secrets?(hash: HashName, input: ScheduleInput): Partial<Secrets>;
  /** The secret with whose Finished key a PSK is bound (RFC 9846 §7.1, RFC 9258 §5.2). */
  binderKey?(hash: HashName, psk: Uint8Array, origin: PskOrigin): Uint8Array;
  /** What an exporter secret gives (RFC 9846 §7.5). */
  exportKeyingMaterial?(
    hash: HashName,
    exporter: Uint8Array,
    { label, context, length }: ExportInput,
  ): Uint8Array;
  /** Opens a protected record (RFC 9846 §5.2). */
  openRecord?: OpenRecord;
  /** A whole end whose every byte follows from the plan. */
  connect?(plan: VectorPlan, role: Role): AdapterEnd;
}

/** A client's key share of a group, and what it makes of the server's. */
export interface ClientShare {
  /** The key_exchange of the client's KeyShareEntry. */
  readonly share: Uint8Array;
  /** What the server's share makes of it, for the key schedule. @throws Refused for a share that breaks a rule */
  sharedSecret(serverShare: Uint8Array): Uint8Array;
}

/** A server's key share of a group, with the secret that both ends now have. */
export interface ServerShare {
  /** The key_exchange of the server's KeyShareEntry. */
  readonly share: Uint8Array;
  /** What goes into the key schedule. */
  readonly sharedSecret: Uint8Array;
}

/** One end of a connection, without I/O. */
export interface AdapterEnd {
  /** Begins: a client then has its first flight to send. */
  start(): void;
  /** Takes bytes from the other end, in pieces of any size. */
  receive(bytes: Uint8Array): void;
  /** What it sends, each piece once. */
  takeOutput(): readonly Uint8Array[];
  /** Of a client that sends 0-RTT data, called once before it has an answer. */
  write(data: Uint8Array): void;
  /** Says that it has sent all: close_notify. */
  close(): void;
  /** Changes its sending keys, and asks the other end for the same (RFC 9846 §4.7.3). Absent if it cannot. */
  updateKeys?(): void;
  /** Of a server, once it is open (§4.7.2). Absent if it cannot. */
  requestCertificate?(): void;
  /** The alert with which it ended the connection, if it did. */
  alert(): string | undefined;
  /** Lines of its key log (RFC 9850). */
  keyLog(): readonly string[];
  /** What it exports, asked when both ends have finished; absent if it cannot. */
  exportKeyingMaterial?(label: string, context: Uint8Array, length: number): Uint8Array;
  /** The same for 0-RTT data. */
  exportEarlyKeyingMaterial?(label: string, context: Uint8Array, length: number): Uint8Array;
  /** What was negotiated, asked when both ends have finished; absent if it cannot tell. */
  negotiated?(): NegotiatedParts;
}

/** The implementation refuses a share, as it would with an alert. */
export class Refused extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "Refused";
}

/** The implementation has no way in for what is asked: the check is skipped, with this reason. */
export class Unsupported extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "Unsupported";
}
