import { createHash, X509Certificate } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";
import type { DuplexOptions } from "node:stream";
import type {
  DetailedPeerCertificate,
  EphemeralKeyInfo as NodeKeyInfo,
  PeerCertificate,
} from "node:tls";
import type { Connection } from "../../connection/index.ts";
import {
  isVouchedFor,
  type Negotiated,
  type OfferedPsk,
  type PeerIdentity,
} from "../../handshake/index.ts";
import type { Certificate } from "../../identity/index.ts";
import { TlsError, toTlsError } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { linkIssuers } from "./identity-check.ts";
import { TlsSocketError } from "./socket-error.ts";
import { sharedAlgorithms } from "./shared-algorithms.ts";
import { bytesOfSession } from "./session-bytes.ts";
import { refuseEvent } from "./node-members.ts";
import type { OtherListener } from "./socket-events.ts";
import { SocketLike, type Transport } from "./socket-like.ts";
import { checkJudging } from "./socket-options.ts";
import type { JudgeAgainOptions, TlsSocketOptions } from "./wiring.ts";

/** What {@link NegotiatedSocket.getEphemeralKeyInfo} tells. */
export interface EphemeralKeyInfo extends Omit<NodeKeyInfo, "size"> {
  /** Name of the group: OpenSSL's for a curve, IANA's for a hybrid. */
  readonly name: string;
  /** Bits; absent for a group with a KEM. */
  readonly size?: number;
}

/** The names and sizes that OpenSSL has for curves. */
const nodeGroups: Readonly<Record<string, EphemeralKeyInfo>> = {
  x25519: { type: "ECDH", name: "X25519", size: 253 },
  x448: { type: "ECDH", name: "X448", size: 448 },
  secp256r1: { type: "ECDH", name: "prime256v1", size: 256 },
  secp384r1: { type: "ECDH", name: "secp384r1", size: 384 },
  secp521r1: { type: "ECDH", name: "secp521r1", size: 521 },
};

/** What a socket tells of its connection, in the words of `node:tls` where that has some. */
export abstract class NegotiatedSocket extends SocketLike {
  /** As in `node:tls`: tells it from a `net.Socket`. */
  readonly encrypted = true;
  readonly #judge: TlsSocketOptions["judge"];
  #session: OfferedPsk | undefined;
  /** How to judge once the handshake is over, if somebody has asked while it ran. */
  #laterOptions: JudgeAgainOptions | undefined;
  /** What a later judgement has come to. */
  #laterRole: { readonly role: string | undefined } | undefined;

  constructor(transport: Transport, options: DuplexOptions, judge: TlsSocketOptions["judge"]) {
    super(transport, options);
    this.#judge = judge;
  }

  /** As `EventEmitter.on`. @throws TypeError to whoever listens for what never comes */
  override on(event: string | symbol, listener: OtherListener): this {
    refuseEvent("TlsSocket", event);
    return super.on(event, listener as (...values: unknown[]) => void);
  }

  /** As {@link on}. */
  override addListener(event: string | symbol, listener: OtherListener): this {
    return this.on(event, listener);
  }

  /** The engine; `undefined` until the transport is connected. */
  abstract get connection(): Connection | undefined;

  /** All that was negotiated, once the handshake is over. */
  get negotiated(): Negotiated | undefined {
    return this.connection?.negotiated;
  }

  /**
   * The peer proved who it is, and somebody vouched for that: a path to a trusted certificate, trust in its very
   * key, or a verifier of the caller's that says so (`vouchedBy`).
   */
  get authorized(): boolean {
    return isVouchedFor(this.negotiated?.peer);
  }

  /** Why the peer is not authorized, where the options say to go on all the same; `null` where it is, or is nobody. */
  get authorizationError(): TlsSocketError | null {
    const peer: (PeerIdentity & { readonly problem?: TlsError }) | undefined =
      this.negotiated?.peer;
    if (peer === undefined || isVouchedFor(peer)) return null;
    const verifier = this.connection?.role === "client" ? "verifyServer" : "verifyClient";
    return new TlsSocketError(
      peer.problem ??
        new TlsError("certificate_unknown", "nobody vouched for the peer", {
          expected: `\`vouchedBy\` in the answer of \`${verifier}\``,
          where: verifier,
        }),
    );
  }

  /** The role that `authorize` gave to the peer, if it gave one. */
  get peerRole(): string | undefined {
    return this.#laterRole === undefined ? this.negotiated?.peerRole : this.#laterRole.role;
  }

