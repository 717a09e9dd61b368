/** Vectors of authentication by KEM: whole handshakes, and what must be refused. `vectors/authkem/README.md` describes them. */
import * as z from "zod/mini";
import { kemSchemes } from "../../crypto/index.ts";
import { AlertDescription, type AlertName } from "../../registry/index.ts";
import { readValue } from "../../registry/json.ts";
import type { Role } from "../../schedule/index.ts";
import type { Hex } from "../hybrid/format.ts";
import { parseJson, UnreadableCorpus } from "../vectors/json.ts";

export const authKemFormat = "kemistry authkem handshakes";

/** `stored`: the client knows the server's key before; `mutual`: it has a certificate, in `stored mutual` shown at once. */
export const authKemKinds = ["server", "mutual", "stored", "stored mutual"] as const;
export type AuthKemKind = (typeof authKemKinds)[number];

/** A file of handshakes, all from one seed. */
export interface AuthKemFile {
  readonly format: typeof authKemFormat;
  readonly version: 1;
  readonly license: "MIT";
  readonly handshakes: readonly AuthKemVector[];
}

/** What determines a handshake. */
export interface AuthKemInputs {
  readonly kind: AuthKemKind;
  /** Of the KEM. */
  readonly scheme: string;
  readonly suite: string;
  readonly group: string;
  readonly serverName: string;
  /** Both clocks, in milliseconds since the epoch. */
  readonly time: number;
  readonly seeds: Readonly<Record<Role, string>>;
  /** Certificates in DER, private keys in PKCS#8. */
  readonly authority: Hex;
  readonly server: AuthKemIdentity;
  readonly client?: AuthKemIdentity;
}

export interface AuthKemIdentity {
  /** Leaf first, without the authority. */
  readonly chain: readonly Hex[];
  readonly privateKey: Hex;
}

/** What was encapsulated to the key of a certificate. */
export interface Encapsulated {
  readonly ciphertext: Hex;
  /** The KEM's own, before HPKE. */
  readonly sharedSecret: Hex;
}

/** A whole handshake: what determines it, and every byte, secret and key that follows. */
export interface AuthKemVector extends AuthKemInputs {
  readonly name: string;
  /** Of the key exchange. */
  readonly sharedSecret: Hex;
  /** To the key of each end that has one. */
  readonly encapsulated: Readonly<Partial<Record<Role, Encapsulated>>>;
  /** In the order in which they were sent, headers included. */
  readonly messages: readonly { readonly from: Role; readonly type: string; readonly bytes: Hex }[];
  /** Every byte on the wire: what each end sends before the other sends again. */
  readonly flights: readonly { readonly from: Role; readonly bytes: Hex }[];
  /** By name, each as long as the hash. */
  readonly secrets: Readonly<Record<string, Hex>>;
  /** Key and IV of each traffic secret. */
  readonly trafficKeys: Readonly<Record<string, { readonly key: Hex; readonly iv: Hex }>>;
  readonly refusals: readonly Refusal[];
}

/** What an end must refuse that has said so far what it says in the handshake. */
export interface Refusal {
  readonly name: string;
  /** Who refuses. */
  readonly end: Role;
  /** What arrives, one after the other. */
  readonly flights: readonly Hex[];
  readonly alert: AlertName;
  readonly section: string;
}

const text = z.string();
const hex = text.check(z.regex(/^(?:[\da-f]{2})*$/, "bytes in lower-case hexadecimal"));
const role = z.enum(["client", "server"]);
const identity = z.strictObject({ chain: z.array(hex), privateKey: hex });
const encapsulated = z.strictObject({ ciphertext: hex, sharedSecret: hex });
const optional = z.exactOptional;

const schema: z.ZodMiniType<AuthKemFile> = z.strictObject({
  format: z.literal(authKemFormat),
  version: z.literal(1),
  license: z.literal("MIT"),
  handshakes: z.array(
    z.strictObject({
      name: text,
      kind: z.enum(authKemKinds),
      scheme: z.enum(kemSchemes.map(({ name }) => name)),
      suite: text,
      group: text,
      serverName: text,
      time: z.number(),
      seeds: z.strictObject({ client: text, server: text }),
      authority: hex,
      server: identity,
      client: optional(identity),
      sharedSecret: hex,
      encapsulated: z.strictObject({
        client: optional(encapsulated),
        server: optional(encapsulated),
      }),
      messages: z.array(z.strictObject({ from: role, type: text, bytes: hex })),
      flights: z.array(z.strictObject({ from: role, bytes: hex })),
      secrets: z.record(text, hex),
      trafficKeys: z.record(text, z.strictObject({ key: hex, iv: hex })),
      refusals: z.array(
        z.strictObject({
          name: text,
          end: role,
          flights: z.array(hex),
          alert: z.enum(Object.keys(AlertDescription) as AlertName[]),
          section: text,
        }),
      ),
    }),
  ),
});

/** @throws UnreadableCorpus that names the first member that is not as it must be */
export const parseAuthKem = (json: string): AuthKemFile =>
  readValue(parseJson(json), schema, (reason) => new UnreadableCorpus(reason));
