/**
 * stored_auth_key and early_auth (draft-wiggers-tls-authkem-psk-05 §4.2): a client that has the server's KEM key
 * already encapsulates to it in its ClientHello, and may show its own certificate in the same flight. Experimental.
 */
import { code, empty, opaque, struct, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

const draft = "draft-wiggers-tls-authkem-psk-05";
/** What a server says to it (§4.2.1). */
export const AcceptedAuthKey = { accepted: 1 } as const;

/** StoredInformation (§4.2.1): the SHA-256 hash of the key, and what was encapsulated to it. */
interface StoredInformation {
  readonly fingerprint: Uint8Array;
  readonly ciphertext: Uint8Array;
}

interface Terms {
  readonly stored?: StoredInformation | undefined;
  /** The client's Certificate follows. */
  readonly earlyAuth: boolean;
}

export const stored_auth_key = extension(
  "stored_auth_key",
  {
    client_hello: struct({ keyFingerprint: opaque(1, 255), ciphertext: opaque(1, 0xffff) }),
    server_hello: code(uint8, AcceptedAuthKey),
  },
  {
    offer: (_config: unknown, { stored }: Terms) =>
      stored && { keyFingerprint: stored.fingerprint, ciphertext: stored.ciphertext },
  },
);

export const early_auth = extension(
  "early_auth",
  { client_hello: empty, server_hello: empty },
  {
    offer: (_config: unknown, { earlyAuth }: Terms) => (earlyAuth ? (true as const) : undefined),
    // What went before the retry is lost, as early data is
    mayChange: true,
  },
);

interface Block {
  readonly stored_auth_key?: unknown;
  readonly early_auth?: true;
}

/** A server, of a ClientHello: nobody shows a certificate early but to a key that is known (§4.2.2). */
export function checkEarlyAuth(offered: Block): void {
  if (offered.early_auth === undefined || offered.stored_auth_key !== undefined) return;
  const where = "client_hello.extensions.early_auth";
  throw illegal("early_auth without stored_auth_key", where, `${draft} §4.2.2`);
}

/** A server: what was shown before a HelloRetryRequest is not shown again. */
export function checkRetriedEarlyAuth(offered: true | undefined): void {
  if (offered === undefined) return;
  const where = "client_hello.extensions.early_auth";
  throw illegal("early_auth after a retry", where, `${draft} §3.2`);
}

/** What a server accepted of a stored key. */
export interface AcceptedKey {
  /** The client's Certificate as well. */
  readonly earlyAuth: boolean;
}

/**
 * A client, of a ServerHello: `undefined` if the server goes on with a full handshake.
 * @param isEarlySuite whether the server took the suite that the client's Certificate was sent under
 */
export function acceptedStoredKey(
  answer: { readonly stored_auth_key?: number; readonly early_auth?: true },
  isEarlySuite: boolean,
): AcceptedKey | undefined {
  const { stored_auth_key: accepted, early_auth: early } = answer;
  const at = (name: string): string => `server_hello.extensions.${name}`;
  if (accepted === undefined) {
    if (early === undefined) return undefined;
    throw illegal("early_auth without stored_auth_key", at("early_auth"), `${draft} §4.2.2`);
  }
  if (accepted !== AcceptedAuthKey.accepted) {
    throw illegal(
      "an answer that is not AcceptedAuthKey",
      at("stored_auth_key"),
      `${draft} §4.2.1`,
      `${accepted}`,
    );
  }
  if (early !== undefined && !isEarlySuite) {
    const message = "the client's certificate is accepted, but not the suite it was sent under";
    throw illegal(message, at("early_auth"), `${draft} §3.1`);
  }
  return { earlyAuth: early === true };
}
