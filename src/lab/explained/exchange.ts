/** The key exchange: both shares and the secret, cut into the parts of a hybrid (RFC 9954 §3). */
import { type Kem, type KemParameters, kemParameters, type Provider } from "../../crypto/index.ts";
import type { Group } from "../../groups/index.ts";
import { decodeMessage, messageType } from "../../messages/index.ts";
import { concat, toHex } from "../../wire/index.ts";
import type { TraceItem } from "../trace/reader.ts";

/** A group, and its parts in the order of the wire. */
export interface Exchange {
  /** Name of the group. */
  readonly group: string;
  /** It has more than one part. */
  readonly isHybrid: boolean;
  /** Its key exchanges. */
  readonly parts: readonly ExchangePart[];
}

/** One key exchange of a hybrid, or the only one. Sizes in bytes. */
export interface ExchangePart {
  /** Name of the KEM. */
  readonly kem: string;
  /** True if it is believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** Of its part of the client's share, of the server's, and of the secret. */
  readonly client: number;
  /** Bytes of its part of the server's share. */
  readonly server: number;
  /** Bytes of its part of the secret. */
  readonly secret: number;
  /** Its part of the secret, if that is known. */
  readonly secretBytes: Uint8Array | undefined;
}

/** The secret of a ciphertext: of an encapsulation, or of a Diffie-Hellman part whose ciphertext is a public key. */
export type SecretOf = (ciphertext: Uint8Array) => Uint8Array | undefined;

/** What ServerHello's share says; `null` if there is none, or of a group that is not known. */
export function exchangeOf(
  items: readonly TraceItem[],
  {
    groups,
    secretOf,
  }: { readonly groups: readonly Group[]; readonly secretOf: SecretOf | undefined },
): Exchange | null {
  const share = serverShare(items);
  const group = groups.find(({ code }) => code === share?.group);
  if (share === undefined || group === undefined) return null;
  let at = 0;
  const parts = group.kems.map((kem): ExchangePart => {
    const parameters: KemParameters = typeof kem === "string" ? kemParameters[kem] : kem;
    const ciphertext = share.keyExchange.subarray(at, (at += parameters.ciphertextLength));
    return {
      kem: typeof kem === "string" ? kem : kem.name,
      postQuantum: parameters.postQuantum,
      client: parameters.publicKeyLength,
      server: parameters.ciphertextLength,
      secret: parameters.sharedSecretLength,
      secretBytes: secretOf?.(ciphertext),
    };
  });
  return { group: group.name, isHybrid: parts.length > 1, parts };
}

/** The parts, one behind the other (RFC 9954 §3.3); `undefined` unless all are known. */
export function sharedSecretOf(exchange: Exchange | null): Uint8Array | undefined {
  const parts = exchange?.parts.flatMap(({ secretBytes }) => secretBytes ?? []) ?? [];
  return parts.length === 0 || parts.length < exchange!.parts.length ? undefined : concat(...parts);
}

function serverShare(
  items: readonly TraceItem[],
): { readonly group: number; readonly keyExchange: Uint8Array } | undefined {
  for (const item of items) {
    if (item.kind !== "message" || messageType(item.raw) !== "server_hello") continue;
    try {
      return decodeMessage("server_hello", item.raw).body.extensions.key_share;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/**
 * Watches what a server's key exchanges come to. Only for laboratories: the secrets are copied, and are never wiped.
 * @returns the provider to give to the server, and what to give to `explain`
 */
export function watchExchange(provider: Provider): {
  readonly provider: Provider;
  readonly secretOf: SecretOf;
} {
  const secrets = new Map<string, Uint8Array>();
  const watched = (kem: Kem): Kem => ({
    ...kem,
    encapsulate(publicKey) {
      const result = kem.encapsulate(publicKey);
      secrets.set(toHex(result.ciphertext), result.sharedSecret.slice());
      return result;
    },
  });
  const kems = Object.fromEntries(
    Object.entries(provider.kems).map(([name, kem]) => [name, watched(kem)]),
  ) as Provider["kems"];
  return {
    provider: { ...provider, kems },
    secretOf: (ciphertext) => secrets.get(toHex(ciphertext)),
  };
}

/** The same of every provider that a maker makes. */
export function watchMaker<Options>(make: (options: Options) => Provider): {
  readonly makeProvider: (options: Options) => Provider;
  readonly secretOf: SecretOf;
} {
  const watched: SecretOf[] = [];
  return {
    makeProvider(options) {
      const { provider, secretOf } = watchExchange(make(options));
      watched.push(secretOf);
      return provider;
    },
    secretOf(ciphertext) {
      for (const find of watched) {
        const secret = find(ciphertext);
        if (secret !== undefined) return secret;
      }
      return undefined;
    },
  };
}
