/**
 * One handshake of the real engine, recorded: what each end wrote, after how many bytes of the other's, and what it
 * computed before. A network replays that as often as it likes, and no engine runs then.
 *
 * The bytes are cut into records on their way, and handed over one by one, so that it shows after which of them an end
 * could go on. All randomness comes from the seed, and cryptography is noble's: the same bytes on every machine. What
 * a stand-in (size only) sends has the published length.
 */
import {
  type ClientOptions,
  type Connection,
  createClientConnection,
  createServerConnection,
  type ServerOptions,
} from "../../connection/index.ts";
import { type Medium, type Outlet, pump, type PumpedEnd } from "../../connection/pump.ts";
import {
  createNoble,
  type KemScheme,
  type Provider,
  schemes,
  seededRandom,
  type Suite,
} from "../../crypto/index.ts";
import { type Group, groups } from "../../groups/index.ts";
import {
  type CertificateCompressor,
  MemoryReplayGuard,
  sealedTickets,
  TicketKeys,
} from "../../handshake/index.ts";
import { createTrustStore } from "../../identity/index.ts";
import { defaultLimits } from "../../record/index.ts";
import { TlsError } from "../../registry/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { concatAll } from "../../wire/index.ts";
import type { KemSize } from "../sizes/index.ts";
import { RecordCutter } from "../trace/cutters.ts";
import { type Sent, watchSent } from "../trace/watch.ts";
import { type BuiltChain, buildChain, type ChainPlan, withLabRsa } from "./chain.ts";
import { kemSchemeFor } from "./kem-leaf.ts";
import { counted, countedKem, type Operation, OperationLog } from "./operations.ts";
import { StandInKeys, standInKem } from "./stand-in.ts";

/** What a handshake is made of, all names resolved. */
export interface HandshakePlan {
  readonly group: GroupPlan;
  readonly suite: Suite;
  readonly chain: ChainPlan;
  /** The client has a chain of the same kind, and the server insists on it. */
  readonly mutual: boolean;
  /** The client resumes a session of an earlier handshake, which does not count. */
  readonly resumed: boolean;
  /** Bytes that a client that resumes sends with its first flight. */
  readonly earlyData: number;
  readonly compression?: CertificateCompressor;
  readonly hello: HelloProfile;
  /** Bytes of application data that the client sends when it may. */
  readonly request: number;
  /** Bytes of application data that the server answers with. */
  readonly payload: number;
}

/** A group of the engine's or the caller's, or one put together from parts of which some are sizes only. */
export interface GroupPlan {
  readonly name: string;
  readonly code: number;
  readonly kems: readonly (Group["kems"][number] | KemSize)[];
}

/** `lean`: one group; `browser`: two shares, ALPN and GREASE; `retry`: a share that the server does not take. */
export type HelloProfile = "lean" | "browser" | "retry";

/** What one end does next. */
export interface RecordedStep {
  /** Bytes of the other end that have arrived then. */
  readonly received: number;
  readonly operations: readonly Operation[];
  /** Bytes that it writes then; 0 if it only computes. */
  readonly write: number;
  readonly mark?: "handshake" | "request" | "response";
}

export interface Recording {
  readonly steps: Readonly<Record<Role, readonly RecordedStep[]>>;
  /** What both ends sent during the handshake. */
  readonly sent: readonly Sent[];
  readonly client: Connection;
  readonly server: Connection;
  /** All that each end wrote, in the order of its steps. */
  readonly bytes: Readonly<Record<Role, Uint8Array>>;
  /** Lines of both ends' key logs. */
  readonly keyLog: readonly string[];
  /** Bytes on the wire until both ends are open, by sender. */
  readonly handshakeBytes: Readonly<Record<Role, number>>;
}

const serverName = "server.example";
const clientName = "client.example";
/** The time at which everything happens, in milliseconds since the epoch. */
export const labTime = Date.UTC(2026, 10, 2, 12);

/** @throws TlsError if the handshake fails, RangeError for a plan that cannot be */
export function recordHandshake(plan: HandshakePlan, seed: string): Recording {
  const ends = endsOf(plan, seed);
  const first = plan.resumed ? sessionOf(ends, plan.earlyData) : ends;
  return converse(first, plan);
}

interface End<Options> {
  readonly options: Options;
  readonly log: OperationLog;
  /** Absent for a client that has none. */
  readonly chain?: BuiltChain;
}

interface Ends {
  readonly client: End<ClientOptions>;
  readonly server: End<ServerOptions>;
}

/**
 * Both ends of a plan, before anything is sent. Certificates and their keys follow from the seed.
 *
 * @param cryptography what the ends compute with; default: noble, with randomness from the seed
 */
