/** Reads the project's own test vectors. Members that are not known are refused: they would not be checked. */
import * as z from "zod/mini";
import { AlertDescription, type AlertName } from "../../registry/index.ts";
import { readValue } from "../../registry/json.ts";
import { parseJson, UnknownFormat, UnreadableCorpus } from "../vectors/json.ts";
import {
  featureNames,
  formatVersion,
  handshakeFormat,
  type HandshakeFile,
  handshakeKinds,
  type HandshakeVector,
  shareFormat,
  type ShareFile,
} from "./format.ts";

const optional = z.exactOptional;
const text = z.string();
const number = z.number();
const texts = z.array(text);
const hex = text.check(z.regex(/^(?:[\da-f]{2})*$/, "bytes in lower-case hexadecimal"));
const role = z.enum(["client", "server"]);
const byRole = z.strictObject({ client: hex, server: hex });

const group = z.strictObject({ name: text, code: number, components: texts });
const identity = z.strictObject({ chain: z.array(hex), privateKey: hex });
const exportMembers = {
  secret: z.enum(["exporter", "earlyExporter"]),
  label: text,
  context: hex,
  length: number,
};
const component = z.strictObject({
  kem: text,
  privateKey: optional(hex),
  publicKey: hex,
  randomness: optional(hex),
  ciphertext: optional(hex),
  sharedSecret: optional(hex),
});
const keys = z.strictObject({ key: hex, iv: hex });

const handshake: z.ZodMiniType<HandshakeVector> = z.strictObject({
  name: text,
  kind: z.enum([...handshakeKinds, "psk"]),
  feature: optional(z.enum(featureNames)),
  leadingZero: optional(number),
  alpn: optional(texts),
  earlyData: optional(number),
  early: optional(hex),
  recordSizeLimit: optional(number),
  padding: optional(number),
  suite: text,
  signature: text,
  serverName: text,
  time: number,
  seeds: z.strictObject({ client: optional(text), server: optional(text) }),
  offer: z.strictObject({ groups: texts, shares: texts }),
  session: optional(
    z.strictObject({
      from: text,
      ticket: hex,
      psk: hex,
      binderKey: hex,
      issuedAt: number,
      lifetime: number,
      ageAdd: number,
      maxEarlyData: optional(number),
    }),
  ),
  key: optional(
    z.strictObject({
      identity: hex,
      psk: hex,
      binderKey: hex,
      imported: optional(z.strictObject({ identity: hex, secret: hex, context: hex })),
    }),
  ),
  negotiated: z.strictObject({
    cipherSuite: text,
    group: text,
    retried: z.boolean(),
    resumed: z.boolean(),
    serverSignature: z.nullable(text),
    clientSignature: z.nullable(text),
    alpn: optional(text),
  }),
  exchange: z.strictObject({
    clientShare: hex,
    serverShare: hex,
    sharedSecret: hex,
    components: z.array(component),
  }),
  refused: optional(z.strictObject({ group, components: z.array(component) })),
  messages: z.array(z.strictObject({ from: role, type: text, epoch: text, bytes: hex })),
  flights: z.array(z.strictObject({ from: role, bytes: hex })),
  data: byRole,
  secrets: z.strictObject({
    early: hex,
    handshake: hex,
    clientHandshakeTraffic: hex,
    serverHandshakeTraffic: hex,
    main: hex,
    clientApplicationTraffic: hex,
    serverApplicationTraffic: hex,
    exporter: hex,
    resumption: hex,
    clientEarlyTraffic: optional(hex),
    earlyExporter: optional(hex),
    clientUpdatedTraffic: optional(hex),
    serverUpdatedTraffic: optional(hex),
  }),
  trafficKeys: z.strictObject({
    clientHandshakeTraffic: keys,
    serverHandshakeTraffic: keys,
    clientApplicationTraffic: keys,
    serverApplicationTraffic: keys,
    clientEarlyTraffic: optional(keys),
    clientUpdatedTraffic: optional(keys),
    serverUpdatedTraffic: optional(keys),
  }),
  exported: hex,
  exports: optional(z.array(z.strictObject({ ...exportMembers, bytes: hex }))),
  peerKeyLog: optional(texts),
});

const alerts = Object.keys(AlertDescription) as AlertName[];
const share = z.strictObject({
  name: text,
  from: role,
  share: optional(hex),
  hello: hex,
  alert: z.enum(alerts),
  section: text,
  optional: optional(z.literal(true)),
  sharedSecret: optional(hex),
});

const heading = {
  version: z.literal(formatVersion),
  license: z.literal("MIT"),
  origin: z.union([
    z.strictObject({ kind: z.literal("generated"), seed: text }),
    z.strictObject({ kind: z.literal("recorded"), peer: text }),
  ]),
  group,
  identities: z.record(
    text,
    z.strictObject({ authority: hex, server: identity, client: identity }),
  ),
};
const handshakeFile: z.ZodMiniType<HandshakeFile> = z.strictObject({
  format: z.literal(handshakeFormat),
  ...heading,
  handshakes: z.array(handshake),
});
const shareFile: z.ZodMiniType<ShareFile> = z.strictObject({
  format: z.literal(shareFormat),
  ...heading,
  handshake,
  shares: z.array(share),
});

/**
 * Reads a file of handshakes or shares.
 * @throws UnreadableCorpus
 */
export function parseVectors(json: string): HandshakeFile | ShareFile {
  const data = parseJson(json);
  const { format } = data;
  if (typeof format !== "string" || !format.startsWith("kemistry ")) {
    throw new UnknownFormat(`the format ${JSON.stringify(format)} is not known`);
  }
  const fail = (reason: string): Error => new UnreadableCorpus(reason);
  return format === shareFormat
    ? readValue(data, shareFile, fail)
    : readValue(data, handshakeFile, fail);
}
