/**
 * Keys in tokens by their URI (RFC 7512): `pkcs11:token=ca;object=root?module-path=/usr/lib/….so`.
 *
 * `token` and `object` say which key; `module-path` and `pin-source` say how one gets there, and may stand in
 * the environment instead: PKCS11_MODULE, PKCS11_PIN.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { TlsError } from "../registry/index.ts";
import { keyKinds } from "./algorithms.ts";
import type { TokenKeyType } from "./key-type.ts";
import { openToken, type Token, type TokenKey } from "./token.ts";

/** What a URI says, with what the environment adds. */
export interface TokenUri {
  /** The module's file. */
  readonly module: string;
  /** The token's label; absent: the only one. */
  readonly token?: string;
  /** The key's label. */
  readonly object: string;
  readonly pin?: string;
}

export interface TokenKeysOptions {
  /** As of `TokenOptions`, for all tokens. */
  readonly sessions?: number;
  readonly retryDelay?: number;
}

/** Keys of any tokens, by URI. Each token is opened once, and stays open. */
export class TokenKeys {
  readonly #options: TokenKeysOptions;
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(options: TokenKeysOptions = {}) {
    this.#options = options;
  }

  /** @throws TlsError `misuse` if there is none */
  async find(uri: string): Promise<TokenKey> {
    const place = parseTokenUri(uri);
    return (await this.#open(place)).key(place.object);
  }

  /** The key with that label, which is made if there is none. @throws TlsError `misuse` if it is of another type */
  async make(uri: string, type: string): Promise<TokenKey> {
    const place = parseTokenUri(uri);
    if (!isTokenKeyType(type)) {
      throw new TlsError("misuse", "HSM: keys of this type are not made in tokens", {
        expected: Object.keys(keyKinds).join(", "),
        received: type,
      });
    }
    const token = await this.#open(place);
    if (!(await token.has(place.object))) return token.generateKey(type, place.object);
    const key = await token.key(place.object);
    if (key.type === type) return key;
    throw new TlsError("misuse", `HSM: the token has a key "${place.object}" of another type`, {
      expected: type,
      received: key.type,
    });
  }

  async close(): Promise<void> {
    const tokens = [...this.#tokens.values()];
    this.#tokens.clear();
    await Promise.all(tokens.map(async (token) => (await token).close()));
  }

  async #open({ module, token, pin }: TokenUri): Promise<Token> {
    const place = `${module}\n${token ?? ""}`;
    const known = this.#tokens.get(place);
    if (known !== undefined) return known;
    const opening = openToken({
      module,
      ...(token === undefined ? {} : { token }),
      ...(pin === undefined ? {} : { pin }),
      ...this.#options,
    });
    this.#tokens.set(place, opening);
    try {
      return await opening;
    } catch (error) {
      this.#tokens.delete(place);
      throw error;
    }
  }
}

const isTokenKeyType = (type: string): type is TokenKeyType => Object.hasOwn(keyKinds, type);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a URI, and the PIN from where it says.
 * @throws TlsError `misuse` for what is no such URI, lacks something, or has an attribute that would not be
 *   honoured
 */
export function parseTokenUri(uri: string, environment: Environment = process.env): TokenUri {
  const [, path = "", query = ""] = /^pkcs11:([^?]*)(?:\?(.*))?$/.exec(uri.trim()) ?? [];
  if (path === "") throw wrong("it is not a URI of a key in a token", "pkcs11:token=…;object=…");
  const where = attributes(path, ";", pathAttributes);
  const how = attributes(query, "&", queryAttributes);
  const object = where.get("object");
  if (object === undefined) throw wrong("it names no key", "object=<label>");
  // RFC 7512 §2.3: what signs is a private key
  if ((where.get("type") ?? "private") !== "private")
    throw wrong("it is not a private key", "type=private");
  const module = how.get("module-path") ?? environment["PKCS11_MODULE"];
  if (module === undefined)
    throw wrong("it names no module", "?module-path=<file>, or PKCS11_MODULE");
  const token = where.get("token");
  const source = how.get("pin-source");
  const pin = source === undefined ? environment["PKCS11_PIN"] : pinIn(source);
  return {
    module,
    object,
    ...(token === undefined ? {} : { token }),
    ...(pin === undefined ? {} : { pin }),
  };
}

const pathAttributes = ["token", "object", "type"];
const queryAttributes = ["module-path", "pin-source"];

function attributes(
  text: string,
  separator: string,
  known: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of text === "" ? [] : text.split(separator)) {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(part) ?? [];
    if (!known.includes(name)) {
      throw wrong(`the attribute ${name || part} is not honoured`, known.join(", "));
    }
    // RFC 7512 §2.3: an attribute stands there once
    if (found.has(name)) throw wrong(`${name} stands there twice`, "each attribute once");
    found.set(name, decoded(value));
  }
  return found;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw wrong("a percent sign encodes nothing", "%XX for each octet");
  }
}

/** RFC 7512 §2.4: a file, as a path or a URI. */
function pinIn(source: string): string {
  const path = source.startsWith("file:") ? fileURLToPath(source) : source;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new TlsError("misuse", `HSM: the PIN cannot be read from ${path}`, { cause });
  }
  const [line = ""] = text.split(/\r?\n/);
  if (line === "") throw wrong(`${path} holds no PIN in its first line`, "a PIN");
  return line;
}

const wrong = (what: string, expected: string): TlsError =>
  new TlsError("misuse", `HSM: ${what}`, { expected, section: "RFC 7512 §2.3" });
