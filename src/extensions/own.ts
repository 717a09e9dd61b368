/** An extension of the caller's own: offered in ClientHello, answered in EncryptedExtensions. */
import { type Check, complete, callable, listOf, text, whole } from "../registry/check.ts";
import { isGrease, TlsError } from "../registry/index.ts";
import { illegal } from "./illegal.ts";
import { extensionKey, extensionOfType } from "./table.ts";
import { isBytes } from "../wire/index.ts";

/** One of `extensions` in the options of a client or a server. Its data is bytes: what they mean is the caller's. */
export interface OwnExtension {
  /** For errors, and the key in `negotiated.extensions`. */
  readonly name: string;
  /**
   * extension_type, 0 to 0xffff: none that is interpreted here, and none of GREASE (RFC 8701). From 0xff00 on
   * they are for private use.
   */
  readonly type: number;
  /**
   * A client: the data for its ClientHello, at most 65 535 bytes; `undefined`: it is not offered. Asked once
   * in a connection. Absent: never offered.
   */
  readonly offer?: () => Uint8Array | undefined;
  /**
   * A server: what the client offered, `undefined` if nothing; gives the data for EncryptedExtensions, or
   * `undefined` for no answer. Throws a TlsError to refuse the client. Absent: never answered.
   */
  readonly answer?: (offered: Uint8Array | undefined) => Uint8Array | undefined;
  /** A client: what the server answered to what was offered, `undefined` if nothing. Throws a TlsError to refuse it. */
  readonly check?: (answered: Uint8Array | undefined) => void;
}

type Block = Readonly<Record<string, unknown>>;
type Data = Readonly<Record<string, Uint8Array>>;

/** Under which it stands in a block of extensions. */
export const keyOf = ({ type }: OwnExtension): string => extensionKey(type);

/** What a client offers, by key. */
export const offerOwn = (own: readonly OwnExtension[]): Data =>
  collect(own, keyOf, (each) => dataOf(each, "offer", each.offer?.()));

/** What a server answers, by key. @throws TlsError `misuse` for an answer to what was not offered (§4.3) */
export const answerOwn = (own: readonly OwnExtension[], offered: Block): Data =>
  collect(own, keyOf, (each) => {
    const heard = copyOf(each, offered);
    const answer = dataOf(each, "answer", each.answer?.(heard));
    if (answer === undefined || heard !== undefined) return answer;
    throw misuse(each, "answer", "undefined, since the client did not offer it", answer);
  });

/** A client: each that was offered is checked, answered or not. */
export function checkOwn(own: readonly OwnExtension[], offered: Data, answers: Block): void {
  for (const each of own) if (keyOf(each) in offered) each.check?.(copyOf(each, answers));
}

/** What the peer said, by name. */
export const heardOwn = (own: readonly OwnExtension[], block: Block): Data =>
  collect(
    own,
    ({ name }) => name,
    (each) => copyOf(each, block),
  );

/** RFC 9846 §4.3: one that we know, in a message for which it is not specified. */
export function checkPlaceOfOwn(own: readonly OwnExtension[], message: string, block: Block): void {
  const stray = own.find((each) => keyOf(each) in block);
  if (stray === undefined) return;
  const where = `${message}.extensions.${keyOf(stray)}`;
  throw illegal(`extension ${stray.name} is not specified for ${message}`, where, "RFC 9846 §4.3");
}

/** The option: each is an extension of its own, and not one of ours. */
export const ownExtensions: Check = (value, where) => {
  listOf(complete(table, "write { name, type, offer, answer, check }", ["name", "type"]))(
    value,
    where,
  );
  const seen: OwnExtension[] = [];
  for (const each of value as readonly OwnExtension[]) {
    const at = `${where}[${seen.length}]`;
    const known = extensionOfType(each.type);
    if (known !== undefined && !hasNoMeaning(known.bodies)) {
      throw new RangeError(`${at}.type is that of ${known.name}, which the engine speaks itself`);
    }
    // RFC 8701 §2
    if (isGrease(each.type)) {
      throw new RangeError(
        `${at}.type is one of GREASE, which peers ignore; take one from 0xff00 on`,
      );
    }
    const twin = seen.find(({ type, name }) => type === each.type || name === each.name);
    if (twin !== undefined) throw new RangeError(`${at} has the type or the name of ${twin.name}`);
    seen.push(each);
  }
};

const table = {
  name: text,
  type: whole(0, 0xffff),
  offer: callable,
  answer: callable,
  check: callable,
} satisfies Record<keyof OwnExtension, Check>;

/** Registered for these two messages, and data that nobody here looks into: `quic_transport_parameters`, say. */
const hasNoMeaning = (
  bodies: Readonly<Record<string, { readonly shape: { readonly kind: string } }>>,
) =>
  Object.keys(bodies).join() === "client_hello,encrypted_extensions" &&
  Object.values(bodies).every(({ shape }) => shape.kind === "rest");

function collect(
  own: readonly OwnExtension[],
  key: (extension: OwnExtension) => string,
  data: (extension: OwnExtension) => Uint8Array | undefined,
): Data {
  return Object.fromEntries(
    own.flatMap((each) => {
      const bytes = data(each);
      return bytes === undefined ? [] : [[key(each), bytes]];
    }),
  );
}

/** Of the message nothing else stays, and nobody can change it. */
function copyOf(own: OwnExtension, block: Block): Uint8Array | undefined {
  const data = block[keyOf(own)];
  return data === undefined ? undefined : new Uint8Array(data as Uint8Array);
}

function dataOf(own: OwnExtension, method: string, given: unknown): Uint8Array | undefined {
  if (given === undefined) return undefined;
  if (isBytes(given) && given.length <= 0xffff) return new Uint8Array(given);
  throw misuse(own, method, "at most 65 535 bytes, or undefined", given);
}

const misuse = (
  { name }: OwnExtension,
  method: string,
  expected: string,
  given: unknown,
): TlsError =>
  new TlsError("misuse", `extension ${name}: ${method}() gave what cannot be sent`, {
    expected,
    received: isBytes(given) ? `${given.length} bytes` : typeof given,
  });
