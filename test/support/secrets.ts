import { hashOf, noble, type Suite, suites } from "../../src/crypto/index.ts";
import {
  type ApplicationTraffic,
  EarlySecret,
  HandshakeSecret,
  PeerAuthentication,
  type Role,
  SecretOwner,
  type SecretOwners,
  type TrafficSecret,
  VerifiedFinished,
} from "../../src/schedule/index.ts";
import { utf8 } from "../../src/wire/index.ts";

export const [aes128, aes256, chacha] = suites as readonly [Suite, Suite, Suite];

/** Owners of a connection of its own. */
export const freshOwners = (): SecretOwners => ({
  handshake: new SecretOwner(),
  connection: new SecretOwner(),
});

/** A traffic secret, the same in every call with the same name. Each caller may wipe its own. */
export function trafficSecret(name = "a secret", suite: Suite = aes128): TrafficSecret {
  const hash = hashOf(suite, noble);
  return HandshakeSecret.withoutPsk(hash, utf8(name), freshOwners()).traffic(
    hash.digest(utf8(name)),
  ).client;
}

/** The key schedule of a connection under a PSK, the same in every call with the same name. */
export interface TestSchedule {
  readonly psk: EarlySecret;
  readonly application: ApplicationTraffic;
}

const hellos = noble.hashes.sha256.digest(utf8("hellos"));

export function testSchedule(name = "a connection"): TestSchedule {
  const psk = new EarlySecret(noble.hashes.sha256, utf8(name), freshOwners());
  const application = psk.handshake(utf8(name)).traffic(hellos).derived().main().traffic(hellos);
  return { psk, application };
}

/** How an end is authenticated in such a schedule. */
export const authenticated = {
  client: ({ psk }: TestSchedule): PeerAuthentication<"client"> =>
    PeerAuthentication.clientByBinder(undefined, psk, {
      kind: "external",
      transcriptHash: hellos,
      binder: psk.binder("external", hellos),
    }),
  server: ({ psk }: TestSchedule): PeerAuthentication<"server"> =>
    PeerAuthentication.serverByPsk(undefined, psk),
};

/** Its Finished, which opens its application data. */
export function finishedOf<R extends Role>(
  peer: PeerAuthentication<R>,
  { application }: TestSchedule,
): VerifiedFinished<R> {
  const verifyData = application.handshake[peer.role].verifyData(hellos);
  return VerifiedFinished.verify(peer, application, hellos, verifyData);
}
