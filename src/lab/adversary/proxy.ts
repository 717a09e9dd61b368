/** The adversary as a TCP proxy: it stands between programs that know nothing of it. */
import * as net from "node:net";
import { OnPath } from "./on-path.ts";
import { otherRole, type Secrets } from "./keys.ts";
import type { AttackScenario } from "./scenario.ts";
import { TapeRecorder } from "./tape.ts";
import type { Role } from "../watch.ts";

export interface ProxyOptions {
  readonly scenario: AttackScenario;
  /** Where clients come. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where the server is. */
  readonly to: { readonly host: string; readonly port: number };
  /** With the secrets of one of the ends, encrypted messages can be changed too. */
  readonly secrets?: Secrets;
  /** Is told of every connection, in words. */
  readonly tell?: (line: string) => void;
  /** Gets the tape of a connection when it is over. */
  readonly tape?: (tape: string) => void;
}

/** Milliseconds of silence after which what is held back is let go. */
const patience = 500;

/** Runs until the server is closed. Only addresses of this machine are listened on unless another is given. */
export function startProxy(options: ProxyOptions): net.Server {
  const server = net.createServer({ allowHalfOpen: true }, (client) => carry(client, options));
  server.listen(options.listen.port, options.listen.host);
  return server;
}

function carry(client: net.Socket, { scenario, to, secrets, tell, tape }: ProxyOptions): void {
  const server = net.connect({ ...to, allowHalfOpen: true });
  const sockets: Readonly<Record<Role, net.Socket>> = { client, server };
  const begin = performance.now();
  const recorder = new TapeRecorder({ kind: "real", scenario, seed: "", provider: "" });
  const record = (from: Role | "adversary", receiver: Role | "adversary", bytes: Uint8Array) =>
    recorder.passage(
      { connection: 0, from, to: receiver, bytes },
      Math.round(performance.now() - begin),
    );
  const onPath = new OnPath({
    steps: scenario.steps,
    secrets,
    wire: {
      deliver(receiver, bytes) {
        record("adversary", receiver, bytes);
        if (sockets[receiver].writable) sockets[receiver].write(bytes);
      },
      end: (receiver) => void sockets[receiver].end(),
    },
  });
  let timer: NodeJS.Timeout | undefined;
  let open = 2;
  for (const role of ["client", "server"] as const) {
    const socket = sockets[role];
    socket.on("data", (bytes: Buffer) => {
      record(role, "adversary", bytes);
      try {
        onPath.take(role, bytes);
      } catch (error) {
        tell?.(error instanceof Error ? error.message : String(error));
        for (const each of Object.values(sockets)) each.destroy();
      }
      clearTimeout(timer);
      timer = setTimeout(() => onPath.release(), patience).unref();
    });
    socket.on("end", () => onPath.ended(role));
    socket.on("error", (error: Error) => {
      tell?.(`${role}: ${error.message}`);
      sockets[otherRole(role)].destroy();
    });
    socket.on("close", () => {
      if (--open > 0) return;
      clearTimeout(timer);
      const { unapplied, units } = onPath;
      const seen = units.map(({ from, name }) => `${from} ${name}`).join(", ");
      tell?.(`${scenario.name}: ${seen || "nothing came"}`);
      if (unapplied.length > 0) tell?.(`nothing came to apply this to: ${unapplied.join("; ")}`);
      tape?.(recorder.finish());
    });
  }
}
