/** What the tests with the `openssl` tool share. */
import { schemes } from "../../src/index.ts";
import type { Algorithm } from "./credentials.ts";
import type { PeerProcess } from "../../src/peers/process.ts";

/** Every kind of key that a certificate can have here and there. */
export const commonKeys: readonly Algorithm[] = [
  ...new Set(schemes.filter(({ inHandshake }) => inHandshake).map(({ keyType }) => keyType)),
];

/** Names that the tool has for the same things. */
const otherNames: Readonly<Record<string, string>> = {
  X25519: "x25519",
  X448: "x448",
  prime256v1: "secp256r1",
  "ML-KEM-512": "MLKEM512",
  "ML-KEM-768": "MLKEM768",
  "ML-KEM-1024": "MLKEM1024",
};

/** The group that the tool says was negotiated. */
export async function groupSaidBy(peer: PeerProcess): Promise<string | undefined> {
  const pattern = /(?:Negotiated TLS1\.3 group|Peer Temp Key): (?:ECDH, )?([^,\n]+)[,\n]/;
  const [, name = ""] = await peer.expect(pattern);
  return otherNames[name] ?? name;
}
