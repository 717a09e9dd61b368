/** Objects in a token, as a session sees them. */
import type { Handle, PKCS11, Template } from "pkcs11js";
import type { PublicKeyInfo } from "../crypto/index.ts";
import { TlsError } from "../registry/index.ts";
import { type Attributes, keyKinds } from "./algorithms.ts";
import type { TokenKeyType } from "./key-type.ts";
import { Cka, Cko } from "./constants.ts";

/** A private key, with what its public half says. */
export interface FoundKey {
  /** Good as long as the sessions in which it was found. */
  readonly handle: Handle;
  /** CKA_ID; may be empty. */
  readonly id: Buffer;
  readonly type: TokenKeyType;
  readonly publicKey: PublicKeyInfo;
  /** The token says that the private key can be taken out. */
  readonly extractable: boolean;
}

/** How a key is called, and where it is. */
export interface KeyName {
  readonly label: string;
  readonly token: string;
}

/** By its label, or once it is known by its ID. */
export const privateKeyOf = (label: string, id: Buffer = Buffer.alloc(0)): Template => [
  { type: Cka.class, value: Cko.privateKey },
  { type: Cka.label, value: label },
  ...(id.length > 0 ? [{ type: Cka.id, value: id }] : []),
];

export function find(calls: PKCS11, session: Handle, template: Template): Handle[] {
  calls.C_FindObjectsInit(session, template);
  try {
    return calls.C_FindObjects(session, 16);
  } finally {
    calls.C_FindObjectsFinal(session);
  }
}

/** @throws TlsError `misuse` if there is none or more than one, or if it is of a type that is not used here */
export function findKey(
  calls: PKCS11,
  session: Handle,
  { label, token }: KeyName,
  known?: Buffer,
): FoundKey {
  const handles = find(calls, session, privateKeyOf(label, known));
  const [handle] = handles;
  if (handle === undefined || handles.length > 1) {
    throw new TlsError("misuse", `HSM: ${handles.length} private keys "${label}"`, {
      expected: "exactly one",
      where: `the token "${token}"`,
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
    const extractable = own.get(Cka.extractable)?.[0] !== 0;
    return { handle, id, type, publicKey: kind.publicKey(attributes), extractable };
  }
  throw new TlsError("misuse", `HSM: the key "${label}" is of a type that is not used here`);
}

type Kind = (typeof keyKinds)[TokenKeyType];

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
