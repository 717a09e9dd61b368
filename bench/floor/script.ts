/**
 * The floor under a handshake: the calls of cryptography that both ends cannot do without, in the
 * order in which the handshake makes them, and nothing else. What the engine takes beyond it is its own
 * work.
 */

/** Raw calls of one library, each by the fastest way that is known. Results are thrown away. */
export interface Primitives {
  /** Draws 32 bytes: a hello's random, or a session id. */
  random(): void;
  exchanges: Readonly<Record<FloorGroup, FloorExchange>>;
  /** A running SHA-256. */
  startHash(): unknown;
  update(hash: unknown, message: Uint8Array): void;
  /** Reads the hash, which goes on. */
  snapshot(hash: unknown): void;
  /** HMAC-SHA256 over `length` bytes with a 32-byte key. */
  hmac(length: number): void;
  /** SHA-256 in one call. */
  digest(message: Uint8Array): void;
  /** Sets an AES-128-GCM key up. */
  importAeadKey(): void;
  /** Seals a flight of `length` bytes. */
  seal(length: number): void;
  /** Opens what {@link seal} makes. */
  open(length: number): void;
  /** Opens a session ticket of ours: AES-256-GCM with a key that is set up, 120 bytes and their tag. */
  openTicket(): void;
  /** ECDSA P-256 over what a CertificateVerify signs. */
  sign(): void;
  /** With a public key that was imported before: the engine keeps those of a chain that it knows. */
  verify(): void;
}

export type FloorGroup = "x25519" | "X25519MLKEM768";

export interface FloorExchange<Pair = unknown, Share = unknown> {
  generate(): Pair;
  encapsulate(pair: Pair): Share;
  decapsulate(pair: Pair, share: Share): void;
}

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);

/** The messages of a full handshake, 3.2 kB in all. */
const full = {
  X25519MLKEM768: { clientHello: bytes(1384), serverHello: bytes(1210) },
  x25519: { clientHello: bytes(200), serverHello: bytes(122) },
};
const certificate = bytes(473);
const certificateVerify = bytes(79);
/** The server's protected flight with its content type. */
const fullFlight = 599;

/** Those of one that resumes a session; what a binder covers is the ClientHello without its binders. */
const resumed = {
  X25519MLKEM768: { clientHello: bytes(1567), bound: bytes(1532), serverHello: bytes(1216) },
  x25519: { clientHello: bytes(383), bound: bytes(348), serverHello: bytes(128) },
};
const resumedFlight = 43;

const encryptedExtensions = bytes(10);
const finished = bytes(36);
const clientFlight = 37;

/** Inputs of HMACs in bytes: secrets as such, and labels with their context (RFC 9846 §7.1). */
const sharedSecret = 64;
const secret = 32;
const trafficLabel = 54;
const otherLabel = 52;
const derivedLabel = 49;
const keyLabel = 13;
const ivLabel = 12;
const finishedLabel = 18;

/**
 * Both ends of one full handshake with server authentication: 17 HMACs and 5 snapshots each. The keys of
 * application data are no part of it: they are made with the first record.
 */
export function fullHandshake(primitives: Primitives, group: FloorGroup): void {
  const { handshakeSecrets, trafficKey, finishServerFlight, finishClientFlight, endServer } =
    steps(primitives);
  const exchange = primitives.exchanges[group];
  const { clientHello, serverHello } = full[group];

  // The client's first flight
  primitives.random();
  primitives.random();
  const pair = exchange.generate();

  // The server's flight
  const server = primitives.startHash();
  primitives.update(server, clientHello);
  const share = exchange.encapsulate(pair);
  primitives.random();
  primitives.update(server, serverHello);
  handshakeSecrets(server);
  trafficKey();
  trafficKey();
  primitives.update(server, encryptedExtensions);
  primitives.update(server, certificate);
  primitives.snapshot(server);
  primitives.sign();
  primitives.update(server, certificateVerify);
  primitives.snapshot(server);
  finishServerFlight(server, fullFlight);

  // The client's second flight
  exchange.decapsulate(pair, share);
  const client = primitives.startHash();
  primitives.update(client, clientHello);
  primitives.update(client, serverHello);
  handshakeSecrets(client);
  trafficKey();
  trafficKey();
  primitives.open(fullFlight);
  primitives.update(client, encryptedExtensions);
  primitives.update(client, certificate);
  primitives.verify();
  primitives.snapshot(client);
  primitives.verify();
  primitives.update(client, certificateVerify);
  primitives.snapshot(client);
  finishClientFlight(client);
  endServer(server);
}

