/**
 * The server's side of AuthKEM with a key that the client knows before (draft-wiggers-tls-authkem-psk-05): what was
 * encapsulated to it in the ClientHello is in the place of a PSK, and the client may have shown its certificate.
 */
import { CertificateType, isGrease, TlsError } from "../../registry/index.ts";
import {
  KemEarlySecret,
  KemMainSecret,
  PeerAuthentication,
  type Schedule,
  VerifiedFinished,
} from "../../schedule/index.ts";
import { equal } from "../../wire/index.ts";
import { findStored, type KemChoice } from "../authentication/credential-choice.ts";
import { type Carrier, type Cipher, send } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import type { KeyLogger } from "../key-logger.ts";
import type { Authenticated } from "../established.ts";
import { expectFinished } from "../keys.ts";
import type { ServerHellos } from "../server/hellos.ts";
import { openEncapsulation, sendEncapsulation } from "./encapsulation.ts";
import { acceptClient, type ClientOfKem } from "./server.ts";
import { fingerprintOf, type KemTerms } from "./terms.ts";

/** A key of ours that the client knew, and what it encapsulated to it. */
export interface OpenedStoredKey {
  readonly choice: KemChoice;
  readonly early: KemEarlySecret;
  /** Who showed a certificate with its first flight, if that was taken. */
  readonly client: ClientOfKem | undefined;
}

interface Reading {
  readonly config: ServerConfig;
  readonly link: Carrier<"server">;
  readonly hellos: ServerHellos;
  readonly cipher: Cipher;
  readonly keyLog: KeyLogger;
  readonly schedule: Schedule;
}

/** `undefined`: there is a full handshake, in which the client's certificate can be asked for (§3.1). */
export function* openStoredKey(reading: Reading): Handshake<OpenedStoredKey | undefined> {
  const { config, hellos, schedule } = reading;
  const { hello, psk } = hellos;
  const { extensions } = hello;
  const offered = extensions.stored_auth_key;
  if (offered === undefined || psk !== undefined) return undefined;
  const takesEarly = takesCertificate(config, hellos);
  if (config.clientAuthentication === "require" && !takesEarly) return undefined;
  const choice = findStored(config.credentials, extensions, (key) =>
    equal(fingerprintOf(key, config.provider), offered.keyFingerprint),
  );
  if (choice === undefined) return undefined;
  const place = { ...here, ciphertext: offered.ciphertext };
  const secret = yield* openEncapsulation("server", choice, place, schedule);
  const early = KemEarlySecret.of(secret, schedule.owners);
  return {
    choice,
    early,
    client: takesEarly ? yield* expectEarlyCertificate(reading, early) : undefined,
  };
}

const here = {
  where: "client_hello.extensions.stored_auth_key.ciphertext",
  section: "draft-wiggers-tls-authkem-psk-05 §4.2.1",
};

/** The client's certificate follows its hello, under keys that we will have, and we ask clients for one. */
function takesCertificate(
  { clientAuthentication, verifyClient, kemSchemes }: ServerConfig,
  { hello, suite, retried }: ServerHellos,
): boolean {
  const first = hello.cipherSuites.find((code) => !isGrease(code));
  return (
    hello.extensions.early_auth === true &&
    !retried &&
    first === suite.code &&
    clientAuthentication !== "none" &&
    verifyClient !== undefined &&
    kemSchemes.length > 0
  );
}

/** Certificate of the client, in the transcript before ServerHello. */
function* expectEarlyCertificate(
  { config, link, hellos, cipher, keyLog, schedule }: Reading,
  early: KemEarlySecret,
): Handshake<ClientOfKem> {
  const { transcript } = hellos;
  const secret = early.clientEarlyHandshakeTraffic(transcript.current());
  keyLog.earlyHandshake(secret);
  link.protectReading("handshake", cipher, secret);
  const client = yield* acceptClient(
    { config, transcript, schedule },
    yield* expect("certificate"),
    unasked,
  );
  if (client !== undefined) return client;
  throw new TlsError("empty_certificate", "an early certificate that is none", {
    where: "certificate.certificateList",
    section: "draft-wiggers-tls-authkem-psk-05 §3.1",
  });
}

/** Nothing was asked for beside it. */
const unasked = { extensions: {}, type: CertificateType.X509 } as const;

/** From EncryptedExtensions on. */
export function* serverByStoredKey(
  { link, transcript, cipher, keyLog, derived }: KemTerms<"server", ServerConfig>,
  { choice, client }: OpenedStoredKey,
): Handshake<Authenticated<"client">> {
  // KEMEncapsulation to the key of the client's certificate
  if (client !== undefined) sendEncapsulation(link, transcript, client.encapsulated);
  const main = KemMainSecret.ofStoredKey(derived, client?.encapsulated);

  // Finished
  const own = main.verifyData("server", transcript.current());
  transcript.add(send(link, "finished", { verifyData: own }));
  const serverFinished = transcript.current();
  const writing = main.traffic("server", serverFinished);
  keyLog.data("server", writing);
  const exporter = main.exporter(serverFinished);
  keyLog.exporter("EXPORTER_SECRET", exporter);
  link.protectWriting("application", cipher, writing);

  // Finished of the client
  const received = yield* expectFinished(transcript);
  const authentication =
    client === undefined
      ? PeerAuthentication.anonymousClient()
      : PeerAuthentication.byEncapsulation(client.encapsulated);
  const proof = VerifiedFinished.verifyKem(authentication, main, received, serverFinished);
  keyLog.data("client", proof.secret);
  link.readApplicationData(cipher, proof);

  const resumption = main.resumption(transcript.current());
  const verifyData = { server: own, client: received.verifyData };
  const { decapsulator, scheme } = choice;
  const ours = { messages: [], scheme, backend: decapsulator.backend };
  const peer = { authentication, ...client?.scheme };
  return { peer, ours, byKem: true, storedKey: true, verifyData, exporter, resumption };
}
