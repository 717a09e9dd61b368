/** The same scenarios with OpenSSL as one of the ends: what it does is a column of its own. */
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNative } from "../../crypto/native.ts";
import type { Finding } from "../../detection/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { loseHellos } from "./attack.ts";
import { labPki } from "./lab-pki.ts";
import { Laboratory } from "./laboratory.ts";
import { messageOf, outcomeOf } from "./conversation.ts";
import { type OpensslConversationOptions, OpensslConversation } from "./openssl-conversation.ts";
import { opensslOutcome, portOf } from "../../peers/openssl.ts";
import { pause, PeerProcess } from "../../peers/process.ts";
import { clientArguments, type OpensslFiles, serverArguments, whyNot } from "./openssl-setup.ts";
import type { Agreement, AttackScenario, Outcome } from "./scenario.ts";
import type { EndPlan } from "../plan/plan.ts";
import type { Trace } from "../trace/trace.ts";

/** How both ends came out of it, in their own words. */
export interface OpensslResult {
  /** Our end, as in the catalogue. */
  readonly ours: Outcome;
  /** `open`, `waiting`, `told` and our alert, or the reason that OpenSSL gives. */
  readonly openssl: string;
  /** What was negotiated, as our end says. */
  readonly agreed: Partial<Agreement> | null;
  /** Of our end. */
  readonly findings: readonly Finding[];
}

export interface NotRun {
  readonly notRun: string;
}

export interface Openssl {
  /**
   * Runs a scenario with OpenSSL as that end.
   * @param watch is given the trace of each of its connections, once it is over
   */
  attack(
    scenario: AttackScenario,
    role: Role,
    watch?: (trace: Trace) => void,
  ): Promise<OpensslResult | NotRun>;
  stop(): void;
}

