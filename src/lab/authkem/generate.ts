/** Makes the vectors of authentication by KEM from a seed. */
import { pump } from "../../connection/pump.ts";
import { createNoble, noble, seededRandom, suites } from "../../crypto/index.ts";
import {
  createDevelopmentCa,
  encodePrivateKey,
  type IssuedKemCredential,
} from "../../identity/index.ts";
import {
  decodeMessage,
  encodeMessage,
  type MessageBody,
  type MessageType,
} from "../../messages/index.ts";
import { recordHeader } from "../../record/protection.ts";
import { ContentType } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
import { findByName } from "../hybrid/end.ts";
import { flightsOf } from "../hybrid/converse.ts";
import { cutRecords } from "../hybrid/records.ts";
import type { TraceEvent } from "../trace/trace.ts";
import type { Subject } from "../vectors/corpus.ts";
import { createEnd } from "./end.ts";
import {
  type AuthKemFile,
  authKemFormat,
  type AuthKemIdentity,
  type AuthKemInputs,
  authKemKinds,
  type AuthKemVector,
  type Refusal,
} from "./format.ts";
import { describedBy } from "./described.ts";

const maker: Subject = { provider: noble, seeded: (random) => createNoble({ random }) };
const time = Date.UTC(2026, 10, 2, 12);

/** A handshake of every kind by ML-KEM-768, one of each other scheme, and one with SHA-384. */
export function generateAuthKem(seed: string): AuthKemFile {
  const others = ["kem_mlkem512", "kem_mlkem1024", "dhkem_x25519_sha256"] as const;
  const all = [
    ...authKemKinds.map((kind) => ({ kind, scheme: "kem_mlkem768", suite: usual })),
    ...others.map((scheme) => ({ kind: "mutual" as const, scheme, suite: usual })),
    ...others.map((scheme) => ({ kind: "stored mutual" as const, scheme, suite: usual })),
    { kind: "mutual" as const, scheme: "kem_mlkem1024", suite: "TLS_AES_256_GCM_SHA384" },
    { kind: "stored mutual" as const, scheme: "kem_mlkem1024", suite: "TLS_AES_256_GCM_SHA384" },
  ];
  return {
    format: authKemFormat,
    version: 1,
    license: "MIT",
    handshakes: all.map((what) => handshake(seed, what)),
  };
}

const usual = "TLS_AES_128_GCM_SHA256";
const keyTypes: Readonly<Record<string, "ML-KEM-512" | "ML-KEM-768" | "ML-KEM-1024" | "x25519">> = {
  kem_mlkem512: "ML-KEM-512",
  kem_mlkem768: "ML-KEM-768",
  kem_mlkem1024: "ML-KEM-1024",
  dhkem_x25519_sha256: "x25519",
};

function handshake(
  seed: string,
  what: Pick<AuthKemInputs, "kind" | "scheme" | "suite">,
): AuthKemVector {
  const name = `${what.kind} ${what.scheme} ${what.suite}`;
  const provider = createNoble({ random: seededRandom(`${seed}, ${name}, identities`) });
  const ca = createDevelopmentCa({ provider, algorithm: "ed25519", now: time });
  const issued = (request: { names: string[]; usage?: "client" }): AuthKemIdentity =>
    identityOf(ca.issueKem({ ...request, algorithm: keyTypes[what.scheme]! }));
  const inputs: AuthKemInputs = {
    ...what,
    group: "X25519MLKEM768",
    serverName: "server.example",
    time,
    seeds: { client: `${seed}, ${name}, client`, server: `${seed}, ${name}, server` },
    authority: toHex(ca.certificate.der),
    server: issued({ names: ["server.example"] }),
    ...(what.kind.endsWith("mutual") && {
      client: issued({ names: ["client.example"], usage: "client" }),
    }),
  };
  const vector = describedBy(name, inputs, run(inputs));
  return { ...vector, refusals: refusalsOf(vector) };
}

function identityOf({ chain, privateKey }: IssuedKemCredential): AuthKemIdentity {
  const { type, key, seed } = privateKey;
  const publicKey = chain[0]!.publicKey.key;
  const own = { type, publicKey, privateKey: key, ...(seed && { seed }) };
  return {
    chain: chain.map(({ der }) => toHex(der)),
    privateKey: toHex(encodePrivateKey(own, seed === undefined ? "both" : "seed").pkcs8),
  };
}

/** What went over the wire, and what went into it. */
function run(inputs: AuthKemInputs) {
  const messages: { from: Role; bytes: Uint8Array }[] = [];
  const watch = (from: Role) => ({
    message(direction: "sent" | "received", raw: Uint8Array) {
      if (direction === "sent") messages.push({ from, bytes: raw.slice() });
    },
  });
  const client = createEnd(inputs, "client", maker, watch("client"))!;
  const server = createEnd(inputs, "server", maker, watch("server"))!;
  const events: TraceEvent[] = [];
  server.connection.start();
  client.connection.start();
  pump(
    { client: client.connection, server: server.connection },
    { tap: (event) => void events.push(event) },
  );
  for (const { connection } of [client, server]) if (connection.error) throw connection.error;
  return {
    messages,
    flights: flightsOf(events),
    drafts: { client: client.drafts, server: server.drafts },
  };
}

