/** Keys in a token that PKCS#11 speaks to: they sign, and never come out. */
import * as check from "../registry/check.ts";
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
import { keyKinds } from "./algorithms.ts";
import type { TokenKeyType } from "./key-type.ts";
import { Cka, Cko } from "./constants.ts";
import { Access } from "./access.ts";
import { loadModule, type Module } from "./module.ts";
import { find, findKey, type FoundKey, type KeyName, privateKeyOf } from "./objects.ts";

/** Which token is opened, by which PKCS#11 module, and with which PIN. */
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
  /**
   * Milliseconds until a token that has gone away is looked for again; doubled each time, up to half a
   * minute. Operations in between fail at once. Default: 500.
   */
  readonly retryDelay?: number;
}

/** A key pair in a token. */
export interface TokenKey {
  /** CKA_LABEL of the key pair. */
  readonly label: string;
  /** What kind of key it is. */
  readonly type: TokenKeyType;
  /** The public half, as a certificate carries it. */
  readonly publicKey: PublicKeyInfo;
  /** The token says that the private key can be taken out. Never so for keys that were made here. */
  readonly extractable: boolean;
  /** Signs in the token. */
  readonly signer: Signer;
  /**
   * The key with its certificates, leaf first.
   * @throws TlsError `misuse` if the leaf's key is another
   */
  credential(certificates: CertificateInput): CredentialWithKey;
}

const tokenOptions = check.complete(
  {
    module: check.text,
    token: check.text,
    pin: check.text,
    sessions: check.number(),
    retryDelay: check.number(),
  } satisfies check.OptionTable<TokenOptions>,
  "write { module }, the file of a PKCS#11 module",
  ["module"],
);

/**
 * Opens a token and logs in.
 * @throws TlsError `misuse` in one line: no binding, no module, no such token, a wrong PIN
 */
export async function openToken(options: TokenOptions): Promise<Token> {
  tokenOptions(options, "openToken");
  const { sessions = 2, retryDelay = 500, token, pin } = options;
  if (!Number.isInteger(sessions) || sessions < 1 || sessions > 64) {
    throw new RangeError(`a token has 1 to 64 sessions, not ${sessions}`);
  }
  if (!(retryDelay > 0 && retryDelay < Infinity)) {
    throw new RangeError(`a token is looked for after more than 0 milliseconds, not ${retryDelay}`);
  }
  const module = await loadModule(options.module);
  try {
    return new Token(module, await Access.open(module, { token, pin, sessions, retryDelay }));
  } catch (error) {
    module.release();
    throw error;
  }
}

/** A token that is open. */
export class Token {
  readonly #module: Module;
  readonly #access: Access;

  /** @internal made by {@link openToken} */
  constructor(module: Module, access: Access) {
    this.#module = module;
    this.#access = access;
  }

  /** The token's label, as it was given when the token was initialized. */
  get label(): string {
    return this.#access.label;
  }

  /** Signatures that wait for a session. */
  get waiting(): number {
    return this.#access.waiting;
  }

  /**
   * Makes a key pair inside the token: permanent, sensitive, not extractable, and for signatures alone. RSA
   * has 3072 bits.
   * @throws TlsError `misuse` if the token cannot, or has a key of that label
   */
  async generateKey(type: TokenKeyType, label: string): Promise<TokenKey> {
    const { calls } = this.#module;
    const { generation, template, keyType } = keyKinds[type];
    const id = randomBytes(16);
    await this.#access.use(`making a key of type ${type}`, async (session) => {
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
          ...refused(Cka.encrypt, Cka.wrap, Cka.verifyRecover, Cka.derive),
          ...template,
        ],
        [
          ...common,
          { type: Cka.class, value: Cko.privateKey },
          { type: Cka.private, value: true },
          { type: Cka.sensitive, value: true },
          { type: Cka.extractable, value: false },
          { type: Cka.sign, value: true },
          ...refused(Cka.decrypt, Cka.unwrap, Cka.signRecover, Cka.derive),
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
    return this.#access.use(`reading the key "${label}"`, (session, epoch) => {
      const key = findKey(calls, session, { label, token: this.label });
      const { type, publicKey, extractable } = key;
      const signer = this.#signer(label, { key, epoch }, signsWith);
      return keyOf({ label, type, publicKey, extractable, signer });
    });
  }

  /** Whether there is a private key with that label. */
  async has(label: string): Promise<boolean> {
    const { calls } = this.#module;
    return this.#access.use(
      `looking for the key "${label}"`,
      (session) => find(calls, session, privateKeyOf(label)).length > 0,
    );
  }

  /** Deletes a key pair. */
  async deleteKey(label: string): Promise<void> {
    const { calls } = this.#module;
    await this.#access.use(`deleting the key "${label}"`, (session) => {
      for (const object of find(calls, session, [{ type: Cka.label, value: label }])) {
        calls.C_DestroyObject(session, object);
      }
    });
  }

  /** Refuses signatures that wait, lets those end that are being made, logs out, and leaves the module. */
  async close(): Promise<void> {
    await this.#access.close();
  }

  #signer(label: string, found: Known, allowed: readonly Scheme[]): Signer {
    const { calls, description } = this.#module;
    const { type } = found.key;
    const kind = keyKinds[type];
    const usable = allowed.filter((scheme) => scheme.inHandshake && scheme.keyType === type);
    let known = found;
    const handleIn = (session: Handle, epoch: object): Handle => {
      if (known.epoch !== epoch)
        known = { key: findAgain(calls, session, { label, token: this.label }, known.key), epoch };
      return known.key.handle;
    };
    return {
      backend: `PKCS#11 ${description}`,
      schemes: usable,
      sign: async (scheme, message, { signal } = {}) => {
        if (!usable.includes(scheme)) {
          throw new TlsError("misuse", `HSM: the key "${label}" cannot sign with this scheme`, {
            expected: usable.map(({ name }) => name).join(", "),
            received: scheme.name,
          });
        }
        const input = Buffer.from(kind.input(scheme, message));
        const sign = async (session: Handle, epoch: object): Promise<Uint8Array> => {
          calls.C_SignInit(session, kind.mechanism(scheme), handleIn(session, epoch));
          const room = Buffer.alloc(kind.signatureLength);
          return kind.signature(await calls.C_SignAsync(session, input, room));
        };
        return this.#access.use(`signing with the key "${label}"`, sign, signal);
      },
    };
  }
}

/** Uses that a key must not have. Where a template is silent a module may allow them (PKCS#11 3.0 §4.7 to §4.9). */
const refused = (...uses: readonly number[]): Template =>
  uses.map((type) => ({ type, value: false }));

/** A key, and the sessions in which its handle is good. */
interface Known {
  readonly key: FoundKey;
  readonly epoch: object;
}

/** @throws TlsError `misuse` if the token has another key in its place now */
function findAgain(calls: PKCS11, session: Handle, name: KeyName, before: FoundKey): FoundKey {
  const key = findKey(calls, session, name, before.id);
  if (equal(key.publicKey.spki, before.publicKey.spki)) return key;
  throw new TlsError("misuse", `HSM: the key "${name.label}" is another one than before`);
}

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
