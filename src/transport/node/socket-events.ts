/** The events of sockets and servers with what they bring, so that a listener that takes something else does not compile. */
import type * as net from "node:net";
import type { Finding } from "../../detection/index.ts";
import type { SocketError } from "./socket-error.ts";
import type { OfferedPsk, PeerIdentity } from "../../handshake/index.ts";

/** Of a {@link TlsSocket}, beside those of a Duplex. */
export interface TlsSocketEvents {
  /** The transport is connected. */
  connect: [];
  ready: [];
  lookup: [error: Error | null, address: string, family: number | null, host: string];
  /** The handshake is over. */
  secure: [];
  /** The handshake of a client is over. */
  secureConnect: [];
  /** What a later connection can resume. */
  session: [session: OfferedPsk];
  /** The answer to `requestCertificate()`. */
  peer: [peer: PeerIdentity | undefined];
  /** What is weaker than it could be. */
  finding: [finding: Finding];
  /** A line of the key log with its end. */
  keylog: [line: Buffer];
  timeout: [];
  close: [];
  data: [chunk: Buffer];
  drain: [];
  end: [];
  /** The socket is destroyed. */
  error: [error: SocketError];
  finish: [];
}

/** Of a {@link TlsServer}, beside those of a `net.Server`. */
export interface TlsServerEvents<Socket> {
  /** Its handshake is over. */
  secureConnection: [socket: Socket];
  /** Its handshake failed, or later it failed and nobody listened for that. */
  tlsClientError: [error: SocketError, socket: Socket];
  keylog: [line: Buffer, socket: Socket];
  /** A session that the application keeps: its bytes hold the secret. Nothing is sent before `kept` is called. */
  newSession: [identifier: Buffer, session: Buffer, kept: () => void];
  /** A client brings the identifier of a session: `null` is one that is not known. */
  resumeSession: [
    identifier: Buffer,
    answer: (error: Error | null, session?: Uint8Array | null) => void,
  ];
  close: [];
  connection: [transport: net.Socket];
  drop: [addresses: net.DropArgument];
  error: [error: Error];
  listening: [];
}

/** The events' names, which an editor can then offer, and any other. */
export type EventName<Events> = keyof Events | (string & {}) | symbol;

/**
 * A listener for one of these events takes what that brings, and may have room for more, as the `resolve` of a promise has. One
 * for another event is not looked at.
 */
export type ListenerFor<Events, E> = E extends keyof Events
  ? (...values: Events[E] extends readonly unknown[] ? [...Events[E], ...never[]] : never) => void
  : OtherListener;

/** A listener for any other event. */
export type OtherListener = (...values: never[]) => void;
