/** Keys in a token that PKCS#11 speaks to: they sign, and never come out. */
import { randomBytes } from "node:crypto";
import type { Handle, PKCS11, Template } from "pkcs11js";
import { type PublicKeyInfo, type Scheme, schemes } from "../crypto/index.ts";
import {
  type CertificateInput,
  type CredentialWithKey,
  parseCertificates,
  type Signer,
} from "../identity/index.ts";
import { TlsError } from "../registry/index.ts";
import { equal } from "../wire/index.ts";
import { type Attributes, keyKinds, type TokenKeyType } from "./algorithms.ts";
import { Cka, Cko } from "./constants.ts";
import { attempt } from "./errors.ts";
import { loadModule, type Module } from "./module.ts";
import { Sessions } from "./sessions.ts";

export interface TokenOptions {
  /** The module's file: `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly module: string;
  /** The token's label. Default: the only token that there is. */
  readonly token?: string;
  /**
   * The user's PIN. Default: no login, for tokens that want none. Who is logged in is the whole process's
   * state: while a token is open, opening it again is not asked for the PIN.
   */
  readonly pin?: string;
  /**
   * Signatures made at the same time, 1 to 64. Each occupies one of the threads that Node has for files,
   * names and the like: of four, unless UV_THREADPOOL_SIZE says otherwise. Default: 2.
   */
  readonly sessions?: number;
}

/** A key pair in a token. */
export interface TokenKey {
  readonly label: string;
  readonly type: TokenKeyType;
  readonly publicKey: PublicKeyInfo;
  /** The token says that the private key can be taken out. Never so for keys that were made here. */
  readonly extractable: boolean;
  readonly signer: Signer;
  /**
   * The key with its certificates, leaf first.
   * @throws TlsError `misuse` if the leaf's key is another
   */
  credential(certificates: CertificateInput): CredentialWithKey;
}

/**
 * Opens a token and logs in.
 * @throws TlsError `misuse` in one line: no binding, no module, no such token, a wrong PIN
 */
export async function openToken(options: TokenOptions): Promise<Token> {
  const { sessions = 2 } = options;
  if (!Number.isInteger(sessions) || sessions < 1 || sessions > 64) {
    throw new RangeError(`a token has 1 to 64 sessions, not ${sessions}`);
  }
  const module = await loadModule(options.module);
  try {
    const { slot, label } = findToken(module.calls, options.token);
    const pool = new Sessions({ calls: module.calls, slot, pin: options.pin }, sessions);
    const token = new Token(module, pool, label);
    // A wrong PIN is told now, not by the first handshake
    await pool.use("opening a session", () => undefined);
    return token;
  } catch (error) {
    module.release();
    throw error;
  }
}

/** A token that is open. */
export class Token {
  readonly label: string;
  readonly #module: Module;
  readonly #sessions: Sessions;

  /** @internal made by {@link openToken} */
  constructor(module: Module, sessions: Sessions, label: string) {
    this.#module = module;
    this.#sessions = sessions;
    this.label = label;
  }

  /** Signatures that wait for a session. */
  get waiting(): number {
    return this.#sessions.waiting;
  }

