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
import { kemParameters } from "../../crypto/index.ts";
import { type OqsGroup, type OqsKem, oqsAlgorithms } from "../../oqs/index.ts";
import { examples } from "../options.ts";
import { type Column, print, printJson, table } from "../output.ts";
import { backendLegend, loadProviders, type Providers, shortBackends } from "../provider.ts";

export function define(command: Command): void {
  command.option("--json", "plain data").action(act);
  examples(command, [
    ["groups", "code points and sizes of all groups, candidates too"],
    ["groups --json | jq '.[] | select(.hybrid)'", "hybrids only"],
  ]);
}

interface GroupFacts {
  readonly name: string;
  readonly code: number;
  readonly hybrid: boolean;
  readonly postQuantum: boolean;
  readonly draft: boolean;
  /** The algorithm of liboqs that it is made of. */
  readonly candidate?: string;
  readonly components: readonly string[];
  /** Bytes of the client's share, the server's, and the secret. */
  readonly bytes: ShareSizes;
  /** By provider: what fills the slot of each component. */
  readonly backends: Readonly<Record<string, readonly string[]>>;
}

async function act(options: { readonly json?: true }): Promise<void> {
  const providers = await loadProviders();
  const facts = [...groups.map((group) => factsOf(group, providers)), ...candidates];
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

const nothing = { publicKeyLength: 0, ciphertextLength: 0, sharedSecretLength: 0 };

/** Whether they are installed or not. */
const candidates: readonly GroupFacts[] = oqsAlgorithms.flatMap((kem) =>
  kem.kind === "kem" ? kem.groups.map((group) => candidateFacts(kem, group)) : [],
);

function candidateFacts(kem: OqsKem, { name, code, classical }: OqsGroup): GroupFacts {
  const { publicKeyLength, ciphertextLength, sharedSecretLength } =
    classical === undefined ? nothing : kemParameters[classical];
  return {
    name,
    code,
    hybrid: classical !== undefined,
    postQuantum: true,
    draft: true,
    candidate: kem.name,
    components: classical === undefined ? [kem.name] : [classical, kem.name],
    bytes: {
      client: publicKeyLength + kem.publicKey,
      server: ciphertextLength + kem.ciphertext,
      secret: sharedSecretLength + kem.sharedSecret,
    },
    backends: { oqs: ["liboqs"] },
  };
}

function render(facts: readonly GroupFacts[], providers: Providers): string {
  const sections: [string, (group: GroupFacts) => boolean][] = [
    ["Hybrid (RFC 10024)", (group) => group.hybrid && !group.draft],
    ["Classical (RFC 9846)", (group) => !group.postQuantum],
    ["ML-KEM alone (draft-ietf-tls-mlkem)", (group) => group.postQuantum && !group.hybrid],
    ["Hybrid, individual drafts", (group) => group.draft && group.candidate === undefined],
    ["Candidates, under oqs-provider's names", (group) => group.candidate !== undefined],
  ];
  const titled = sections.map(([title, belongs]) => ({
    title,
    rows: facts.filter(belongs).map(rowOf),
  }));
  return [
    table(columns, titled),
    "",
    "Sizes in bytes: key_exchange of the client and of the server, shared secret.",
    "Candidates run where @oqs/liboqs-js is installed: npm install @oqs/liboqs-js",
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
  shortBackends(backends["native"] ?? backends["oqs"] ?? []),
];
