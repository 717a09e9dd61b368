import { native } from "../../src/node.ts";
import { startFixedServer } from "../fixed/start.ts";
import type { Candidate, Subject } from "../measure.ts";
import type { Dimensions } from "../results.ts";
import { type Client, clientStacks, type ClientTerms } from "../subjects/clients.ts";
import { pems } from "../subjects/identity.ts";
import { handshake } from "../subjects/ours.ts";
import { handshakes, lemonTls, nodeTls, ours } from "../subjects/sockets.ts";
import { carryOut, type Comparison, type Context, type Findings, type Suite } from "../suite.ts";

/** Handshakes of ours for one of theirs, by their CPU time. */
export const peers: Suite = {
  async run(context) {
    const server = await startFixedServer(pems);
    try {
      return await measurePeers(server.port, context);
    } finally {
      server.stop();
    }
  },
};

interface Row {
  readonly candidates: readonly Candidate[];
  readonly comparisons: readonly Comparison[];
}

function measurePeers(port: number, context: Context): Promise<Findings> {
  const rows = [
    ...points.map(againstNodeTls),
    againstLemonTls(),
    ...duels.map((duel) => betweenClients(duel, port)),
  ];
  const candidates = rows.flatMap((row) => row.candidates);
  return carryOut(
    {
      candidates: [...new Map(candidates.map((each) => [each.name, each])).values()],
      comparisons: rows.flatMap((row) => row.comparisons),
      notes: [
        "one certificate for all, ECDSA P-256, by a CA that the client trusts; the chain is verified unless the name says otherwise, the signature of the handshake always",
        "between sockets both sides issue tickets, as is their default; our sans-I/O calls do not",
        "a handshake between sockets ends with both destroyed",
        "clients are alone in this process: their server is node:tls in another, the same for all",
      ],
    },
    context,
  );
}

/** Our handshakes for one of node:tls, at least. */
const points = [
  { group: "X25519MLKEM768", mode: "full", goals: { calls: 1.5, pipe: 1.25, tcp: 1.1 } },
  { group: "x25519", mode: "full", goals: { calls: 1.8, pipe: 1.5, tcp: 1.25 } },
  { group: "X25519MLKEM768", mode: "resumed", goals: { calls: 1.3, tcp: 1 } },
] as const;

interface Point {
  readonly group: string;
  readonly mode: "full" | "resumed";
  readonly goals: Readonly<Partial<Record<"calls" | "pipe" | "tcp", number>>>;
}

function againstNodeTls({ group, mode, goals }: Point): Row {
  const nameOf = (stack: string, way: string) => `${stack}, ${way}, ${group}, ${mode}`;
  const candidate = (stack: string, way: string, setUp: Candidate["setUp"]): Candidate => ({
    name: nameOf(stack, way),
    dimensions: { stack, way, group, mode, role: "both" },
    setUp,
  });
  const streams = (["pipe", "tcp"] as const).flatMap((way) => [
    {
      ...candidate("node:tls", way, () => handshakes(nodeTls({ group, way, mode }))),
      isReference: true,
    },
    onProvider(
      candidate("kemistry", way, () => handshakes(ours({ group, way, mode }))),
      "native",
    ),
  ]);
  const calls = candidate("kemistry", "calls", () => ({
    run: handshake({ provider: native, group, mode }),
  }));
  return {
    candidates: [onProvider(calls, "native"), ...streams],
    comparisons: (["calls", "pipe", "tcp"] as const).map((way) => ({
      name: `kemistry for one of node:tls, ${way}, ${group}, ${mode}`,
      dimensions: { provider: "native", stack: "node:tls", way, group, mode },
      // Their nearest to calls is a pair of streams in memory
      numerator: nameOf("node:tls", way === "calls" ? "pipe" : way),
      denominator: nameOf("kemistry", way),
      ...goalOf(goals[way]),
    })),
  };
}

function againstLemonTls(): Row {
  const group = "x25519";
  const dimensions: Dimensions = { stack: "lemon-tls", way: "tcp", group, mode: "full" };
  const name = `lemon-tls, tcp, ${group}, full`;
  return {
    candidates: [
      {
        name,
        dimensions: { ...dimensions, role: "both" },
        isReference: true,
        setUp: () => handshakes(lemonTls({ way: "tcp" })),
      },
    ],
    comparisons: [
      {
        name: `kemistry for one of lemon-tls, tcp, ${group}, full`,
        dimensions: { ...dimensions, provider: "native" },
        numerator: name,
        denominator: `kemistry, tcp, ${group}, full`,
        goal: { atLeast: 6 },
      },
    ],
  };
}

interface Duel {
  readonly ours: "native" | "noble";
  readonly theirs: Exclude<keyof typeof clientStacks, "native" | "noble">;
  readonly group: ClientTerms["group"];
  readonly verify: boolean;
  /** Our handshakes for one of theirs, at least. */
  readonly goal: number;
}

const duels: readonly Duel[] = [
  { ours: "native", theirs: "subtls", group: "secp256r1", verify: true, goal: 8 },
  { ours: "native", theirs: "reclaim, webcrypto", group: "x25519", verify: true, goal: 6 },
  { ours: "noble", theirs: "reclaim, pure JS", group: "x25519", verify: true, goal: 1.2 },
  { ours: "noble", theirs: "reclaim, pure JS", group: "x25519", verify: false, goal: 4 },
];

function betweenClients({ ours: own, theirs, group, verify, goal }: Duel, port: number): Row {
  const terms = { group, suite: "TLS_AES_128_GCM_SHA256", verify } as const;
  const rest = `client, tcp, ${group}${verify ? "" : ", chain not verified"}`;
  const dimensions = { way: "tcp", group, mode: "full", role: "client" };
  const setUp = (name: keyof typeof clientStacks) => async () =>
    handshakesWith(await clientStacks[name](terms), port);
  const denominator = `kemistry, ${own}, ${rest}`;
  const numerator = `${theirs}, ${rest}`;
  return {
    candidates: [
      {
        name: denominator,
        dimensions: { ...dimensions, stack: "kemistry", provider: own },
        setUp: setUp(own),
      },
      {
        name: numerator,
        dimensions: { ...dimensions, stack: theirs },
        isReference: true,
        setUp: setUp(theirs),
      },
    ],
    comparisons: [
      {
        name: `kemistry, ${own}, for one of ${theirs}, ${rest}`,
        dimensions: { ...dimensions, provider: own, stack: theirs },
        numerator,
        denominator,
        goal: { atLeast: goal },
      },
    ],
  };
}

const handshakesWith = (client: Client, port: number): Subject => ({
  async run() {
    (await client(port)).destroy();
  },
});

const onProvider = (candidate: Candidate, provider: string): Candidate => ({
  ...candidate,
  dimensions: { ...candidate.dimensions, provider },
});

const goalOf = (atLeast: number | undefined) =>
  atLeast === undefined ? {} : { goal: { atLeast } };