export function endsOf(plan: HandshakePlan, seed: string, cryptography?: Provider): Ends {
  const standIns = new StandInKeys();
  const seeded = (part: string): Provider =>
    createNoble({ random: seededRandom(`${seed}/${part}`) });
  const within = (base: Provider, log?: OperationLog): Provider => {
    const able = withLabRsa(base);
    return standIns.within(log === undefined ? able : counted(able, log), log);
  };
  const workshop = { provider: within(seeded("workshop")), standIns, now: labTime };
  const logs = { client: new OperationLog(), server: new OperationLog() };
  const providers = {
    client: within(cryptography ?? seeded("client"), logs.client),
    server: within(cryptography ?? seeded("server"), logs.server),
  };
  const { kem } = plan.chain;
  const kemSchemeOf = (role: Role): KemScheme | undefined =>
    kem && kemSchemeFor(kem, providers[role], logs[role]);
  const kemSchemes = { client: kemSchemeOf("client"), server: kemSchemeOf("server") };
  const byKem = (role: Role) => kemSchemes[role] && { kemScheme: kemSchemes[role] };
  const server = buildChain(plan.chain, workshop, {
    name: serverName,
    usage: "server",
    signing: providers.server,
    ...byKem("server"),
  });
  const client = plan.mutual
    ? buildChain(plan.chain, workshop, {
        name: clientName,
        usage: "client",
        signing: providers.client,
        ...byKem("client"),
      })
    : undefined;
  const { scheme } = plan.chain.leaf;
  const groupOf = (role: Role): Group => groupFor(plan.group, providers[role], logs[role]);
  const common = (role: Role) => ({
    provider: providers[role],
    now: () => labTime,
    suites: [plan.suite],
    // A peer takes all of them; which one is used is up to the leaf
    schemes:
      scheme === undefined || schemes.some((each) => each === scheme)
        ? [...schemes]
        : [...schemes, scheme],
    ...(kemSchemes[role] && { authKem: { schemes: [kemSchemes[role]] } }),
    limits: { handshakeMessage: largest, certificates: defaultLimits.certificates },
    ...(plan.compression && { certificateCompression: [plan.compression] }),
    ...(plan.chain.ocsp || plan.chain.timestamps.length > 0 ? { stapling: true } : {}),
  });
  return {
    client: {
      log: logs.client,
      ...(client && { chain: client }),
      options: {
        ...common("client"),
        serverName,
        trust: createTrustStore(server.anchors),
        ...helloOf(plan.hello, groupOf("client")),
        ...(client && { credentials: [client.credential] }),
      },
    },
    server: {
      log: logs.server,
      chain: server,
      options: {
        ...common("server"),
        groups: [groupOf("server")],
        credentials: [server.credential],
        ...(plan.hello === "browser" ? { alpn: ["h2"] } : {}),
        ...(client && {
          clientAuthentication: "require" as const,
          trust: createTrustStore(client.anchors),
        }),
      },
    },
  };
}

/** Some keys and signatures are longer than the engine takes by default. */
const largest = 0xff_ffff;

function groupFor({ name, code, kems }: GroupPlan, provider: Provider, log: OperationLog): Group {
  return {
    name,
    code,
    kems: kems.map((kem) => {
      if (typeof kem === "string") return kem;
      return countedKem("generate" in kem ? kem : standInKem(kem, provider.random), log);
    }),
  };
}

function helloOf(profile: HelloProfile, group: Group): Partial<ClientOptions> {
  if (profile === "lean") return { groups: [group] };
  // x25519 is what browsers send a second share of; where it is the group itself, P-256
  const other = groups.find(
    ({ name, code }) => (name === "x25519" || name === "secp256r1") && code !== group.code,
  )!;
  if (profile === "retry") return { groups: [other, group], shares: [other] };
  return {
    groups: [group, other],
    shares: [group, other],
    grease: true,
    alpn: ["h2", "http/1.1"],
    stapling: true,
  };
}

/** A first handshake leaves a session with the client. */
function sessionOf({ client, server }: Ends, earlyData: number): Ends {
  const tickets = sealedTickets(new TicketKeys(server.options.provider!), { count: 1 });
  const options: ServerOptions = {
    ...server.options,
    ...(earlyData > 0 && {
      earlyData: { maxSize: earlyData, replayGuard: new MemoryReplayGuard(server.options.now) },
    }),
  };
  const first = createClientConnection(client.options);
  run(first, createServerConnection({ ...options, tickets }));
  const psks = first
    .takeEvents()
    .flatMap((event) => (event.type === "session" ? [event.session] : []));
  client.log.take();
  server.log.take();
  return {
    client: {
      log: client.log,
      options: {
        ...client.options,
        psks,
        ...(earlyData > 0 && { earlyData: "safe-to-replay" as const }),
      },
    },
    server: { log: server.log, options: { ...options, tickets: { ...tickets, count: 0 } } },
  };
}

