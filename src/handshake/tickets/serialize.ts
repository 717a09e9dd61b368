import { type Certificate, decodePublicKey, parseCertificate } from "../../identity/index.ts";
import type { PeerIdentity } from "../../schedule/index.ts";
import {
  decode,
  encode,
  list,
  opaque,
  struct,
  text,
  uint16,
  uint32,
  uint48,
  uint8,
} from "../../wire/index.ts";
import type { Psk } from "../psk.ts";

/** What a ticket says to the server that made it. Ours alone: no standard describes it. */
const StoredPsk = struct({
  version: uint8,
  hash: text(1, 16),
  secret: opaque(1, 255),
  suite: uint16,
  serverName: text(0, 0xff),
  alpn: text(0, 0xff),
  group: text(0, 0xff),
  postQuantum: uint8,
  peerSignatureScheme: text(0, 0xff),
  issuedAt: uint48,
  authenticatedAt: uint48,
  lifetime: uint32,
  ageAdd: uint32,
  maxEarlyData: uint32,
  peerKey: opaque(0, 0xffff),
  peerChain: list(opaque(1, 0xffffff), 0, 0xffffff),
});

const version = 2;

/** A resumption PSK as bytes. They hold its secret: seal them, or keep them to yourself. */
export function serializePsk(psk: Psk): Uint8Array {
  const { origin } = psk;
  if (origin === undefined) throw new TypeError("only resumption keys can be made into tickets");
  return encode(StoredPsk, {
    version,
    hash: psk.hash,
    secret: psk.secret,
    suite: origin.suite,
    serverName: origin.serverName ?? "",
    alpn: origin.alpn ?? "",
    group: origin.group ?? "",
    postQuantum: origin.postQuantum ? 1 : 0,
    peerSignatureScheme: origin.peerSignatureScheme ?? "",
    issuedAt: origin.issuedAt,
    authenticatedAt: origin.authenticatedAt ?? origin.issuedAt,
    lifetime: origin.lifetime,
    ageAdd: origin.ageAdd,
    maxEarlyData: origin.maxEarlyData,
    peerKey: origin.peer?.rawPublicKey?.spki ?? new Uint8Array(0),
    peerChain: (origin.peer?.chain ?? []).map((certificate) => certificate.der),
  });
}

/**
 * The PSK again; `undefined` for another version. Its peer is what the certificates say: nobody has
 * verified them since, and the handshake does so again.
 */
export function deserializePsk(
  bytes: Uint8Array,
  readCertificate: (der: Uint8Array) => Certificate = parseCertificate,
): Psk | undefined {
  if (bytes[0] !== version) return undefined;
  const stored = decode(StoredPsk, bytes);
  const chain = stored.peerChain.map((der) => readCertificate(der));
  return {
    secret: stored.secret,
    hash: stored.hash,
    kind: "resumption",
    origin: {
      suite: stored.suite,
      serverName: stored.serverName || undefined,
      alpn: stored.alpn || undefined,
      group: stored.group || undefined,
      postQuantum: stored.postQuantum === 1,
      peerSignatureScheme: stored.peerSignatureScheme || undefined,
      peer: peerOf(chain, stored.peerKey),
      issuedAt: stored.issuedAt,
      authenticatedAt: stored.authenticatedAt,
      lifetime: stored.lifetime,
      ageAdd: stored.ageAdd,
      maxEarlyData: stored.maxEarlyData,
    },
  };
}

function peerOf(chain: readonly Certificate[], spki: Uint8Array): PeerIdentity | undefined {
  if (spki.length > 0)
    return { chain: [], verified: undefined, rawPublicKey: decodePublicKey(spki) };
  return chain.length === 0 ? undefined : { chain, verified: undefined };
}
