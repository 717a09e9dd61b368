/** One step of the model over the real engine: two ends, and an attacker between them. */
import {
  type Connection,
  type ConnectionEvent,
  createClientConnection,
  createServerConnection,
} from "../../connection/index.ts";
import type { Provider, RandomSource } from "../../crypto/index.ts";
import { MemoryHistory, type PastConnection } from "../../detection/index.ts";
import {
  MemoryReplayGuard,
  type OfferedPsk,
  sealedTickets,
  TicketKeys,
} from "../../handshake/index.ts";
import type { Credential } from "../../identity/index.ts";
import { decodeMessage, encodeMessage } from "../../messages/index.ts";
import type { PolicyName } from "../../policy/index.ts";
import { AlertDescription, NamedGroup, TlsError } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, equal, fromHex, utf8 } from "../../wire/index.ts";
import { labName, labPki, labTime } from "../adversary/lab-pki.ts";
import type { Attack, Move, Offer } from "./moves.ts";

/** All that one step leaves to the next. */
export interface World {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What the client remembers of the server. */
  readonly memory: readonly PastConnection[];
  readonly session: OfferedPsk | undefined;
  /** The offers that the client really sent, and what it came to: the truth, beside what it remembers. */
  readonly sent: readonly { readonly at: number; readonly offer: Offer }[];
}

export interface WorldTerms {
  readonly provider: Provider;
  readonly policy: PolicyName;
}

/** What came of one connection. */
export interface Outcome {
  readonly client: EndOutcome;
  /** Of the honest server. */
  readonly server: EndOutcome;
  /** How often the server's application was given the client's early data. */
  readonly earlyData: number;
}

export interface EndOutcome {
  readonly isOpen: boolean;
  readonly group: string | undefined;
  readonly suite: string | undefined;
  /** Kinds of its findings. */
  readonly findings: readonly string[];
  /** From its key log: what only those have who ran this handshake. */
  readonly exporter: string | undefined;
  readonly error: string | undefined;
}

export const start: World = { now: labTime, memory: [], session: undefined, sent: [] };

const groupsOf: Readonly<Record<Offer, readonly string[]>> = {
  "hybrid and classical": ["X25519MLKEM768", "x25519"],
  classical: ["x25519"],
};

const early = utf8("an order");

/** @param random of this step: it follows from the steps before */
export function step(
  world: World,
  move: Move,
  { provider, policy }: WorldTerms,
  random: RandomSource,
): { readonly world: World; readonly outcomes: readonly Outcome[] } {
  const now = world.now + move.wait * 60_000;
  const history = MemoryHistory.from({ [labName]: world.memory });
  const seeded = { ...provider, random };
  // The same in every step: a ticket is opened by the server of the next
  const keys = new TicketKeys({ ...provider, random: (length) => new Uint8Array(length).fill(7) });
  let { session } = world;
  const sent = [...world.sent];
  const outcomes: Outcome[] = [];
  for (let time = 0; time < move.times; time++) {
    const guard = new MemoryReplayGuard(() => labTime - 3_600_000);
    const logs: Record<Role, string[]> = { client: [], server: [] };
    const common = {
      provider: seeded,
      trust: labPki().trust,
      now: () => now,
      policy,
      suites: ["TLS_AES_128_GCM_SHA256"],
      grease: false,
    };
    const serve = (credential: Credential, tickets: TicketKeys, log: string[] = []) =>
      createServerConnection({
        ...common,
        policy: "compatible",
        groups: groupsOf["hybrid and classical"],
        credentials: [credential],
        clientAuthentication: "request",
        tickets: sealedTickets(tickets),
        earlyData: { maxSize: 100, replayGuard: guard },
        keyLog: (line) => log.push(line),
      });
    let client: Connection;
    try {
      client = createClientConnection({
        ...common,
        groups: groupsOf[move.offer],
        serverName: labName,
        history,
        credentials: [labPki().client],
        psks: move.resume && session !== undefined ? [session] : [],
        ...(move.resume ? { earlyData: "safe-to-replay" as const } : {}),
        keyLog: (line) => logs.client.push(line),
      });
    } catch (error) {
      // The policy leaves nothing to offer
      if (error instanceof TlsError || error instanceof RangeError) continue;
      throw error;
    }
    const honest = (): Connection => serve(labPki().servers.own, keys, logs.server);
    const servers = [honest()];
    client.start();
    if (client.canWrite && move.resume) client.write(early);
    const hello = drain(client);
    if (hello.length > 0) sent.push({ at: now, offer: move.offer });
    if (move.attack.kind === "replay") servers.push(honest());
    carry(client, servers, hello, move.attack, (credential) =>
      serve(credential, new TicketKeys(seeded)),
    );
    const events = client.takeEvents();
    session =
      events.flatMap((event) => (event.type === "session" ? [event.session] : []))[0] ?? session;
    const received = servers.flatMap((server) => server.takeEvents());
    outcomes.push({
      client: outcomeOf(client, events, logs.client),
      server: outcomeOf(servers[0]!, [], logs.server),
      earlyData: received.filter((event) => event.type === "data" && equal(event.data, early))
        .length,
    });
  }
  return { world: { now, memory: history.recall(labName), session, sent }, outcomes };
}

