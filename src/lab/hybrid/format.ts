/**
 * The project's own test vectors: whole handshakes, and shares that are wrong.
 * `vectors/hybrid/schema.json` says the same to a machine, `docs/vectors.md` to a reader.
 */
import type { AlertName } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";

/** Bytes in lower-case hexadecimal. */
export type Hex = string;

export const handshakeFormat = "kemistry handshakes";
export const shareFormat = "kemistry shares";
export const formatVersion = 1;

/** Whole handshakes with one group. */
export interface HandshakeFile extends Heading {
  /** Name and version of the format. */
  readonly format: typeof handshakeFormat;
  /** One for each kind of handshake and each suite. */
  readonly handshakes: readonly HandshakeVector[];
}

/** Shares of one group that are wrong, and what must become of them. */
export interface ShareFile extends Heading {
  /** Name and version of the format. */
  readonly format: typeof shareFormat;
  /** The handshake into which the wrong shares are put. */
  readonly handshake: HandshakeVector;
  /** The wrong shares. */
  readonly shares: readonly ShareVector[];
}

interface Heading {
  readonly version: typeof formatVersion;
  readonly license: "MIT";
  /** Where the bytes come from: all from a seed, or some from another implementation. */
  readonly origin: Origin;
  readonly group: GroupFacts;
  /** By signature scheme. */
  readonly identities: Readonly<Record<string, Identities>>;
}

/** Where a file of vectors comes from: this engine, or a recorded peer. */
export type Origin =
  | { readonly kind: "generated"; readonly seed: string }
  | { readonly kind: "recorded"; readonly peer: string };

/** A key exchange group, as a file of vectors names it. */
export interface GroupFacts {
  /** IANA's name, or the draft's. */
  readonly name: string;
  /** NamedGroup. */
  readonly code: number;
  /** KEMs in the order of both shares and of the secret. */
  readonly components: readonly string[];
}

/** Certificates of one signature scheme: X.509 and PKCS#8 in DER. */
export interface Identities {
  /** The certificate that both chains lead to. */
  readonly authority: Hex;
  /** The server's chain and key. */
  readonly server: IdentityFacts;
  /** The client's chain and key. */
  readonly client: IdentityFacts;
}

/** A certificate chain with the leaf's private key. */
export interface IdentityFacts {
  /** Leaf first, without the authority. */
  readonly chain: readonly Hex[];
  /** PKCS #8 in DER. */
  readonly privateKey: Hex;
}

export const handshakeKinds = ["full", "retry", "resumed", "mutual"] as const;
/** `psk`: from a key that both ends have beforehand. */
export type HandshakeKind = (typeof handshakeKinds)[number] | "psk";

export const featureNames = [
  "protocol",
  "early data",
  "resumed retry",
  "external key",
  "imported key",
  "key update",
  "later authentication",
  "record limits",
  "many records",
] as const;
/** What a handshake of vectors has beside its kind. */
export type FeatureName = (typeof featureNames)[number];

/** What a feature adds to what determines a handshake. */
export interface FeatureFacts {
  /** What both ends offer (RFC 7301), the best first. */
  readonly alpn?: readonly string[];
  /** Bytes that the server takes, and that its tickets allow. */
  readonly earlyData?: number;
  /** What the client sends before the server has answered. */
  readonly early?: Hex;
  /** Of both ends (RFC 8449). */
  readonly recordSizeLimit?: number;
  /** Both ends pad the inner plaintext to a multiple of so many bytes. */
  readonly padding?: number;
  /** What both ends export beside `exported`. */
  readonly exports?: readonly ExportRequest[];
}

/** Keying material to be exported (RFC 9846 §7.5). */
export interface ExportRequest {
  /** Which secret is exported from: `exporter_secret`, or that of 0-RTT data. */
  readonly secret: "exporter" | "earlyExporter";
  /** The label, without its prefix. */
  readonly label: string;
  /** The context value; may be empty. */
  readonly context: Hex;
  /** Bytes. */
  readonly length: number;
}

