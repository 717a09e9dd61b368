/** What a setup asks for, as the arguments of a peer; or why the peer cannot be asked for it. */
import { fillIn } from "./find.ts";
import type { Peer, PeerCommand } from "./peer.ts";
import { type EndSetup, type Feature, featureNames } from "./setup.ts";

export type PeerRole = "client" | "server";

/** Values of placeholders that do not come from the setup: files, folders, addresses. */
export type CommandFiles = Readonly<Record<string, string>>;

/** Why it cannot be run so; `undefined` if it can. */
export function lacking(peer: Peer, role: PeerRole, setup: EndSetup): string | undefined {
  const command = peer[role];
  if (command === undefined) return `${peer.title} is no ${role} here`;
  const unknown = [...(setup.groups ?? []), ...(setup.shares ?? [])].find(
    (name) => peer.groups[name] === undefined,
  );
  if (unknown !== undefined) return `${peer.title} does not have ${unknown}`;
  const { credential } = setup;
  if (credential !== undefined && !peer.credentials.includes(credential)) {
    return `${peer.title} does not take a certificate of ${credential}`;
  }
  const missing = featuresOf(setup).filter((feature) => !has(peer, command, setup, feature));
  // What its description says of one is worth more than that another is not there
  const reason = missing.map((feature) => peer.lacks?.[feature]).find((each) => each !== undefined);
  if (reason !== undefined || missing.length === 0) return reason;
  return `${peer.title} as a ${role} has no ${featureNames[missing[0]!]}`;
}

function has(
  { shareMark, sharesFirst }: Peer,
  command: PeerCommand,
  { groups, shares }: EndSetup,
  feature: Feature,
): boolean {
  if (feature === "shares" && shareMark !== undefined) return true;
  if (feature === "shares" && sharesFirst && shares?.join() === groups?.[0]) return true;
  // Which key it is says the file that it is given
  if (feature === "credential" || feature === "largeCertificate") return true;
  if (feature === "resumption" && command.resumes !== undefined) return true;
  return command.options[feature] !== undefined || command.file?.options[feature] !== undefined;
}

const featuresOf = (setup: EndSetup): Feature[] =>
  (Object.keys(setup) as Feature[]).filter((name) => setup[name] !== undefined);

/**
 * The arguments of one process.
 * @param connection of a client that is started anew for each: which, from 0
 */
export function argumentsOf(
  peer: Peer,
  role: PeerRole,
  setup: EndSetup,
  { files, connection }: { readonly files: CommandFiles; readonly connection: number },
): string[] {
  const command = commandOf(peer, role);
  const added = featuresOf(setup).flatMap((feature): readonly string[] => {
    if (feature === "resumption" && command.resumes !== undefined) {
      return connection === 0 ? command.resumes.first : command.resumes.second;
    }
    // A client has nothing to say early before it has a session
    const isEarly = feature === "earlyData" && command.resumes !== undefined;
    if (isEarly && role === "client" && connection === 0) return [];
    return command.options[feature] ?? [];
  });
  return fillIn([...command.arguments, ...added], valuesOf(peer, setup, files));
}

/** The programs that are run before it, each with its arguments. */
export function preparationsOf(
  peer: Peer,
  role: PeerRole,
  setup: EndSetup,
  files: CommandFiles,
): string[][] {
  const { prepare = { always: [], options: {} } } = commandOf(peer, role);
  const added = featuresOf(setup).flatMap((feature) => prepare.options[feature] ?? []);
  return [...prepare.always, ...added].map((line) => fillIn(line, files));
}

/** The text of the file that is written before it starts; `undefined` if there is none. */
export function fileOf(
  peer: Peer,
  role: PeerRole,
  setup: EndSetup,
  files: CommandFiles,
): string | undefined {
  const { file } = commandOf(peer, role);
  if (file === undefined) return undefined;
  const added = featuresOf(setup).flatMap((feature) => file.options[feature] ?? []);
  const lines = fillIn([...file.always, ...added], valuesOf(peer, setup, files));
  return lines.map((line) => `${line}\n`).join("");
}

/** @throws Error if the peer does not have that role */
export function commandOf(peer: Peer, role: PeerRole): PeerCommand {
  const command = peer[role];
  if (command === undefined) throw new Error(`${peer.title} is no ${role} here`);
  return command;
}

export function valuesOf(
  { groups, suites = {}, separator = ",", shareMark }: Peer,
  setup: EndSetup,
  files: CommandFiles,
): Record<string, string | undefined> {
  const { shares = [], alpn, recordSizeLimit, exporter } = setup;
  const join = (names: readonly string[] | undefined): string | undefined => names?.join(separator);
  const mark = (name: string): string =>
    shareMark !== undefined && shares.includes(name)
      ? `${shareMark}${groups[name]}`
      : groups[name]!;
  return {
    groups: join(setup.groups?.map(mark)),
    shares: join(shares.map((name) => groups[name]!)),
    suites: join(setup.suites?.map((name) => suites[name] ?? name)),
    alpn: alpn?.join(","),
    recordSizeLimit: recordSizeLimit?.toString(),
    exporter,
    ...files,
  };
}