const drain = (end: Connection): Uint8Array => concat(...end.takeOutput());

/** @param servers the honest one, and for a replay another with the same state */
function carry(
  client: Connection,
  servers: readonly Connection[],
  hello: Uint8Array,
  attack: Attack,
  serve: (credential: Credential) => Connection,
): void {
  const [honest] = servers as readonly [Connection];
  if (hello.length === 0) return;
  for (const server of servers) server.start();
  if (attack.kind === "drop-hello") return client.receiveEnd();
  if (attack.kind === "answer") {
    client.receive(forgedAnswer(attack.with));
    return client.receiveEnd();
  }
  const impostor = attack.kind === "impostor" ? serve(stolen(attack.shows)) : undefined;
  impostor?.start();
  const server = impostor ?? honest;
  server.receive(attack.kind === "rewrite-hello" ? withoutHybrid(hello) : hello);
  const answer = changedAnswer(drain(server), attack);
  client.receive(answer);
  const finished = drain(client);
  if (attack.kind !== "drop-finished") server.receive(finished);
  client.receive(drain(server));
  for (const again of servers.slice(1)) again.receive(concat(hello, finished));
  // Whoever is left waiting gives up
  client.receive(drain(server));
  if (client.state === "handshaking") client.receiveEnd();
  if (honest.state === "handshaking") honest.receiveEnd();
}

function forgedAnswer(what: Extract<Attack, { kind: "answer" }>["with"]): Uint8Array {
  if (what === "HTTP") return utf8("HTTP/1.1 400 Bad Request\r\n\r\n");
  if (what === "nonsense") return fromHex("63030300010a");
  if (what === "half a message") return fromHex("160303000202000016".slice(0, 14));
  return alertRecord(AlertDescription[what]);
}

const alertRecord = (description: number): Uint8Array =>
  Uint8Array.of(21, 3, 3, 0, 2, description === 0 ? 1 : 2, description);

function changedAnswer(answer: Uint8Array, { kind }: Attack): Uint8Array {
  if (kind === "drop-answer") return new Uint8Array();
  if (kind === "alert-for-answer") return alertRecord(AlertDescription.handshake_failure);
  if (kind !== "flip-answer") return answer;
  const changed = answer.slice();
  changed[changed.length - 1]! ^= 1;
  return changed;
}

/** The ClientHello of one record with x25519 for its only group and share. */
function withoutHybrid(record: Uint8Array): Uint8Array {
  const length = (record[3]! << 8) + record[4]!;
  const raw = record.subarray(5, 5 + length);
  const { body } = decodeMessage("client_hello", raw);
  const { x25519 } = NamedGroup;
  const changed = encodeMessage("client_hello", {
    ...body,
    extensions: {
      ...body.extensions,
      supported_groups: [x25519],
      key_share: body.extensions.key_share?.filter(({ group }) => group === x25519) ?? [],
    },
  });
  return concat(
    record.subarray(0, 3),
    Uint8Array.of(changed.length >> 8, changed.length),
    changed,
    record.subarray(5 + length),
  );
}

function stolen(shows: Extract<Attack, { kind: "impostor" }>["shows"]): Credential {
  const { servers } = labPki();
  if (shows !== "stolen-certificate") return servers[shows];
  return { chain: servers.own.chain, signer: servers["other-name"].signer };
}

function outcomeOf(
  { state, negotiated, error }: Connection,
  events: readonly ConnectionEvent[],
  log: readonly string[],
): EndOutcome {
  const line = log.find((each) => each.startsWith("EXPORTER_SECRET"));
  return {
    isOpen: state === "open" || (negotiated !== undefined && error === undefined),
    group: negotiated?.group,
    suite: negotiated?.cipherSuite,
    findings: events.flatMap((event) => (event.type === "finding" ? [event.finding.kind] : [])),
    exporter: line?.split(" ")[2],
    error: error?.code,
  };
}