/** What determines a handshake. */
export interface HandshakeInputs extends FeatureFacts {
  /** Unique in its file. */
  readonly name: string;
  /** `retry`: with a HelloRetryRequest; `mutual`: the client has a certificate too. */
  readonly kind: HandshakeKind;
  /** What it is for, beside its kind. */
  readonly feature?: FeatureName;
  /** Index of the component whose shared secret begins with a zero byte. */
  readonly leadingZero?: number;
  /** IANA's name of the cipher suite. */
  readonly suite: string;
  /** The scheme of every CertificateVerify; it names the identities. */
  readonly signature: string;
  /** The host name in the ClientHello, and in the server's certificate. */
  readonly serverName: string;
  /** Both clocks, in milliseconds since the epoch. */
  readonly time: number;
  /** The ends that are ours, and the seed of each. */
  readonly seeds: Readonly<Partial<Record<Role, string>>>;
  /** Names of the groups in the client's supported_groups, and in its first key_share. */
  readonly offer: { readonly groups: readonly string[]; readonly shares: readonly string[] };
  /** What the client resumes. */
  readonly session?: SessionFacts;
  /** `psk`: what both ends have. */
  readonly key?: KeyFacts;
}

/** A key that both ends have beforehand. */
export interface KeyFacts {
  /** In the ClientHello. */
  readonly identity: Hex;
  /** What the key schedule begins with. */
  readonly psk: Hex;
  /** What the binder in the ClientHello is made with (RFC 9846 §7.1). */
  readonly binderKey: Hex;
  /** What it was imported from (RFC 9258 §5.1), with the suite's hash as its target. */
  readonly imported?: {
    readonly identity: Hex;
    readonly secret: Hex;
    readonly context: Hex;
  };
}

/** A session that is resumed: its ticket, and what both ends keep of it. */
export interface SessionFacts {
  /** Name of the handshake in the same file that the ticket came from. */
  readonly from: string;
  /** The ticket, as the client offers it. */
  readonly ticket: Hex;
  /** The resumption PSK. */
  readonly psk: Hex;
  /** What the binder in the ClientHello is made with (RFC 9846 §7.1). */
  readonly binderKey: Hex;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds. */
  readonly lifetime: number;
  /** ticket_age_add (RFC 9846 §4.7.1). */
  readonly ageAdd: number;
  /** Bytes that the ticket allows. */
  readonly maxEarlyData?: number;
}

/** What an end is made from, beside its role. */
export interface VectorPlan {
  /** The key-exchange group. */
  readonly group: GroupFacts;
  /** Chains and keys, by the signature scheme. */
  readonly identities: Readonly<Record<string, Identities>>;
  /** All else that the handshake follows from. */
  readonly inputs: HandshakeInputs;
}

/** A whole handshake: what determines it, and every byte, secret and key that follows. */
export interface HandshakeVector extends HandshakeInputs {
  /** What both ends agreed on. */
  readonly negotiated: NegotiatedParts;
  /** The key exchange, with both shares and the secret. */
  readonly exchange: Exchange;
  /** `retry`: the share of the first ClientHello, which the server did not want. */
  readonly refused?: { readonly group: GroupFacts; readonly components: readonly Component[] };
  /** Every handshake message, in the order in which they were sent. */
  readonly messages: readonly MessageFactsHex[];
  /** Every byte on the wire: what each end sends before the other sends again. */
  readonly flights: readonly FlightBytes[];
  /** Application data of each end. */
  readonly data: Readonly<Record<Role, Hex>>;
  /** Secrets of the key schedule (RFC 9846 §7.1), by name. */
  readonly secrets: Readonly<Record<SecretName, Hex> & Partial<Record<FurtherSecretName, Hex>>>;
  /** The key and IV of each traffic secret. */
  readonly trafficKeys: Readonly<
    Record<TrafficName, TrafficKeys> & Partial<Record<FurtherTrafficName, TrafficKeys>>
  >;
  /** What both ends export under the label `EXPERIMENTAL kemistry` with an empty context. */
  readonly exported: Hex;
  /** What both export besides. */
  readonly exports?: readonly (ExportRequest & { readonly bytes: Hex })[];
  /** What the other implementation wrote to its key log (RFC 9850). */
  readonly peerKeyLog?: readonly string[];
}