  /** The application protocol; `false` if none was agreed on, `null` before. */
  get alpnProtocol(): string | false | null {
    return this.negotiated === undefined ? null : (this.negotiated.alpn ?? false);
  }

  /** The host name that the client asked for. */
  get servername(): string | false | null {
    return this.negotiated === undefined ? null : (this.negotiated.serverName ?? false);
  }

  /**
   * The key exchange, as in `node:tls`: `null` on a server, an empty object where there was none. A hybrid group has its
   * name here, and no size in bits.
   */
  getEphemeralKeyInfo(): EphemeralKeyInfo | Record<string, never> | null {
    if (this.connection?.role === "server") return null;
    const name = this.negotiated?.group;
    return name === undefined ? {} : (nodeGroups[name] ?? { type: "KEM", name });
  }

  /** As in `node:tls`; `null` before the handshake is over. */
  getProtocol(): "TLSv1.3" | null {
    return this.negotiated === undefined ? null : "TLSv1.3";
  }

  /** The cipher suite under IANA's name, as in `node:tls`. */
  getCipher(): { readonly name: string; readonly standardName: string; readonly version: string } {
    const name = this.negotiated?.cipherSuite ?? "";
    return { name, standardName: name, version: "TLSv1.3" };
  }

  /**
   * The peer's certificate in the form of `node:tls`; an empty object if it sent none. Of one that OpenSSL cannot
   * read, which it would not have accepted, only bytes, number, times and fingerprints are told, and no names.
   * @param detailed with those above it, each as `issuerCertificate`: as they were verified, else as they were sent
   */
  getPeerCertificate(detailed: true): DetailedPeerCertificate | Record<string, never>;
  /** As above; without the issuers where `detailed` is false, the default. */
  getPeerCertificate(detailed?: boolean): PeerCertificate | Record<string, never>;
  getPeerCertificate(detailed = false): PeerCertificate | Record<string, never> {
    const { chain = [], verified } = this.negotiated?.peer ?? {};
    const path = (verified?.path ?? chain).slice(0, detailed ? undefined : 1);
    const forms = path.map((each) => legacyForm(each) as DetailedPeerCertificate);
    if (detailed) linkIssuers(forms, path);
    return forms[0] ?? {};
  }

  /** `undefined` if the peer sent none, or one that OpenSSL cannot read. */
  getPeerX509Certificate(): X509Certificate | undefined {
    const leaf = this.negotiated?.peer?.chain[0];
    return leaf && readByOpenssl(leaf, (certificate) => certificate);
  }

  /** Our own certificate in the form of `node:tls`; an empty object where this handshake showed none. */
  getCertificate(): PeerCertificate | Record<string, never> {
    const leaf = this.negotiated?.ownChain?.[0];
    return leaf === undefined ? {} : legacyForm(leaf);
  }

  /** Our own certificate; `undefined` where this handshake showed none, or one that OpenSSL cannot read. */
  getX509Certificate(): X509Certificate | undefined {
    const leaf = this.negotiated?.ownChain?.[0];
    return leaf && readByOpenssl(leaf, (certificate) => certificate);
  }

  /**
   * The newest session as bytes, for the option `session`: whoever has them can resume it. `undefined` on a server, and
   * before the server has sent one.
   */
  getSession(): Buffer | undefined {
    return this.#session && bytesOfSession(this.#session);
  }

  /** The newest session's ticket, as the server wrote it. */
  getTLSTicket(): Buffer | undefined {
    return this.#session && Buffer.from(this.#session.identity);
  }

  /** The verify_data of our Finished (RFC 9846 §4.5.3); `undefined` before the handshake is over. */
  getFinished(): Buffer | undefined {
    return this.#verifyData("client", "server");
  }

  /** The verify_data of the peer's Finished; `undefined` before the handshake is over. */
  getPeerFinished(): Buffer | undefined {
    return this.#verifyData("server", "client");
  }

