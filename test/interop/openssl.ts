/** What the tests with the `openssl` tool share. */
import { once } from "node:events";
import { expect } from "vitest";
import { groups, schemes, suites } from "../../src/index.ts";
import type { TlsSocket } from "../../src/node.ts";
import type { Algorithm } from "./credentials.ts";
import type { PeerProcess } from "../../src/peers/process.ts";

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

/**
 * New keys by the tool's commands `k` and `K`, which asks for ours, and by our own; data in both directions
 * after each.
 * @param updated waits until the tool has said so for the nth time, from 1
 */
export async function exchangeUnderNewKeys(
  tool: PeerProcess,
  socket: TlsSocket,
  updated: (nth: number) => Promise<unknown>,
): Promise<void> {
  const received = async (): Promise<string> => String((await once(socket, "data"))[0]);
  for (const [index, command] of ["k", "K"].entries()) {
    tool.write(`${command}\n`);
    await updated(index + 1);
    tool.write(`after ${command}\n`);
    expect(await received()).toBe(`after ${command}\n`);
    socket.write(`answer to ${command}\n`);
    await tool.expect(new RegExp(`answer to ${command}`));
  }
  socket.updateKeys();
  socket.write("under our new keys\n");
  await tool.expect(/under our new keys/);
  tool.write("and theirs\n");
  expect(await received()).toBe("and theirs\n");
}
