/**
 * pre_shared_key (RFC 9846 §4.3.11): the keys that the client offers; the answer is an index into them. It is
 * the last extension of a ClientHello, so that binders can cover all before them. Which key a server takes is
 * `handshake/server/select-psk.ts`.
 */
import { TlsError } from "../registry/index.ts";
import { list, opaque, struct, toHex, uint16, uint32 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

const PskIdentity = struct({ identity: opaque(1, 0xffff), obfuscatedTicketAge: uint32 });

/** OfferedPsks. */
const OfferedPsks = struct({
  identities: list(PskIdentity, 7, 0xffff),
  binders: list(opaque(32, 255), 33, 0xffff),
});

export const pre_shared_key = extension(
  "pre_shared_key",
  { client_hello: OfferedPsks, server_hello: uint16 },
  { mayChange: true },
);

/** Bytes of the binders list at the end of a ClientHello, its own length included (§4.3.11.2). */
export const bindersLength = (binders: readonly Uint8Array[]): number =>
  binders.reduce((sum, binder) => sum + 1 + binder.length, 2);

/** Puts binders into their places at the end of an encoded ClientHello. */
export function writeBinders(
  raw: Uint8Array,
  places: readonly Uint8Array[],
  binders: readonly Uint8Array[],
): void {
  let at = raw.length - bindersLength(places) + 2;
  places.forEach(({ length }, index) => {
    raw.set(binders[index]?.subarray(0, length) ?? [], at + 1);
    at += 1 + length;
  });
}

interface Offered {
  readonly identities: readonly unknown[];
  readonly binders: readonly unknown[];
}

/** A server: a binder for every identity (§4.3.11). */
export function checkBinders(offered: Offered | undefined): void {
  if (offered === undefined || offered.identities.length === offered.binders.length) return;
  throw new TlsError("illegal_parameter", "identities and binders differ in number", {
    expected: `${offered.identities.length} binders`,
    received: `${offered.binders.length}`,
    where: "client_hello.extensions.pre_shared_key.binders",
    section: "RFC 9846 §4.3.11",
  });
}

interface Identities {
  readonly identities: readonly { readonly identity: Uint8Array }[];
}

/** A server, after its HelloRetryRequest: no PSK that the first hello did not offer (§4.2.2). */
export function checkRetriedPsks(
  first: Identities | undefined,
  second: Identities | undefined,
): void {
  const offered = new Set(first?.identities.map(({ identity }) => toHex(identity)));
  if (second?.identities.every(({ identity }) => offered.has(toHex(identity))) ?? true) return;
  const where = "client_hello.extensions.pre_shared_key.identities";
  throw illegal("a PSK that the first hello did not offer", where, "RFC 9846 §4.2.2");
}

/** A client: the PSK that the server chose, which was offered and fits the suite's hash (§4.3.11). */
export function selectedPsk<P extends { readonly hash: string }>(
  index: number | undefined,
  psks: readonly P[],
  suite: { readonly name: string; readonly hash: string },
): P | undefined {
  if (index === undefined) return undefined;
  const where = "server_hello.extensions.pre_shared_key";
  const psk = psks[index];
  if (psk === undefined) {
    throw illegal("a PSK that was not offered", where, "RFC 9846 §4.3.11", `index ${index}`);
  }
  if (psk.hash !== suite.hash) {
    const received = `${psk.hash} with ${suite.name}`;
    throw illegal("a PSK for another hash than the suite's", where, "RFC 9846 §4.3.11", received);
  }
  return psk;
}
