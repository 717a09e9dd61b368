/**
 * What an experiment varies: one table, from which come the schema of the file, its defaults and what `lab init`
 * explains. Cells are counted through in the order of this table, the last factor fastest.
 */
import * as z from "zod/mini";

/** One factor's values: any of them, or a list. */
interface Factor<T> {
  readonly schema: z.ZodMiniType<T>;
  readonly fallback: T;
  readonly about: string;
  /** What it changes: which bytes the ends say, how they travel, or what is made of the run. */
  readonly of: "handshake" | "network" | "measurement";
}

/** One of that kind, from its schema, its default, and what `lab init` says of it. */
const factorOf =
  (of: Factor<unknown>["of"]) =>
  <T>(schema: z.ZodMiniType<T>, fallback: T, about: string): Factor<T> => ({
    schema,
    fallback,
    about,
    of,
  });
const handshake = factorOf("handshake");
const network = factorOf("network");
const measurement = factorOf("measurement");

const name = z.string().check(z.minLength(1), z.maxLength(100));
const count = (most: number, least = 0) => z.int().check(z.minimum(least), z.maximum(most));
const amount = (most: number) => z.number().check(z.minimum(0), z.maximum(most));

/** For each direction its own, or the same for both. */
const perDirection = <T extends z.ZodMiniType>(value: T) =>
  z.union([value, z.strictObject({ up: value, down: value })]);

/** For each end its own, or the same for both. */
const perEnd = <T extends z.ZodMiniType>(value: T) =>
  z.union([value, z.strictObject({ client: value, server: value })]);

const probability = amount(1);

/** What a direction loses: a probability for each packet, or one of the kinds. */
const loss = z.union([
  probability,
  z.strictObject({
    kind: z.literal("gilbert-elliott"),
    toBad: probability,
    toGood: probability,
    inGood: probability,
    inBad: probability,
  }),
  z.strictObject({
    kind: z.literal("scripted"),
    packets: z.array(count(1_000_000)),
    of: z.optional(z.enum(["all", "data"])),
  }),
]);

const jitter = z.union([
  amount(60_000),
  z.strictObject({ deviation: amount(60_000), distribution: z.enum(["normal", "uniform"]) }),
]);

const certificates = {
  leaf: z.optional(name),
  intermediates: z.optional(z.array(name).check(z.maxLength(8))),
  root: z.optional(name),
};

const cores = {
  cores: count(100_000, 1),
  of: z.optional(z.enum(["server", "both"])),
  path: z.optional(z.enum(["own", "shared"])),
};

/** Handshakes that arrive in a second, at random; or clients that run one after another. */
const load = z.union([
  z.literal("none"),
  z.strictObject({ perSecond: z.number().check(z.positive(), z.maximum(1e9)), ...cores }),
  z.strictObject({ parallel: count(1_000_000, 1), ...cores }),
]);

/** The algorithms of a chain, slot by slot; what is left out is the `signature` of the cell. */
export const chainSchema = z.strictObject({
  name: z.optional(name),
  ...certificates,
  timestamps: z.optional(z.array(name).check(z.maxLength(8))),
  ocsp: z.optional(z.boolean()),
  send: z.optional(z.enum(["all", "leaf"])),
  second: z.optional(z.strictObject(certificates)),
});
/**
 * The signature algorithms of a certificate chain, slot by slot. A slot that is left out has the cell's
 * `signature`.
 */
export type ChainSlots = z.infer<typeof chainSchema>;

export const linkSchema = z.strictObject({
  rtt: amount(60_000),
  loss: z.optional(perDirection(loss)),
  jitter: z.optional(perDirection(jitter)),
  rate: z.optional(perDirection(z.number().check(z.positive()))),
  queue: z.optional(perDirection(count(1_000_000, 1))),
});
/**
 * A path of an experiment: `rtt` in milliseconds, `rate` in Mbit/s, `queue`, jitter and loss, for both directions
 * or for each.
 */
export type LinkPreset = z.infer<typeof linkSchema>;

const bytes = count(100_000_000);

