/** What the tests with the `openssl` tool share. */
import { groups, schemes, suites } from "../../src/index.ts";
import type { Algorithm } from "./credentials.ts";
import type { PeerProcess } from "./peer-process.ts";

/** Every group that OpenSSL 3.5 has, and we too: all but our drafts. */
export const commonGroups = groups.map(({ name }) => name).filter((name) => !isDraft(name));
export const commonSuites = suites.map(({ name }) => name);
/** Every kind of key that a certificate can have here and there. */
export const commonKeys: readonly Algorithm[] = [
  ...new Set(schemes.filter(({ inHandshake }) => inHandshake).map(({ keyType }) => keyType)),
];

function isDraft(name: string): boolean {
  return name.includes("MLKEM512") && name !== "MLKEM512";
}

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

/** The port on which the tool listens. */
export async function portOf(peer: PeerProcess): Promise<number> {
  return Number((await peer.expect(/ACCEPT .*:(\d+)/))[1]);
}