/**
 * Both ends of one that resumes a session with a fresh key exchange (`psk_dhe_ke`), by a ticket that the
 * server opens: 22 HMACs and 4 snapshots each.
 */
export function resumedHandshake(primitives: Primitives, group: FloorGroup): void {
  const { hmac } = primitives;
  const {
    handshakeSecrets,
    trafficKey,
    finishedMac,
    finishServerFlight,
    finishClientFlight,
    endServer,
  } = steps(primitives);
  const exchange = primitives.exchanges[group];
  const { clientHello, bound, serverHello } = resumed[group];
  /** From the ticket's PSK to the value of the binder (RFC 9846 §4.3.11.2). */
  function binder(): void {
    hmac(secret); // the early secret
    primitives.digest(bound);
    hmac(otherLabel);
    finishedMac();
  }

  // The client's first flight
  primitives.random();
  primitives.random();
  const pair = exchange.generate();
  binder();

  // The server's flight
  primitives.openTicket();
  binder();
  const server = primitives.startHash();
  primitives.update(server, clientHello);
  const share = exchange.encapsulate(pair);
  primitives.random();
  primitives.update(server, serverHello);
  hmac(derivedLabel);
  handshakeSecrets(server);
  trafficKey();
  trafficKey();
  primitives.update(server, encryptedExtensions);
  primitives.snapshot(server);
  finishServerFlight(server, resumedFlight);

  // The client's second flight
  exchange.decapsulate(pair, share);
  const client = primitives.startHash();
  primitives.update(client, clientHello);
  primitives.update(client, serverHello);
  hmac(derivedLabel);
  handshakeSecrets(client);
  trafficKey();
  trafficKey();
  primitives.open(resumedFlight);
  primitives.update(client, encryptedExtensions);
  primitives.snapshot(client);
  finishClientFlight(client);
  endServer(server);
}

/** What both kinds of handshake do, at several places. */
function steps(primitives: Primitives) {
  const { hmac } = primitives;
  const finishedMac = (): void => {
    hmac(finishedLabel);
    hmac(secret);
  };
  const resumption = (hash: unknown): void => {
    primitives.snapshot(hash);
    hmac(otherLabel);
  };
  /** The server's Finished, and the secrets that follow from it. */
  const serverFinished = (hash: unknown): void => {
    finishedMac();
    primitives.update(hash, finished);
    primitives.snapshot(hash);
    hmac(trafficLabel);
    hmac(trafficLabel);
  };
  return {
    finishedMac,
    finishServerFlight(server: unknown, flight: number): void {
      serverFinished(server);
      primitives.seal(flight);
      hmac(otherLabel); // exporter
    },
    finishClientFlight(client: unknown): void {
      serverFinished(client);
      finishedMac();
      primitives.update(client, finished);
      primitives.seal(clientFlight);
      hmac(otherLabel); // exporter
      resumption(client);
    },
    endServer(server: unknown): void {
      primitives.open(clientFlight);
      finishedMac();
      primitives.update(server, finished);
      resumption(server);
    },
    handshakeSecrets(hash: unknown): void {
      hmac(sharedSecret);
      primitives.snapshot(hash);
      hmac(trafficLabel);
      hmac(trafficLabel);
      hmac(derivedLabel);
      hmac(secret);
    },
    trafficKey(): void {
      hmac(keyLabel);
      hmac(ivLabel);
      primitives.importAeadKey();
    },
  };
}
