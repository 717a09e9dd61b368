/** A vector of a handshake by KEM from what was seen of it. */
import { noble, suites } from "../../crypto/index.ts";
import { parseCertificate } from "../../identity/index.ts";
import { messageType } from "../../messages/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import type { Draft } from "../hybrid/drawn-kem.ts";
import { findByName } from "../hybrid/end.ts";
import type { AuthKemInputs, AuthKemVector } from "./format.ts";
import { authKemKeys, authKemSecrets, type AuthKemSchedule } from "./schedule.ts";

/** What went over the wire, and the KEMs of both ends. */
export interface Seen {
  readonly messages: readonly { readonly from: Role; readonly bytes: Uint8Array }[];
  readonly flights: AuthKemVector["flights"];
  readonly drafts: Readonly<Record<Role, readonly Draft[]>>;
}

export function describedBy(name: string, inputs: AuthKemInputs, seen: Seen): AuthKemVector {
  const { messages, flights, drafts } = seen;
  const isCertified = (publicKey: string): boolean =>
    keysOf(inputs).some((key) => toHex(key) === publicKey);
  // What the client made is the client's first, what it encapsulated to the server is the server's key
  const exchange = drafts.server.filter(
    ({ publicKey, ciphertext }) => ciphertext !== undefined && !isCertified(publicKey),
  );
  const to = (role: Role) => {
    const key = keyOf(inputs, role);
    const draft = key && drafts[otherRole(role)].find(({ publicKey }) => publicKey === toHex(key));
    return draft && { ciphertext: draft.ciphertext!, sharedSecret: draft.sharedSecret! };
  };
  const [server, client] = [to("server"), to("client")];
  const described = {
    name,
    ...inputs,
    sharedSecret: exchange.map(({ sharedSecret }) => sharedSecret).join(""),
    encapsulated: { ...(server && { server }), ...(client && { client }) },
    messages: messages.map(({ from, bytes }) => ({
      from,
      type: messageType(bytes) ?? "unknown",
      bytes: toHex(bytes),
    })),
    flights,
    refusals: [],
  };
  return { ...described, ...derivedFrom(described) };
}

/** Secrets and keys once more, of what the vector says went into them. */
export function derivedFrom(
  vector: Omit<AuthKemVector, "secrets" | "trafficKeys">,
): Pick<AuthKemVector, "secrets" | "trafficKeys"> {
  const suite = findByName("cipher suite", suites, vector.suite);
  const { hash } = scheduleOf(vector);
  const secrets = authKemSecrets(scheduleOf(vector));
  const { keyLength } = noble.aeads[suite.aead];
  const hexed = Object.entries(secrets).map(([name, secret]) => [name, toHex(secret)] as const);
  const keys = Object.entries(secrets)
    .filter(([name]) => name.endsWith("Traffic"))
    .map(([name, secret]) => {
      const { key, iv } = authKemKeys(hash, secret, keyLength);
      return [name, { key: toHex(key), iv: toHex(iv) }] as const;
    });
  return { secrets: Object.fromEntries(hexed), trafficKeys: Object.fromEntries(keys) };
}

/** What goes into the key schedule. */
export function scheduleOf(
  vector: Omit<AuthKemVector, "secrets" | "trafficKeys">,
): AuthKemSchedule {
  const { hash } = findByName("cipher suite", suites, vector.suite);
  const to = (role: Role) => {
    const [said, publicKey] = [vector.encapsulated[role], keyOf(vector, role)];
    if (said === undefined || publicKey === undefined) return {};
    const { ciphertext, sharedSecret } = said;
    const bytes = { ciphertext: fromHex(ciphertext), sharedSecret: fromHex(sharedSecret) };
    return { [role]: { publicKey, ...bytes } };
  };
  return {
    hash: noble.hashes[hash],
    hashes: noble.hashes,
    scheme: vector.scheme,
    isStored: vector.kind.startsWith("stored"),
    sharedSecret: fromHex(vector.sharedSecret),
    encapsulated: { ...to("server"), ...to("client") },
    messages: vector.messages.map(({ from, bytes }) => ({ from, bytes: fromHex(bytes) })),
  };
}

const keyOf = (inputs: AuthKemInputs, role: Role): Uint8Array | undefined => {
  const leaf = inputs[role]?.chain[0];
  return leaf === undefined ? undefined : parseCertificate(fromHex(leaf)).publicKey.key;
};

const keysOf = (inputs: AuthKemInputs): Uint8Array[] =>
  (["client", "server"] as const).flatMap((role) => keyOf(inputs, role) ?? []);
