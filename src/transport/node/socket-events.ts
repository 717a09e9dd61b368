/** The events of sockets and servers with what they bring, so that a listener that takes something else does not compile. */
import type * as net from "node:net";
import type { Finding } from "../../detection/index.ts";
import type { SocketError } from "./socket-error.ts";
import type { OfferedPsk, PeerIdentity } from "../../handshake/index.ts";

/** Of a {@link TlsSocket}, beside those of a Duplex. */
export interface TlsSocketEvents {
  /** The transport is connected. */
  connect: [];
  /** As of a `net.Socket`: it can be used. */
  ready: [];
  /** As of a `net.Socket`: a host name was resolved, or not. */
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
  /** There was no traffic for as long as `setTimeout` says. */
  timeout: [];
  /** As of a Duplex. */
  close: [];
  /** As of a Duplex. */
  data: [chunk: Buffer];
  /** As of a Duplex. */
  drain: [];
  /** The peer has sent close_notify. */
  end: [];
  /** The socket is destroyed. */
  error: [error: SocketError];
  /** As of a Duplex: all was written, and close_notify is sent. */
  finish: [];
}

/** Of a {@link TlsServer}, beside those of a `net.Server`. */
export interface TlsServerEvents<Socket> {
  /** Its handshake is over. */
  secureConnection: [socket: Socket];
  /** Its handshake failed, or later it failed and nobody listened for that. */
  tlsClientError: [error: SocketError, socket: Socket];
  /** A line of the key log with its end (RFC 9850), and the socket that it is of. */
  keylog: [line: Buffer, socket: Socket];
  /** A session that the application keeps: its bytes hold the secret. Nothing is sent before `kept` is called. */
  newSession: [identifier: Buffer, session: Buffer, kept: () => void];
  /** A client brings the identifier of a session: `null` is one that is not known. */
  resumeSession: [
    identifier: Buffer,
    answer: (error: Error | null, session?: Uint8Array | null) => void,
  ];
  /** As of a `net.Server`. */
  close: [];
  /** As of a `net.Server`: a transport, before its handshake. */
  connection: [transport: net.Socket];
  /** As of a `net.Server`: a connection beyond `maxConnections`. */
  drop: [addresses: net.DropArgument];
  /** As of a `net.Server`. */
  error: [error: Error];
  /** As of a `net.Server`. */
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