/** What a handshake negotiated. */
export interface NegotiatedParts {
  /** IANA's name of the cipher suite. */
  readonly cipherSuite: string;
  /** Name of the key-exchange group. */
  readonly group: string;
  /** A HelloRetryRequest came between. */
  readonly retried: boolean;
  /** A session's PSK was used. */
  readonly resumed: boolean;
  /** Of the server's CertificateVerify; `null` if there was none. */
  readonly serverSignature: string | null;
  /** Of the client's CertificateVerify; `null` if there was none. */
  readonly clientSignature: string | null;
  /** The application protocol; absent if none was agreed on. */
  readonly alpn?: string;
}

/** The key exchange: shares and secret are the components', one behind the other. */
export interface Exchange {
  /** The key_exchange of the client's KeyShareEntry. */
  readonly clientShare: Hex;
  /** The key_exchange of the server's KeyShareEntry. */
  readonly serverShare: Hex;
  /** What goes into the key schedule. */
  readonly sharedSecret: Hex;
  /** The KEMs of the group, in its order. */
  readonly components: readonly Component[];
}

/** One KEM. What only another implementation knows is absent. */
export interface Component {
  /** Name of the KEM. */
  readonly kem: string;
  /** As `Kem.importKeyPair` takes it: X25519 bytes, a big-endian scalar, or d ‖ z of ML-KEM. */
  readonly privateKey?: Hex;
  /** Of the client's key pair. */
  readonly publicKey: Hex;
  /** As `Kem.encapsulateWith` takes it: the server's private key, or m of ML-KEM. */
  readonly randomness?: Hex;
  /** Of (EC)DH the server's public key. Absent where the server never answered. */
  readonly ciphertext?: Hex;
  /** Its part of the secret. */
  readonly sharedSecret?: Hex;
}

/** A handshake message with its header. */
export interface MessageFactsHex {
  /** The end that sent it. */
  readonly from: Role;
  /** The RFC's name; `hello_retry_request` is one. */
  readonly type: string;
  /** The keys that protect it. */
  readonly epoch: string;
  /** The whole message with its header. */
  readonly bytes: Hex;
}

/** Bytes on the wire that one end sends before the other sends again. */
export interface FlightBytes {
  /** The end that sent them. */
  readonly from: Role;
  /** Records, one behind the other. */
  readonly bytes: Hex;
}

/** In the order of RFC 9846 §7.1. */
export const secretNames = [
  "early",
  "handshake",
  "clientHandshakeTraffic",
  "serverHandshakeTraffic",
  "main",
  "clientApplicationTraffic",
  "serverApplicationTraffic",
  "exporter",
  "resumption",
] as const;
/** A secret that every handshake has. */
export type SecretName = (typeof secretNames)[number];
/** A traffic secret that every handshake has. */
export type TrafficName = Extract<SecretName, `${string}Traffic`>;

/** Of handshakes with 0-RTT data, and of connections whose keys were updated (RFC 9846 §7.2). */
export const furtherSecretNames = [
  "clientEarlyTraffic",
  "earlyExporter",
  "clientUpdatedTraffic",
  "serverUpdatedTraffic",
] as const;
/** A secret that only handshakes with 0-RTT data or key updates have. */
export type FurtherSecretName = (typeof furtherSecretNames)[number];
/** A traffic secret that only handshakes with 0-RTT data or key updates have. */
export type FurtherTrafficName = Extract<FurtherSecretName, `${string}Traffic`>;

/** What protects records, derived from a traffic secret (RFC 9846 §7.3). */
export interface TrafficKeys {
  /** The AEAD's key. */
  readonly key: Hex;
  /** The static part of each record's nonce (RFC 9846 §5.3). */
  readonly iv: Hex;
}

/** One way in which a share can be wrong. */
export interface ShareVector {
  /** Unique in its file. */
  readonly name: string;
  /** Whose share it is; the other end judges it. */
  readonly from: Role;
  /** The share. Absent where the share is right and the message around it is not. */
  readonly share?: Hex;
  /** The ClientHello or ServerHello that carries it, header included. */
  readonly hello: Hex;
  /** What the one who judges sends, or the client if the share itself cannot be told from a right one. */
  readonly alert: AlertName;
  /** Where the rule stands. */
  readonly section: string;
  /** The rule is for the one who sends; the other may overlook it. */
  readonly optional?: true;
  /** Where the share is taken: the secret to which it leads with the keys of the handshake. */
  readonly sharedSecret?: Hex;
}
