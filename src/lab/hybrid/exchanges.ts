/**
 * The smallest form of a hybrid key exchange: shares, what they are made from, and the secret. Whoever has an
 * implementation writes down what it has, as little as that is, and is told the first thing that is wrong by its path.
 */
import * as z from "zod/mini";
import { type Kem, type KemKeyPair, InvalidKemInput, type Provider } from "../../crypto/index.ts";
import { kemsOf } from "../../groups/group.ts";
import { type Group, groups } from "../../groups/index.ts";
import { readValue } from "../../registry/json.ts";
import { concat, equal, fromHex } from "../../wire/index.ts";
import { type Corpus, failed, type Outcome, passed, skipped } from "../vectors/corpus.ts";
import { parseJson, UnreadableCorpus } from "../vectors/json.ts";
import type { HandshakeVector, Hex } from "./format.ts";

export const exchangeFormat = "kemistry exchanges";

/** One key exchange. Of the members behind `group` what is not there is not checked. */
export interface ExchangeVector {
  readonly group: string;
  readonly name?: string;
  /** The client's, in the group's order: as `Kem.importKeyPair` takes them. */
  readonly privateKeys?: readonly Hex[];
  readonly clientShare?: Hex;
  /** The server's, in the group's order: as `Kem.encapsulateWith` takes it. */
  readonly randomness?: readonly Hex[];
  readonly serverShare?: Hex;
  readonly sharedSecret?: Hex;
}

/** A file of key exchanges, of this project's or of anybody's. */
export interface ExchangeFile {
  readonly format: typeof exchangeFormat;
  readonly version: 1;
  readonly license?: string;
  readonly exchanges: readonly ExchangeVector[];
}

const hex = z.string().check(z.regex(/^(?:[\da-fA-F]{2})*$/, "bytes in hexadecimal"));
const optional = z.exactOptional;
const schema: z.ZodMiniType<ExchangeFile> = z.strictObject({
  format: z.literal(exchangeFormat),
  version: z.literal(1),
  license: optional(z.string()),
  exchanges: z.array(
    z.strictObject({
      group: z.enum(groups.map(({ name }) => name)),
      name: optional(z.string()),
      privateKeys: optional(z.array(hex)),
      clientShare: optional(hex),
      randomness: optional(z.array(hex)),
      serverShare: optional(hex),
      sharedSecret: optional(hex),
    }),
  ),
});

/**
 * A file in the minimal form as a corpus: every exchange is a case.
 * @throws UnreadableCorpus that names the first member that is not as it must be
 */
export function parseExchanges(text: string): Corpus {
  const fail = (reason: string): Error => new UnreadableCorpus(reason);
  const { exchanges } = readValue(parseJson(text), schema, fail);
  return {
    algorithm: "key exchanges",
    cases: exchanges.map((exchange, index) => ({
      id: exchange.name ?? `${exchange.group} ${index}`,
      run: ({ provider }) => checkExchange(exchange, `exchanges[${index}]`, provider),
    })),
  };
}

/** What a whole handshake says of its exchange. */
export const exchangeIn = (
  { exchange }: HandshakeVector,
  group: string,
  name: string,
): ExchangeVector => ({
  name,
  group,
  privateKeys: exchange.components.map(({ privateKey = "" }) => privateKey),
  clientShare: exchange.clientShare,
  randomness: exchange.components.map(({ randomness = "" }) => randomness),
  serverShare: exchange.serverShare,
  sharedSecret: exchange.sharedSecret,
});

/** Something in an exchange is wrong; the message begins with its path. */
class Wrong extends Error {}

/** The first thing that is wrong, in the order in which an exchange is computed. */
export function checkExchange(exchange: ExchangeVector, path: string, provider: Provider): Outcome {
  const group = groups.find(({ name }) => name === exchange.group)!;
  try {
    const count = new Checker(exchange, path, { group, kems: kemsOf(group, provider) }).run();
    return count > 0
      ? passed
      : skipped("nothing of it can be checked by this back end: give a share at least");
  } catch (error) {
    if (error instanceof Wrong) return failed(error.message);
    throw error;
  }
}

type Member = "clientShare" | "serverShare" | "sharedSecret";
type Length = "publicKeyLength" | "ciphertextLength" | "sharedSecretLength";
const lengths: Readonly<Record<Member, Length>> = {
  clientShare: "publicKeyLength",
  serverShare: "ciphertextLength",
  sharedSecret: "sharedSecretLength",
};

class Checker {
  readonly #exchange: ExchangeVector;
  readonly #path: string;
  readonly #group: Group;
  readonly #kems: readonly Kem[];
  /** Members that were compared with what they must be. */
  #checked = 0;

