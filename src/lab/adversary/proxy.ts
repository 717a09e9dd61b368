/** The adversary as a TCP proxy: it stands between programs that know nothing of it. */
import * as net from "node:net";
import { ContentType } from "../../registry/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { messageType } from "../../messages/index.ts";
import { RecordCutter } from "../trace/cutters.ts";
import { randomOf } from "../trace/followed-keys.ts";
import { Secrets } from "../trace/keys.ts";
import { readTrace, type Trace } from "../trace/trace.ts";
import { viewsOf } from "../trace/views.ts";
import { OnPath } from "./on-path.ts";
import type { AttackScenario } from "./scenario.ts";
import { TapeRecorder } from "./tape.ts";
import { TraceCollector } from "./tape-traces.ts";

export interface ProxyOptions {
  readonly scenario: AttackScenario;
  /** Where clients come. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where the server is. */
  readonly to: { readonly host: string; readonly port: number };
  /** What an end's key log has until now: with it encrypted messages can be changed too. */
  readonly keyLog?: () => string;
  /** Whether the secrets are written on the tapes. */
  readonly secrets?: "recorded" | undefined;
  /** Is told of every connection, in words. */
  readonly tell?: (line: string) => void;
  /** Gets the tape of a connection when it is over. */
  readonly tape?: (tape: string) => void;
  /** The same as a trace, with all that the key log has of the connection. */
  readonly trace?: (trace: Trace) => void;
}

/** Milliseconds of silence after which what is held back is let go. */
const patience = 500;
/** Milliseconds within which a secret is in the log, once its end has what it makes it of. */
const writingTime = 300;

/** Runs until the server is closed. Only addresses of this machine are listened on unless another is given. */
export function startProxy(options: ProxyOptions): net.Server {
  const server = net.createServer({ allowHalfOpen: true }, (client) => carry(client, options));
  server.listen(options.listen.port, options.listen.host);
  return server;
}

function carry(client: net.Socket, options: ProxyOptions): void {
  const { scenario, to: place, keyLog, tell, tape } = options;
  const secrets = keyLog && scenario.keys === "traffic" ? new Secrets() : undefined;
  const server = net.connect({ ...place, allowHalfOpen: true });
  const sockets: Readonly<Record<Role, net.Socket>> = { client, server };
  const begin = performance.now();
  const recorder = tape && new TapeRecorder({ kind: "real", scenario, seed: "", provider: "" });
  const collector = options.trace && new TraceCollector();
  const record = (from: Role | "adversary", to: Role | "adversary", bytes: Uint8Array) => {
    const transfer = { connection: 0, from, to, bytes };
    const at = performance.now() - begin;
    recorder?.transfer(transfer, Math.round(at));
    collector?.transfer(transfer, at);
  };
  const onPath = new OnPath({ steps: scenario.steps, secrets });
  onPath.attach({
    deliver(receiver, bytes) {
      record("adversary", receiver, bytes);
      if (sockets[receiver].writable) sockets[receiver].write(bytes);
    },
    end: (receiver) => void sockets[receiver].end(),
  });
  if (secrets !== undefined && keyLog !== undefined) {
    secrets.refresh = () => readKeyLog(secrets, keyLog());
  }
  /** Secrets come while the end that writes them reads: a record waits for those that it takes. */
  const take = async (role: Role, bytes: Uint8Array): Promise<void> => {
    const limit = bytes[0] === ContentType.application_data ? writingTime : 0;
    for (let waited = 0; waited < limit && onPath.isBlind(role); waited += 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    record(role, "adversary", bytes);
    onPath.take(role, bytes);
  };
  const fail = (error: unknown): void => {
    tell?.(error instanceof Error ? error.message : String(error));
    for (const socket of Object.values(sockets)) socket.destroy();
  };
  let queue = Promise.resolve();
  const inTurn = (act: () => void | Promise<void>): void => {
    queue = queue.then(act).catch(fail);
  };
  let timer: NodeJS.Timeout | undefined;
  let open = 2;
  for (const role of ["client", "server"] as const) {
    const socket = sockets[role];
    const records = new RecordCutter();
    const framing = (bytes: Uint8Array) => (secrets === undefined ? [bytes] : records.push(bytes));
    socket.on("data", (bytes: Buffer) => {
      for (const piece of framing(bytes)) inTurn(() => take(role, piece));
      clearTimeout(timer);
      timer = setTimeout(() => inTurn(() => void onPath.advance()), patience).unref();
    });
    socket.on("end", () => inTurn(() => onPath.end(role)));
    socket.on("error", (error: Error) => {
      tell?.(`${role}: ${error.message}`);
      sockets[otherRole(role)].destroy();
    });
    socket.on("close", () => {
      if (--open > 0) return;
      clearTimeout(timer);
      inTurn(finish);
    });
  }
  const finish = (): void => {
    const { unapplied, units } = onPath;
    const seen = units.map(({ from, name }) => `${from} ${name}`).join(", ");
    tell?.(`${scenario.name}: ${seen || "nothing came"}`);
    if (unapplied.length > 0) tell?.(`nothing came to apply this to: ${unapplied.join("; ")}`);
    for (const trace of collector?.traces ?? [])
      options.trace?.(withSecrets(trace, keyLog?.() ?? ""));
    if (recorder === undefined) return;
    if (options.secrets === "recorded") {
      for (const { end, line } of secrets?.entries ?? []) recorder.secret(end, line);
    }
    tape?.(recorder.finish());
  };
}

/** A log may hold other connections too: with the lines of this one, whichever hello its ends saw. */
function withSecrets(trace: Trace, log: string): Trace {
  const secrets = new Secrets();
  readKeyLog(secrets, log);
  const hellos = viewsOf(trace).flatMap((view) =>
    readTrace({ events: view.events, keyLog: [] }).flatMap((item) =>
      item.kind === "message" && messageType(item.raw) === "client_hello" ? [item.raw] : [],
    ),
  );
  const randoms = new Set(hellos.map(randomOf));
  return { ...trace, keyLog: [...randoms].flatMap((random) => secrets.entriesOf(random)) };
}

/** Its last line may be half written yet. */
function readKeyLog(secrets: Secrets, log: string): void {
  for (const line of log.split("\n").slice(0, -1)) secrets.add("client", line);
}
