/** Small programs that were written for this purpose: they all take the same arguments, and speak in the same way. */
import type { PeerCommand } from "../peer.ts";
import type { Feature } from "../setup.ts";
import { words } from "./words.ts";

const common = {
  groups: words("--groups {groups}"),
  hybridByDefault: [],
  suites: words("--suites {suites}"),
  alpn: words("--alpn {alpn}"),
  resumption: ["--tickets"],
  exporter: ["--exporter", "{exporter}"],
  keyUpdate: [],
  compression: ["--compression"],
  recordSizeLimit: words("--record-size-limit {recordSizeLimit}"),
  bulk: [],
} as const;

const clientOptions: PeerCommand["options"] = {
  ...common,
  shares: words("--shares {shares}"),
  clientCertificate: words("--certificate {clientCertificate} --key {clientKey}"),
  earlyData: words("--early {early}"),
  halfClose: [],
};

const serverOptions: PeerCommand["options"] = {
  ...common,
  clientAuthentication: ["--require-client"],
  earlyData: ["--early-data"],
  earlyDataRefused: ["--early-data", "--refuse-early"],
  halfClose: ["--half-open"],
  retryCookie: ["--cookie"],
};

const speaking = {
  speaks: "input",
  commands: { keyUpdate: "K\n", close: "Q\n", halfClose: "H\n" },
  says: { exporter: "^exported ([0-9a-f]+)" },
} as const;

const only = (options: PeerCommand["options"], features: readonly Feature[]) =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) => (features as readonly string[]).includes(name)),
  ) as PeerCommand["options"];

/** @param before what stands before the arguments: the path of a script */
export const programClient = (
  features: readonly Feature[],
  before: string[] = [],
): PeerCommand => ({
  ...speaking,
  arguments: [...before, ...words("--port {port} --name {name} --ca {ca} --key-log {keyLog}")],
  options: only(clientOptions, features),
});

export const programServer = (
  features: readonly Feature[],
  before: string[] = [],
): PeerCommand => ({
  ...speaking,
  arguments: [
    ...before,
    ...words("--certificate {certificate} --key {key} --ca {clientCa} --key-log {keyLog}"),
  ],
  choosesPort: true,
  listens: "^listening on (\\d+)",
  options: only(serverOptions, features),
});