  /** @param forClient whose it is where we are the client */
  #verifyData(forClient: Role, forServer: Role): Buffer | undefined {
    const connection = this.connection;
    const data = connection?.verifyData(connection.role === "client" ? forClient : forServer);
    return data && Buffer.from(data);
  }

  /**
   * The signature algorithms that a client verifies and we know, by OpenSSL's names and in the client's order: `ECDSA+SHA256`.
   * Empty on a client, and for those of ML-DSA and SLH-DSA their own names.
   */
  getSharedSigalgs(): string[] {
    return sharedAlgorithms(this.negotiated?.peerSchemes ?? []);
  }

  /** Keeps the newest session, for {@link getSession}. */
  protected keepSession(session: OfferedPsk): void {
    this.#session = session;
  }

  /** Does nothing, as in `node:tls`: TLS 1.3 has no renegotiation. */
  disableRenegotiation(): void {}

  /** As in `node:tls`: true if a session is resumed. */
  isSessionReused(): boolean {
    return this.negotiated?.resumed ?? false;
  }

  /**
   * Keying material for other protocols (RFC 9846 §7.5).
   * @param length bytes wanted
   * @throws TlsError `misuse` before the handshake is over
   */
  exportKeyingMaterial(length: number, label: string, context = new Uint8Array(0)): Buffer {
    return Buffer.from(this.engine.exportKeyingMaterial(label, context, length));
  }

  /**
   * Judges the peer again, by the context's options as they are now: trust, revocation, `authorize`. The
   * connection of a peer that a new handshake would refuse ends with the same alert; so does one without a
   * verdict in time. During a handshake it goes on, and is judged when that is over.
   * @returns whether the connection goes on
   * @throws TypeError or RangeError for options that cannot be; the connection goes on
   */
  async judgeAgain(options: JudgeAgainOptions = {}): Promise<boolean> {
    checkJudging(options, "judgeAgain");
    const { timeout = 10_000, ...how } = options;
    const judge = this.#judge;
    if (this.negotiated === undefined) {
      this.#judgeWhenOpen(options);
      return !this.destroyed;
    }
    if (judge !== undefined) {
      try {
        this.#laterRole = { role: await inTime(judge(this.negotiated, how), timeout) };
      } catch (error) {
        this.abort(toTlsError(error));
      }
    }
    return this.connection?.state === "open";
  }

  /** What the peer was judged by may be old when the handshake is over. */
  #judgeWhenOpen(options: JudgeAgainOptions): void {
    if (this.#laterOptions === undefined) {
      this.prependOnceListener("secure", () => void this.judgeAgain(this.#laterOptions));
    }
    this.#laterOptions = options;
  }

  /** Ends the connection with an alert. */
  protected abstract abort(error: TlsError): void;

  /** The connection, for methods that make no sense without one. @throws TlsError `misuse` before the transport is connected */
  protected get engine(): Connection {
    if (this.connection === undefined) throw new TlsError("misuse", "there is no connection yet");
    return this.connection;
  }
}

/** OpenSSL reads more strictly than we do in some things, and a peer must not make a getter throw. */
function readByOpenssl<T>(
  { der }: Certificate,
  use: (certificate: X509Certificate) => T,
): T | undefined {
  try {
    return use(new X509Certificate(der));
  } catch {
    return undefined;
  }
}

const legacyForm = (certificate: Certificate): PeerCertificate =>
  readByOpenssl(certificate, (read) => read.toLegacyObject()) ?? withoutNames(certificate);

function withoutNames({ der, serialNumber, notBefore, notAfter }: Certificate): PeerCertificate {
  const fingerprint = (hash: string): string =>
    createHash(hash)
      .update(der)
      .digest("hex")
      .toUpperCase()
      .replace(/..(?=.)/g, "$&:");
  const known: Partial<PeerCertificate> = {
    raw: Buffer.from(der),
    serialNumber: Buffer.from(serialNumber).toString("hex").toUpperCase(),
    valid_from: new Date(notBefore).toUTCString(),
    valid_to: new Date(notAfter).toUTCString(),
    fingerprint: fingerprint("sha1"),
    fingerprint256: fingerprint("sha256"),
    fingerprint512: fingerprint("sha512"),
    subject: {},
    issuer: {},
  };
  return known as PeerCertificate;
}

/** A question that nobody answers is answered by no. */
async function inTime<T>(verdict: Promise<T>, timeout: number): Promise<T> {
  const answered = new AbortController();
  try {
    const late = after(timeout, undefined, { signal: answered.signal, ref: false }).then(() => {
      throw new TlsError("access_denied", `there was no verdict after ${timeout} milliseconds`, {
        rule: "authorization",
      });
    });
    return await Promise.race([verdict, late]);
  } finally {
    answered.abort();
  }
}