function converse({ client, server }: Ends, plan: HandshakePlan): Recording {
  const sent: Sent[] = [];
  const logs = { client: client.log, server: server.log };
  const keyLog: string[] = [];
  const own = (role: Role) => ({
    observer: watchSent(role, sent),
    keyLog: (line: string) => void keyLog.push(line),
  });
  const ends: Record<Role, Connection> = {
    client: createClientConnection({ ...client.options, ...own("client") }),
    server: createServerConnection({ ...server.options, ...own("server") }),
  };
  const written: Record<Role, Uint8Array[]> = { client: [], server: [] };
  const steps: Record<Role, RecordedStep[]> = { client: [], server: [] };
  const opened: Partial<Record<Role, true>> = {};
  const note: Note = (role, received, chunks) => {
    const write = lengthOf(chunks);
    written[role].push(...chunks);
    const operations = logs[role].take();
    const isOpen = opened[role] === undefined && ends[role].state === "open";
    if (isOpen) opened[role] = true;
    if (operations.length === 0 && write === 0 && !isOpen) return;
    steps[role].push({
      received,
      operations,
      write,
      ...(isOpen && { mark: "handshake" as const }),
    });
  };
  run(ends.client, ends.server, note, plan.earlyData);
  const handshake = [...sent];
  const handshakeBytes = { client: bytesOf(steps.client), server: bytesOf(steps.server) };
  if (plan.request > 0 || plan.payload > 0) exchange(ends, { steps, written }, plan);
  const bytes = { client: concatAll(written.client), server: concatAll(written.server) };
  return { steps, sent: handshake, bytes, keyLog, ...ends, handshakeBytes };
}

const bytesOf = (steps: readonly RecordedStep[]): number =>
  steps.reduce((sum, { write }) => sum + write, 0);

type Note = (role: Role, received: number, chunks: readonly Uint8Array[]) => void;

/** Carries one record at a time. @throws TlsError the error of the end that noticed first */
function run(client: Connection, server: Connection, note: Note = () => {}, earlyData = 0): void {
  const watched = (role: Role, end: Connection): PumpedEnd => {
    let received = 0;
    return {
      takeOutput() {
        const chunks = end.takeOutput();
        if (end.error !== undefined) throw end.error;
        note(role, received, chunks);
        return chunks;
      },
      receive(bytes) {
        received += bytes.length;
        end.receive(bytes);
      },
    };
  };
  server.start();
  client.start();
  if (earlyData > 0) client.write(new Uint8Array(earlyData));
  const ends = { client: watched("client", client), server: watched("server", server) };
  pump(ends, { medium: new RecordByRecord() });
  if (client.state !== "open" || server.state !== "open") {
    throw new TlsError("misuse", "the handshake waits for something asynchronous");
  }
}

const lengthOf = (chunks: readonly Uint8Array[]): number =>
  chunks.reduce((sum, chunk) => sum + chunk.length, 0);

/** Hands over the next record when both ends have said what came of the last. */
class RecordByRecord implements Medium {
  readonly #cutters = { client: new RecordCutter(), server: new RecordCutter() };
  readonly #waiting: { readonly to: Role; readonly record: Uint8Array }[] = [];
  #outlet: Outlet | undefined;

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  take(from: Role, bytes: Uint8Array): void {
    for (const record of this.#cutters[from].push(bytes)) {
      this.#waiting.push({ to: otherRole(from), record });
    }
  }

  end(): void {}

  advance(): boolean {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#outlet?.deliver(next.to, next.record);
    return next !== undefined;
  }
}

/** A request and its answer, as the records that the engine makes of them. */
function exchange(
  { client, server }: Record<Role, Connection>,
  { steps, written }: { steps: Record<Role, RecordedStep[]>; written: Record<Role, Uint8Array[]> },
  { request, payload }: Pick<HandshakePlan, "request" | "payload">,
): void {
  const ends = { client, server };
  const sizeOf = (role: Role, bytes: number): number => {
    if (bytes === 0) return 0;
    ends[role].write(new Uint8Array(bytes));
    const chunks = ends[role].takeOutput();
    written[role].push(...chunks);
    return lengthOf(chunks);
  };
  const before = { client: bytesOf(steps.client), server: bytesOf(steps.server) };
  const asked = sizeOf("client", request);
  const operations: readonly Operation[] = [];
  steps.client.push({ received: before.server, operations, write: asked, mark: "request" });
  const answered = sizeOf("server", payload);
  steps.server.push({ received: before.client + asked, operations, write: answered });
  steps.client.push({
    received: before.server + answered,
    operations,
    write: 0,
    mark: "response",
  });
}