export function startOpenssl(program: string): Openssl {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-openssl-"));
  const { client, servers, pem } = labPki();
  writeFileSync(join(folder, "ca.pem"), pem);
  writeFileSync(join(folder, "early"), messageOf.client);
  const withChain = new Set<string>();
  for (const [who, { certificatePem, privateKeyPem }] of Object.entries({ client, ...servers })) {
    const [leaf = "", ...others] = certificatePem.split(/(?<=-----END CERTIFICATE-----\r?\n)/);
    writeFileSync(join(folder, `${who}.cert.pem`), leaf);
    if (others.length > 0) {
      withChain.add(who);
      writeFileSync(join(folder, `${who}.chain.pem`), others.join(""));
    }
    writeFileSync(join(folder, `${who}.key.pem`), privateKeyPem);
  }
  let runs = 0;
  const filesOf = (run: number): OpensslFiles => ({
    ca: join(folder, "ca.pem"),
    cert: (who) => join(folder, `${who}.cert.pem`),
    key: (who) => join(folder, `${who}.key.pem`),
    chain: (who) => (withChain.has(who) ? join(folder, `${who}.chain.pem`) : undefined),
    keyLog: join(folder, `${run}.keys`),
    session: join(folder, `${run}.session`),
    early: join(folder, "early"),
  });
  return {
    async attack(scenario, role, watch = () => {}) {
      const reason = whyNot(scenario, role);
      if (reason !== undefined) return { notRun: reason };
      const attack = role === "server" ? attackServer : attackClient;
      try {
        return await attack({ program, files: filesOf(runs++), watch }, scenario);
      } catch (error) {
        return { notRun: (error as Error).message };
      }
    },
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface Run {
  readonly program: string;
  readonly files: OpensslFiles;
  readonly watch: (trace: Trace) => void;
}

/** One server for all connections if it is to know its tickets again, else one for each. */
async function attackServer(
  { program, files, watch }: Run,
  scenario: AttackScenario,
): Promise<OpensslResult> {
  const laboratory = new Laboratory(scenario, createNative, "openssl");
  const { earlier, replays = 0 } = scenario;
  const processes: PeerProcess[] = [];
  const start = (setup: EndPlan, other?: EndPlan): PeerProcess => {
    processes.push(new PeerProcess(program, serverArguments(files, setup, other)));
    return processes.at(-1)!;
  };
  try {
    const attacked = laboratory.setupOf("server");
    const lasting = start(attacked, typeof earlier === "object" ? earlier : {});
    const processFor = (part: ConversationPart): PeerProcess =>
      part.earlier === undefined || attacked.tickets
        ? lasting
        : start(laboratory.setupOf("server", part.earlier));
    loseHellos(laboratory, {});
    const last = await meetInTurn(scenario, watch, async (part) => {
      const process = processFor(part);
      const { keyLog } = files;
      const socket = await connectTo(process);
      return new OpensslConversation({ laboratory, role: "server", process, keyLog, ...part }).run(
        socket,
      );
    });
    if (replays === 0) return resultOf(last);
    const from = lasting.output.length;
    for (let i = 0; i < replays; i++) {
      const socket = (await connectTo(lasting)).on("error", () => {});
      socket.resume().write(last.sentByClient);
      await pause(400);
      socket.destroy();
    }
    const said = lasting.output.slice(from);
    const message = new TextDecoder().decode(messageOf.client);
    return { ...resultOf(last), ours: "absent", openssl: opensslOutcome(said, said, message) };
  } finally {
    for (const process of processes) process.kill();
  }
}

async function connectTo(process: PeerProcess): Promise<net.Socket> {
  const port = await portOf(process);
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

/** OpenSSL's client is started anew for each connection, and keeps its session in a file. */
async function attackClient(
  { program, files, watch }: Run,
  scenario: AttackScenario,
): Promise<OpensslResult> {
  const laboratory = new Laboratory(scenario, createNative, "openssl");
  const listener = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as net.AddressInfo;
  const processes: PeerProcess[] = [];
  try {
    const last = await meetInTurn(scenario, watch, async (part) => {
      const setup = laboratory.setupOf("client", part.earlier);
      const resumes = existsSync(files.session);
      const options = clientArguments(files, setup, { port, resumes });
      const accepted = once(listener, "connection", { signal: AbortSignal.timeout(5000) });
      const process = new PeerProcess(program, options);
      processes.push(process);
      const [socket] = (await accepted.catch(() => {
        throw new Error(`it did not connect: ${process.lastLine}`);
      })) as [net.Socket];
      const { keyLog } = files;
      return new OpensslConversation({ laboratory, role: "client", process, keyLog, ...part }).run(
        socket,
      );
    });
    if (scenario.replays === undefined) return resultOf(last);
    if (scenario.replayTo !== undefined) laboratory.useServer(scenario.replayTo);
    let ours: Outcome = "waiting";
    for (let i = 0; i < scenario.replays; i++) {
      const server = laboratory.server(laboratory.setupOf("server"), () => {});
      server.start();
      server.receive(last.sentByClient);
      const data = server
        .takeEvents()
        .flatMap((event) => (event.type === "data" ? [event.data] : []));
      ours = outcomeOf(server, concat(...data), messageOf.client);
    }
    return { ...resultOf(last), ours, openssl: "absent" };
  } finally {
    for (const process of processes) process.kill();
    listener.close();
  }
}

type ConversationPart = Pick<OpensslConversationOptions, "steps" | "before" | "earlier">;

/** An honest connection first, if the scenario wants one; then the one that is attacked. */
async function meetInTurn(
  { earlier, steps }: AttackScenario,
  watch: Run["watch"],
  meet: (part: ConversationPart) => Promise<OpensslConversation>,
): Promise<OpensslConversation> {
  const met = async (part: ConversationPart): Promise<OpensslConversation> => {
    const conversation = await meet(part);
    watch(conversation.trace);
    return conversation;
  };
  const before = earlier && (await met({ steps: [], earlier }));
  if (before?.isOpen === false) throw new Error(`the earlier connection failed: ${before.ours}`);
  const last = await met({ steps, before });
  if (last.unapplied !== undefined) throw new Error(last.unapplied);
  return last;
}

const resultOf = ({ ours, openssl, agreed, findings }: OpensslConversation): OpensslResult => ({
  ours,
  openssl,
  agreed,
  findings,
});