  /**
   * Makes a key pair inside the token: permanent, sensitive, not extractable. RSA has 3072 bits.
   * @throws TlsError `misuse` if the token cannot, or has a key of that label
   */
  async generateKey(type: TokenKeyType, label: string): Promise<TokenKey> {
    const { calls } = this.#module;
    const { generation, template, keyType } = keyKinds[type];
    const id = randomBytes(16);
    await this.#sessions.use(`making a key of type ${type}`, async (session) => {
      if (find(calls, session, privateKeyOf(label)).length > 0) {
        throw new TlsError("misuse", `HSM: the token has a key "${label}" already`);
      }
      const common: Template = [
        { type: Cka.keyType, value: keyType },
        { type: Cka.token, value: true },
        { type: Cka.label, value: label },
        { type: Cka.id, value: id },
      ];
      await calls.C_GenerateKeyPairAsync(
        session,
        generation,
        [
          ...common,
          { type: Cka.class, value: Cko.publicKey },
          { type: Cka.verify, value: true },
          ...template,
        ],
        [
          ...common,
          { type: Cka.class, value: Cko.privateKey },
          { type: Cka.private, value: true },
          { type: Cka.sensitive, value: true },
          { type: Cka.extractable, value: false },
          { type: Cka.sign, value: true },
        ],
      );
    });
    return this.key(label);
  }

  /**
   * Finds a key pair by its label.
   * @param signsWith what it may sign with in a handshake, best first; what is not for its type is passed
   * over. Default: all but RFC 9963's, which are for tokens that can do no other
   * @throws TlsError `misuse` if there is none or more than one, or if it is of a type that is not used here
   */
  async key(label: string, signsWith: readonly Scheme[] = schemes): Promise<TokenKey> {
    const { calls } = this.#module;
    return this.#sessions.use(`reading the key "${label}"`, (session) => {
      const handles = find(calls, session, privateKeyOf(label));
      const [handle] = handles;
      if (handle === undefined || handles.length > 1) {
        throw new TlsError("misuse", `HSM: ${handles.length} private keys "${label}"`, {
          expected: "exactly one",
          where: `the token "${this.label}"`,
        });
      }
      const read = (object: Handle, ...types: number[]): Attributes =>
        readAttributes(calls, session, object, types);
      const own = read(handle, Cka.keyType, Cka.id, Cka.extractable);
      const id = Buffer.from(own.get(Cka.id) ?? []);
      const [publicHandle] = find(calls, session, [
        { type: Cka.class, value: Cko.publicKey },
        ...(id.length > 0 ? [{ type: Cka.id, value: id }] : [{ type: Cka.label, value: label }]),
      ]);
      const keyType = Buffer.from(own.get(Cka.keyType) ?? [0xff])[0];
      if (publicHandle === undefined) {
        throw new TlsError("misuse", `HSM: the key "${label}" has no public half in the token`);
      }
      for (const [type, kind] of Object.entries(keyKinds) as [TokenKeyType, Kind][]) {
        if (kind.keyType !== keyType) continue;
        const attributes = read(publicHandle, ...kind.needs);
        if (!kind.matches(attributes)) continue;
        const publicKey = kind.publicKey(attributes);
        const signer = this.#signer(type, label, handle, signsWith);
        const extractable = own.get(Cka.extractable)?.[0] !== 0;
        return keyOf({ label, type, publicKey, extractable, signer });
      }
      throw new TlsError("misuse", `HSM: the key "${label}" is of a type that is not used here`);
    });
  }

  /** Deletes a key pair. */
  async deleteKey(label: string): Promise<void> {
    const { calls } = this.#module;
    await this.#sessions.use(`deleting the key "${label}"`, (session) => {
      for (const object of find(calls, session, [{ type: Cka.label, value: label }])) {
        calls.C_DestroyObject(session, object);
      }
    });
  }

  /** Refuses signatures that wait, lets those end that are being made, logs out, and leaves the module. */
  async close(): Promise<void> {
    await this.#sessions.close();
    this.#module.release();
  }

  #signer(type: TokenKeyType, label: string, key: Handle, allowed: readonly Scheme[]): Signer {
    const { calls, description } = this.#module;
    const kind = keyKinds[type];
    const usable = allowed.filter((scheme) => scheme.inHandshake && scheme.keyType === type);
    return {
      backend: `PKCS#11 ${description}`,
      schemes: usable,
      sign: async (scheme, message) => {
        if (!usable.includes(scheme)) {
          throw new TlsError("misuse", `HSM: the key "${label}" cannot sign with this scheme`, {
            expected: usable.map(({ name }) => name).join(", "),
            received: scheme.name,
          });
        }
        const input = Buffer.from(kind.input(scheme, message));
        return this.#sessions.use(`signing with the key "${label}"`, async (session) => {
          calls.C_SignInit(session, kind.mechanism(scheme), key);
          const room = Buffer.alloc(kind.signatureLength);
          return kind.signature(await calls.C_SignAsync(session, input, room));
        });
      },
    };
  }
}

type Kind = (typeof keyKinds)[TokenKeyType];

const keyOf = (key: Omit<TokenKey, "credential">): TokenKey => ({
  ...key,
  credential(certificates) {
    const chain = parseCertificates(certificates);
    if (chain[0] === undefined || !equal(chain[0].spki, key.publicKey.spki)) {
      throw new TlsError("misuse", `HSM: the first certificate is not for the key "${key.label}"`);
    }
    return { chain, signer: key.signer };
  },
});

const privateKeyOf = (label: string): Template => [
  { type: Cka.class, value: Cko.privateKey },
  { type: Cka.label, value: label },
];

function find(calls: PKCS11, session: Handle, template: Template): Handle[] {
  calls.C_FindObjectsInit(session, template);
  try {
    return calls.C_FindObjects(session, 16);
  } finally {
    calls.C_FindObjectsFinal(session);
  }
}

/** One at a time: a module may refuse all because of one that it has not. */
function readAttributes(
  calls: PKCS11,
  session: Handle,
  object: Handle,
  types: readonly number[],
): Attributes {
  return new Map(
    types.map((type) => {
      const [attribute] = calls.C_GetAttributeValue(session, object, [{ type }]);
      return [type, Uint8Array.from(attribute?.value as Buffer)];
    }),
  );
}

function findToken(
  calls: PKCS11,
  wanted: string | undefined,
): { readonly slot: Handle; readonly label: string } {
  const tokens = attempt("listing the tokens", () =>
    calls.C_GetSlotList(true).flatMap((slot) => {
      const { label, flags } = calls.C_GetTokenInfo(slot);
      return (flags & tokenInitialised) === 0 ? [] : [{ slot, label: label.trim() }];
    }),
  );
  const found = tokens.filter(({ label }) => wanted === undefined || label === wanted);
  const [token] = found;
  if (token !== undefined && found.length === 1) return token;
  const names = tokens.map(({ label }) => `"${label}"`).toSorted();
  throw new TlsError("misuse", `HSM: ${found.length} tokens to choose from`, {
    expected: wanted === undefined ? "exactly one, or a label" : `one with the label "${wanted}"`,
    received: names.join(", ") || "a module without tokens",
  });
}

/** CKF_TOKEN_INITIALIZED. */
const tokenInitialised = 0x400;