export const factors = {
  group: handshake(
    name,
    "X25519MLKEM768",
    "key exchange: a group, or parts joined by + (x25519+HQC-128)",
  ),
  signature: handshake(
    name,
    "ecdsa_secp256r1_sha256",
    "signs the handshake, and by default all of the chain",
  ),
  chain: handshake(
    z.union([name, chainSchema]),
    "direct",
    "a name under chains, or slots: leaf, intermediates, root, timestamps, ocsp, send, second",
  ),
  suite: handshake(name, "TLS_AES_128_GCM_SHA256", "cipher suite"),
  mutual: handshake(z.boolean(), false, "the client has a chain of the same kind"),
  resumed: handshake(z.boolean(), false, "a session is resumed: no certificates cross"),
  earlyData: handshake(count(0xffff), 0, "bytes with the first flight of a resumed session"),
  compression: handshake(
    z.enum(["none", "zlib", "brotli", "abridged"]),
    "none",
    "of certificates (RFC 8879); abridged is by size only",
  ),
  authentication: handshake(
    z.enum(["signature", "kem", "stored-kem"]),
    "signature",
    "how whoever has a chain proves itself; kem is AuthKEM: signature then signs the chain alone; stored-kem: the client knows the server's key before",
  ),
  kem: handshake(
    name,
    "ML-KEM-768",
    "of the leaf's key, where authentication is kem or stored-kem",
  ),
  hello: handshake(
    z.enum(["lean", "browser", "retry"]),
    "lean",
    "lean: one share; browser: two shares, ALPN, GREASE; retry: a share that the server does not take",
  ),
  request: handshake(bytes, 0, "bytes that the client sends once it may"),
  payload: handshake(bytes, 0, "bytes that the server answers with"),
  transport: network(z.enum(["tcp", "quic"]), "tcp", "quic is a model of flights"),
  link: network(name, "none", "a name under links, or lan, broadband, lte-m, 5g, satellite"),
  rtt: network(amount(60_000), 30, "round-trip time, ms"),
  loss: network(
    perDirection(loss),
    0,
    "probability that a packet is lost, 0 to 1; a kind, or { up, down }",
  ),
  jitter: network(perDirection(jitter), 0, "standard deviation of the delay of one way, ms"),
  rate: network(
    perDirection(z.union([z.number().check(z.positive()), z.literal("unlimited")])),
    "unlimited",
    "Mbit/s",
  ),
  queue: network(perDirection(count(1_000_000, 1)), 1000, "packets that wait at most"),
  initialWindow: network(perEnd(count(1000, 1)), 10, "segments"),
  mss: network(count(65_495, 88), 1448, "bytes of data in a segment"),
  unit: network(
    z.enum(["segment", "gso"]),
    "gso",
    "what one draw of loss takes: a segment, or all that the kernel hands down at once",
  ),
  acks: network(
    z.enum(["kernel", "quick", "delayed"]),
    "kernel",
    "when data is acknowledged: as the kernel learns, always at once, never at once",
  ),
  kernel: network(perEnd(name), "linux-6.1", "timers of TCP"),
  load: measurement(
    load,
    "none",
    "{ perSecond or parallel, cores }: handshakes wait for the server's cores, or with of: both for one machine's; path: shared, and packets for each other",
  ),
  provider: measurement(name, "noble", "whose times a measured CPU mode looks for"),
  cpu: measurement(name, "zero", "zero, measured, or a name under cpuTables"),
  timer: measurement(
    z.enum(["handshake", "server-handshake", "request", "acknowledged", "first-byte", "last-byte"]),
    "handshake",
    "when the clock stops; it starts with the client's first packet",
  ),
} as const;

export type PerDirection<T> = T | { readonly up: T; readonly down: T };
export type PerEnd<T> = T | { readonly client: T; readonly server: T };

/** What can vary: `group`, `rtt`, `loss` and so on. */
export type FactorName = keyof typeof factors;
/** The value of every factor in one cell. */
export type FactorValues = { readonly [F in FactorName]: (typeof factors)[F]["fallback"] };

export const factorNames = Object.keys(factors) as readonly FactorName[];

/** Cells that differ in none of these have the same handshake. */
export const handshakeFactors = factorNames.filter((each) => factors[each].of === "handshake");
