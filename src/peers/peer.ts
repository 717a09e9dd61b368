/**
 * Another implementation of TLS, as data: how to get it, how to start it as a client and as a server, and what it has.
 *
 * An argument may hold placeholders: `{port}` and `{host}` to listen on or to connect to, `{name}` of the server, the
 * PEM files `{certificate}`, `{key}`, `{ca}`, `{clientCertificate}`, `{clientKey}`, `{publicKey}`, the files `{keyLog}`
 * (it writes secrets there), `{session}`, `{early}` (what to say early), the lists `{groups}`, `{shares}`, `{suites}`,
 * `{alpn}`, the values `{recordSizeLimit}` and `{exporter}`, and the folders `{folder}` of the run and `{peers}`.
 */
import * as z from "zod/mini";
import { readJson } from "../registry/json.ts";
import { type CredentialKind, credentialKinds, type Feature, featureNames } from "./setup.ts";

/** One role of a peer. */
export interface PeerCommand {
  /** Programs to run before it, each with its arguments: a database of keys, say; always, and for features. */
  readonly prepare?: {
    readonly always: readonly (readonly string[])[];
    readonly options: { readonly [F in Feature]?: readonly (readonly string[])[] };
  };
  /** A program instead of the peer's own. */
  readonly program?: readonly string[];
  readonly arguments: readonly string[];
  /** What a setup that asks for a feature adds. A feature that is not here it does not have. */
  readonly options: { readonly [F in Feature]?: readonly string[] };
  /** Of a client: instead of the options of `resumption`, in the first and in the second connection. */
  readonly resumes?: { readonly first: readonly string[]; readonly second: readonly string[] };
  /** Of a server: printed once it listens; a group is the port, if it was asked for any by `{port}` 0. */
  readonly listens?: string;
  /** A server that takes any port for 0, and says which. Default: a free one is chosen for it. */
  readonly choosesPort?: boolean;
  /**
   * Who speaks: `input`, it sends what it reads and prints what it is sent; `itself`, it makes requests or answers of
   * HTTP; `echo`, it sends back what it is sent.
   */
  readonly speaks: "input" | "itself" | "echo";
  /** What is to be written to it for these. */
  readonly commands?: {
    readonly keyUpdate?: string;
    readonly close?: string;
    /** Default: the end of its input. */
    readonly halfClose?: string;
  };
  /** What it prints: a group is the value. */
  readonly says?: { readonly exporter?: string };
  /** Lines of a file, `{file}`, that is written before it starts: always, and for the features of a setup. */
  readonly file?: {
    readonly always: readonly string[];
    readonly options: { readonly [F in Feature]?: readonly string[] };
  };
}

export interface Peer {
  /** Short, for the command line: letters, digits, dots and hyphens. */
  readonly name: string;
  readonly title: string;
  /** How to get it, in words. */
  readonly get: string;
  /** Paths in the folder of peers, with `*` for any name, or names on the PATH: the first that is there is taken. */
  readonly program: readonly string[];
  /** What says the version: a group of the pattern, or all of it. Another program may be asked than the peer's own. */
  readonly version: {
    readonly program?: readonly string[];
    readonly arguments: readonly string[];
    readonly pattern: string;
  };
  readonly environment?: Readonly<Record<string, string>>;
  /** Its name for each group that it has. */
  readonly groups: Readonly<Record<string, string>>;
  /** The same of cipher suites; those that are not here go by their own names. */
  readonly suites?: Readonly<Record<string, string>>;
  /** Stands between groups, shares and suites. Default: `,`, which stands between protocols of ALPN always. */
  readonly separator?: string;
  /** Stands before each group whose share is sent, in a list of groups. */
  readonly shareMark?: string;
  /** By itself it sends one share, of its first group. */
  readonly sharesFirst?: boolean;
  readonly credentials: readonly CredentialKind[];
  readonly client?: PeerCommand;
  readonly server?: PeerCommand;
  /** Why it does not have a feature. */
  readonly lacks?: { readonly [F in Feature]?: string };
  /** What it is known to do wrongly in a case, by the role that it has then. A case that goes well all the same is told. */
  readonly faults?: {
    readonly client?: Readonly<Record<string, string>>;
    readonly server?: Readonly<Record<string, string>>;
  };
}

const optional = z.exactOptional;
const text = z.string();
const list = z.array(text);
const features = Object.keys(featureNames) as Feature[];
const perFeature = <T extends z.ZodMiniType>(value: T) => z.partialRecord(z.enum(features), value);

const command: z.ZodMiniType<PeerCommand> = z.strictObject({
  prepare: optional(z.strictObject({ always: z.array(list), options: perFeature(z.array(list)) })),
  program: optional(list),
  arguments: list,
  options: perFeature(list),
  resumes: optional(z.strictObject({ first: list, second: list })),
  listens: optional(text),
  choosesPort: optional(z.boolean()),
  speaks: z.enum(["input", "itself", "echo"]),
  commands: optional(
    z.strictObject({
      keyUpdate: optional(text),
      close: optional(text),
      halfClose: optional(text),
    }),
  ),
  says: optional(z.strictObject({ exporter: optional(text) })),
  file: optional(z.strictObject({ always: list, options: perFeature(list) })),
});

const peer: z.ZodMiniType<Peer> = z.strictObject({
  name: text.check(z.regex(/^\w[\w.-]*$/, "letters, digits, dots and hyphens")),
  title: text,
  get: text,
  program: list.check(z.minLength(1)),
  version: z.strictObject({ program: optional(list), arguments: list, pattern: text }),
  environment: optional(z.record(text, text)),
  groups: z.record(text, text),
  suites: optional(z.record(text, text)),
  separator: optional(text),
  shareMark: optional(text),
  sharesFirst: optional(z.boolean()),
  credentials: z.array(z.enum(credentialKinds)),
  client: optional(command),
  server: optional(command),
  lacks: optional(perFeature(text)),
  faults: optional(
    z.strictObject({
      client: optional(z.record(text, text)),
      server: optional(z.record(text, text)),
    }),
  ),
});

/** Reads the file of a peer. @throws Error that says where it is wrong */
export function readPeer(json: string): Peer {
  return readJson(json, peer, (reason) => new Error(reason));
}
