import type { Command } from "commander";
import {
  type Group,
  groups,
  isHybrid,
  isPostQuantum,
  kemsOf,
  type ShareSizes,
  shareSizes,
} from "../../groups/index.ts";
import { examples } from "../options.ts";
import { type Column, print, printJson, table } from "../output.ts";
import { backendLegend, loadProviders, type Providers, shortBackends } from "../provider.ts";

export function define(command: Command): void {
  command.option("--json", "plain data").action(act);
  examples(command, [
    ["groups", "code points and sizes of all groups"],
    ["groups --json | jq '.[] | select(.hybrid)'", "hybrids only"],
  ]);
}

interface GroupFacts {
  readonly name: string;
  readonly code: number;
  readonly hybrid: boolean;
  readonly postQuantum: boolean;
  readonly draft: boolean;
  readonly components: readonly string[];
  /** Bytes of the client's share, the server's, and the secret. */
  readonly bytes: ShareSizes;
  /** By provider: what fills the slot of each component. */
  readonly backends: Readonly<Record<string, readonly string[]>>;
}

async function act(options: { readonly json?: true }): Promise<void> {
  const providers = await loadProviders();
  const facts = groups.map((group) => factsOf(group, providers));
  if (options.json) printJson(facts);
  else print(render(facts, providers));
}

function factsOf(group: Group, providers: Providers): GroupFacts {
  const backends = Object.entries(providers).map(([name, provider]) => [
    name,
    kemsOf(group, provider).map((kem) => kem.backend),
  ]);
  return {
    name: group.name,
    code: group.code,
    hybrid: isHybrid(group),
    postQuantum: isPostQuantum(group),
    draft: group.draft ?? false,
    components: kemsOf(group, providers.noble).map((kem) => kem.name),
    bytes: shareSizes(group, providers.noble),
    backends: Object.fromEntries(backends) as GroupFacts["backends"],
  };
}

function render(facts: readonly GroupFacts[], providers: Providers): string {
  const sections: [string, (group: GroupFacts) => boolean][] = [
    ["Hybrid (RFC 10024)", (group) => group.hybrid && !group.draft],
    ["Classical (RFC 9846)", (group) => !group.postQuantum],
    ["ML-KEM alone (draft-ietf-tls-mlkem)", (group) => group.postQuantum && !group.hybrid],
    ["Hybrid, individual drafts", (group) => group.draft],
  ];
  const titled = sections.map(([title, belongs]) => ({
    title,
    rows: facts.filter(belongs).map(rowOf),
  }));
  return [
    table(columns, titled),
    "",
    "Sizes in bytes: key_exchange of the client and of the server, shared secret.",
    backendLegend(providers),
  ].join("\n");
}

const columns: readonly Column[] = [
  { title: "group" },
  { title: "code" },
  { title: "client", align: "right" },
  { title: "server", align: "right" },
  { title: "secret", align: "right" },
  { title: "native back end" },
];

const rowOf = ({ name, code, bytes, backends }: GroupFacts): (string | number)[] => [
  `  ${name}`,
  `0x${code.toString(16).padStart(4, "0")}`,
  bytes.client,
  bytes.server,
  bytes.secret,
  shortBackends(backends["native"] ?? []),
];
