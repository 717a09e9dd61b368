import type { KemName } from "../crypto/index.ts";
import { NamedGroup, type NamedGroupName } from "../registry/index.ts";
import { defineGroup, type Group } from "./group.ts";

const registered = (name: NamedGroupName, ...kems: readonly KemName[]): Group =>
  defineGroup({ name, code: NamedGroup[name], kems });

const draft = (name: NamedGroupName, ...kems: readonly KemName[]): Group =>
  defineGroup({ name, code: NamedGroup[name], kems, draft: true });

/** All groups that the engine knows. X25519 hybrids put ML-KEM first, the NIST curves put ECDH first. */
export const groups: readonly Group[] = Object.freeze([
  // RFC 10024 §4
  registered("X25519MLKEM768", "ML-KEM-768", "x25519"),
  registered("SecP256r1MLKEM768", "secp256r1", "ML-KEM-768"),
  registered("SecP384r1MLKEM1024", "secp384r1", "ML-KEM-1024"),
  // RFC 9846 §4.3.7
  registered("x25519", "x25519"),
  registered("secp256r1", "secp256r1"),
  registered("x448", "x448"),
  registered("secp384r1", "secp384r1"),
  registered("secp521r1", "secp521r1"),
  // draft-ietf-tls-mlkem
  registered("MLKEM768", "ML-KEM-768"),
  registered("MLKEM1024", "ML-KEM-1024"),
  registered("MLKEM512", "ML-KEM-512"),
  // Individual drafts
  draft("MLKEM512X25519", "ML-KEM-512", "x25519"),
  draft("SecP256r1MLKEM512", "secp256r1", "ML-KEM-512"),
]);