/** A message of the vector with something else in it. */
function changed<T extends MessageType>(
  { messages }: AuthKemVector,
  from: Role,
  type: T,
  change: (body: MessageBody<T>) => void,
): Uint8Array {
  const found = messages.find((each) => each.from === from && each.type === type)!;
  const { body } = decodeMessage(type, fromHex(found.bytes));
  const copy = structuredClone(body);
  change(copy);
  return encodeMessage(type, copy as MessageBody<T>);
}

const drafts = {
  authKem: "draft-celi-wiggers-tls-authkem-07",
  psk: "draft-wiggers-tls-authkem-psk-05",
};

function refusalsOf(vector: AuthKemVector): Refusal[] {
  return vector.kind.startsWith("stored") ? ofStored(vector) : ofEncapsulation(vector);
}

/** What the client encapsulated is the first record under its first keys. */
function ofEncapsulation(vector: AuthKemVector): Refusal[] {
  const [hello, , second] = vector.flights;
  const records = cutRecords(fromHex(second!.bytes));
  const at = records.findIndex((record) => record[0] === ContentType.application_data);
  const cases: [string, Refusal["alert"], (body: MessageBody<"kem_encapsulation">) => void][] = [
    ["another ciphertext", "bad_record_mac", (body) => void (body.encapsulation[0]! ^= 1)],
    [
      "a ciphertext without its last byte",
      "illegal_parameter",
      (body) => void (body.encapsulation = body.encapsulation.slice(0, -1)),
    ],
    [
      "a context that is not the certificate's",
      "illegal_parameter",
      (body) => void (body.certificateRequestContext = Uint8Array.of(1)),
    ],
  ];
  return cases.map(([name, alert, change]) => {
    const message = changed(vector, "client", "kem_encapsulation", change);
    const sealed = seal(vector, "clientHandshakeTraffic", message);
    const flight = concat(...records.slice(0, at), sealed, ...records.slice(at + 1));
    return {
      name,
      end: "server" as const,
      flights: [hello!.bytes, toHex(flight)],
      alert,
      section: `${drafts.authKem} §4.2`,
    };
  });
}

function ofStored(vector: AuthKemVector): Refusal[] {
  const [first, answer, last] = vector.flights;
  const toServer = (change: (body: MessageBody<"client_hello">) => void): string =>
    toHex(plainFirst(fromHex(first!.bytes), changed(vector, "client", "client_hello", change)));
  const toClient = (change: (body: MessageBody<"server_hello">) => void): string =>
    toHex(plainFirst(fromHex(answer!.bytes), changed(vector, "server", "server_hello", change)));
  const isMutual = vector.kind === "stored mutual";
  return [
    {
      name: "another ciphertext",
      end: "server",
      // Of a client that shows its certificate the server cannot read even that
      flights: [
        toServer(({ extensions }) => void (extensions.stored_auth_key!.ciphertext[0]! ^= 1)),
        ...(isMutual ? [] : [last!.bytes]),
      ],
      alert: "bad_record_mac",
      section: `${drafts.psk} §4.4.2`,
    },
    {
      name: "a ciphertext without its last byte",
      end: "server",
      flights: [
        toServer(({ extensions: { stored_auth_key: stored } }) => {
          stored!.ciphertext = stored!.ciphertext.slice(0, -1);
        }),
      ],
      alert: "illegal_parameter",
      section: `${drafts.psk} §4.2.1`,
    },
    {
      name: "early_auth without stored_auth_key",
      end: "server",
      flights: [
        toServer(({ extensions }) => {
          delete extensions.stored_auth_key;
          extensions.early_auth = true;
        }),
      ],
      alert: "illegal_parameter",
      section: `${drafts.psk} §4.2.2`,
    },
    {
      name: "an answer that is not AcceptedAuthKey",
      end: "client",
      flights: [toClient(({ extensions }) => void (extensions.stored_auth_key = 2))],
      alert: "illegal_parameter",
      section: `${drafts.psk} §4.2.1`,
    },
  ];
}

/** A flight whose first message is another; it stands alone in its record, in the clear. */
function plainFirst(flight: Uint8Array, message: Uint8Array): Uint8Array {
  const [head, ...rest] = cutRecords(flight);
  const version = (head![1]! << 8) | head![2]!;
  return concat(recordHeader(ContentType.handshake, message.length, version), message, ...rest);
}

/** The first record under a secret. */
function seal({ suite, trafficKeys }: AuthKemVector, secret: string, message: Uint8Array) {
  const { key, iv } = trafficKeys[secret]!;
  const aead = noble.aeads[findByName("cipher suite", suites, suite).aead];
  const inner = concat(message, Uint8Array.of(ContentType.handshake));
  const header = recordHeader(ContentType.application_data, inner.length + 16, 0x0303);
  const none = new Uint8Array(0);
  return concat(header, ...aead.importKey(fromHex(key)).seal(fromHex(iv), header, inner, none));
}
