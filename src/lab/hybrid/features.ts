/**
 * Handshakes beside the usual kinds, each for one feature of the protocol: what determines it, and what its ends
 * say once they are open. All is data, so that a vector says it too.
 */
import { toHex, utf8 } from "../../wire/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { ExportRequest, FeatureFacts, FeatureName, HandshakeKind, Hex } from "./format.ts";

interface Feature extends FeatureFacts {
  readonly kind: HandshakeKind;
  readonly suite: string;
  /** The feature whose ticket it resumes. */
  readonly resumes?: FeatureName;
  /** What both ends have beforehand. */
  readonly key?: "external" | "imported";
}

const alpn = ["h2", "http/1.1"];
const label = "EXPERIMENTAL kemistry";
const exportOf = (
  secret: ExportRequest["secret"],
  context: Hex,
  length: number,
): ExportRequest => ({
  secret,
  label,
  context,
  length,
});

/** In the order of the file: what is resumed comes first. Each hash and each AEAD is among them. */
export const features: Readonly<Record<FeatureName, Feature>> = {
  protocol: {
    kind: "full",
    suite: "TLS_AES_128_GCM_SHA256",
    alpn,
    earlyData: 1000,
    exports: [exportOf("exporter", "c0ffee", 32), exportOf("exporter", "5a".repeat(300), 16)],
  },
  "early data": {
    kind: "resumed",
    suite: "TLS_AES_128_GCM_SHA256",
    resumes: "protocol",
    alpn,
    earlyData: 1000,
    early: toHex(utf8("the client's early data\n")),
    exports: [exportOf("earlyExporter", "", 32), exportOf("earlyExporter", "c0ffee", 32)],
  },
  "resumed retry": {
    kind: "retry",
    suite: "TLS_AES_128_GCM_SHA256",
    resumes: "protocol",
    alpn,
  },
  "external key": { kind: "psk", suite: "TLS_AES_256_GCM_SHA384", key: "external" },
  "imported key": { kind: "psk", suite: "TLS_CHACHA20_POLY1305_SHA256", key: "imported" },
  "key update": { kind: "full", suite: "TLS_AES_256_GCM_SHA384" },
  "later authentication": { kind: "full", suite: "TLS_CHACHA20_POLY1305_SHA256" },
  "record limits": {
    kind: "mutual",
    suite: "TLS_AES_128_GCM_SHA256",
    recordSizeLimit: 512,
    padding: 64,
  },
  "many records": { kind: "full", suite: "TLS_CHACHA20_POLY1305_SHA256" },
};

/** What an end is asked to do. */
export interface Speaker {
  write(data: Uint8Array): void;
  close(): void;
  updateKeys(): void;
  requestCertificate(): void;
}

export interface Turn {
  readonly from: Role;
  act(end: Speaker): void;
}

/** What each end sends once the handshake is over: a line, for peers that read lines. */
export const applicationData: Readonly<Record<Role, Uint8Array>> = {
  client: utf8("the client's data\n"),
  server: utf8("the server's data\n"),
};

const write = (from: Role): Turn => ({ from, act: (end) => end.write(applicationData[from]) });
const close = (from: Role): Turn => ({ from, act: (end) => end.close() });
const manyRecords = (from: Role): Turn => ({
  from,
  act(end) {
    for (let sent = 0; sent < 300; sent++) end.write(Uint8Array.of(sent & 0xff));
  },
});
const usual = [write("client"), close("client"), write("server"), close("server")];

const ownTurns: Readonly<Partial<Record<FeatureName, readonly Turn[]>>> = {
  // The answer comes before the server's data
  "key update": [write("client"), { from: "client", act: (end) => end.updateKeys() }, ...usual],
  "later authentication": [{ from: "server", act: (end) => end.requestCertificate() }, ...usual],
  "many records": [manyRecords("client"), close("client"), manyRecords("server"), close("server")],
};

/** What is done once the handshake is over, one after the other. */
export const turnsOf = (feature: FeatureName | undefined): readonly Turn[] =>
  (feature && ownTurns[feature]) ?? usual;

/** The application data of all turns. */
export function dataOf(feature: FeatureName | undefined): Readonly<Record<Role, Hex>> {
  const data = { client: "", server: "" };
  for (const { from, act } of turnsOf(feature)) {
    act({
      write: (bytes) => void (data[from] += toHex(bytes)),
      close: () => {},
      updateKeys: () => {},
      requestCertificate: () => {},
    });
  }
  return data;
}