  constructor(
    exchange: ExchangeVector,
    path: string,
    { group, kems }: { readonly group: Group; readonly kems: readonly Kem[] },
  ) {
    this.#exchange = exchange;
    this.#path = path;
    this.#group = group;
    this.#kems = kems;
  }

  run(): number {
    const keys = this.#list("privateKeys");
    const randomness = this.#list("randomness");
    const client = this.#split("clientShare");
    const server = this.#split("serverShare");
    const pairs = keys && this.#import(keys);
    this.#compare(
      "clientShare",
      pairs?.map(({ publicKey }) => publicKey),
    );
    if (client !== undefined) this.#judge(client);
    const offered = client ?? pairs?.map(({ publicKey }) => publicKey);
    const answers = offered && randomness && this.#answer(offered, randomness);
    this.#compare(
      "serverShare",
      answers?.map(({ ciphertext }) => ciphertext),
    );
    const taken = server ?? answers?.map(({ ciphertext }) => ciphertext);
    this.#compare(
      "sharedSecret",
      answers?.map(({ sharedSecret }) => sharedSecret),
    );
    this.#compare("sharedSecret", pairs && taken && this.#open(pairs, taken));
    return this.#checked;
  }

  /** @throws Wrong */
  #fail(where: string, problem: string): never {
    throw new Wrong(`${this.#path}.${where}: ${problem}`);
  }

  #list(member: "privateKeys" | "randomness"): Uint8Array[] | undefined {
    const given = this.#exchange[member];
    if (given === undefined) return undefined;
    const names = this.#kems.map(({ name }) => name).join(", ");
    if (given.length !== this.#kems.length) {
      this.#fail(member, `${given.length} of them; ${this.#group.name} has ${names}`);
    }
    return given.map((each) => fromHex(each));
  }

  /** The parts of a member. */
  #split(member: Member): Uint8Array[] | undefined {
    const given = this.#exchange[member];
    if (given === undefined) return undefined;
    const bytes = fromHex(given);
    const sizes = this.#kems.map((kem) => kem[lengths[member]]);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (bytes.length !== total) {
      const sum = this.#kems.map(({ name }, index) => `${name} ${sizes[index]}`).join(" + ");
      this.#fail(member, `${bytes.length} bytes, not ${sum} = ${total}`);
    }
    let at = 0;
    return sizes.map((size) => bytes.subarray(at, (at += size)));
  }

  /** What the member must be, part by part. */
  #compare(member: Member, expected: readonly Uint8Array[] | undefined): void {
    const given = this.#split(member);
    if (given === undefined || expected === undefined) return;
    this.#checked++;
    const wrong = given.findIndex((part, index) => !equal(part, expected[index]!));
    if (wrong < 0) return;
    const turned = concat(...expected.toReversed());
    if (expected.length > 1 && equal(concat(...given), turned)) {
      const names = this.#kems.map(({ name }) => name).join(", then ");
      this.#fail(member, `the parts are right, and stand in the other order: ${names}`);
    }
    const from = given.slice(0, wrong).reduce((sum, part) => sum + part.length, 0);
    const to = from + given[wrong]!.length - 1;
    this.#fail(
      member,
      `bytes ${from} to ${to}, of ${this.#kems[wrong]!.name}, are not what follows`,
    );
  }

  /** `undefined` where the back end takes no private keys from outside. */
  #import(keys: readonly Uint8Array[]): KemKeyPair[] | undefined {
    if (this.#kems.some((kem) => kem.importKeyPair === undefined)) return undefined;
    return this.#kems.map((kem, index) =>
      this.#attempt(`privateKeys[${index}]`, kem, () => kem.importKeyPair!(keys[index]!)),
    );
  }

  /** Whoever gets such a share must take it. */
  #judge(client: readonly Uint8Array[]): void {
    this.#kems.forEach((kem, index) =>
      this.#attempt(`clientShare`, kem, () => kem.encapsulate(client[index]!)),
    );
    this.#checked++;
  }

  /** `undefined` where the back end takes no randomness from outside. */
  #answer(client: readonly Uint8Array[], randomness: readonly Uint8Array[]) {
    if (this.#kems.some((kem) => kem.encapsulateWith === undefined)) return undefined;
    return this.#kems.map((kem, index) =>
      this.#attempt(`randomness[${index}]`, kem, () =>
        kem.encapsulateWith!(client[index]!, randomness[index]!),
      ),
    );
  }

  #open(pairs: readonly KemKeyPair[], server: readonly Uint8Array[]): Uint8Array[] {
    return pairs.map((pair, index) =>
      this.#attempt("serverShare", this.#kems[index]!, () => pair.decapsulate(server[index]!)),
    );
  }

  #attempt<T>(where: string, { name }: Kem, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof InvalidKemInput || error instanceof RangeError) {
        return this.#fail(where, `${name}: ${error.message}`);
      }
      throw error;
    }
  }
}
