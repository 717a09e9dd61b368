/** The same scenarios with OpenSSL as the server: what it does is a column of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNative } from "../../crypto/native.ts";
import { concat } from "../../wire/index.ts";
import { messageOf, outcomeOf } from "./attack.ts";
import { Secrets } from "./keys.ts";
import { Laboratory, labPki, labTime } from "./laboratory.ts";
import { OnPath } from "./on-path.ts";
import type { AttackScenario, EndSetup } from "./scenario.ts";

/** How both ends came out of it, in their own words. */
export interface OpensslResult {
  /** As in the catalogue. */
  readonly client: string;
  /** `open`, `waiting`, or the reason that OpenSSL gives. */
  readonly server: string;
}

export interface OpensslServer {
  /** `undefined` for a scenario that cannot be run with it. */
  attack(scenario: AttackScenario): Promise<OpensslResult | undefined>;
  stop(): void;
}

/** What of a server's setup has an option of s_server. */
const translatable: readonly (keyof EndSetup)[] = [
  "groups",
  "alpn",
  "clientAuthentication",
  "suites",
];
/** Milliseconds of silence after which nothing more is awaited. */
const silence = 150;

export function startOpenssl(program: string): OpensslServer {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-openssl-"));
  const { server, pem } = labPki();
  const files = {
    cert: join(folder, "cert.pem"),
    key: join(folder, "key.pem"),
    ca: join(folder, "ca.pem"),
  };
  writeFileSync(files.cert, server.certificatePem);
  writeFileSync(files.key, server.privateKeyPem);
  writeFileSync(files.ca, pem);
  return {
    attack: (scenario) =>
      isRunnable(scenario) ? attackOpenssl(program, files, scenario) : Promise.resolve(undefined),
    stop: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function isRunnable({ both, server, earlier, lostBefore, replays, keys }: AttackScenario): boolean {
  const setup = { ...both, ...server };
  const names = Object.keys(setup) as (keyof EndSetup)[];
  const harmless: readonly string[] = ["middleboxCompatibility", "retry"];
  return (
    earlier === undefined &&
    lostBefore === undefined &&
    replays === undefined &&
    keys !== "server" &&
    names.every((name) => translatable.includes(name) || harmless.includes(name))
  );
}

function serverArguments(
  files: { cert: string; key: string; ca: string },
  setup: EndSetup,
): string[] {
  const { groups = [], alpn, clientAuthentication, suites } = setup;
  const { cert, key, ca } = files;
  const always =
    `s_server -accept 127.0.0.1:0 -naccept 1 -tls1_3 -num_tickets 0 -attime ${labTime / 1000}`.split(
      " ",
    );
  return [
    ...always,
    "-cert",
    cert,
    "-key",
    key,
    "-CAfile",
    ca,
    "-groups",
    groups.join(":"),
    ...(alpn === undefined ? [] : ["-alpn", alpn.join(",")]),
    ...(suites === undefined ? [] : ["-ciphersuites", suites.join(":")]),
    ...(clientAuthentication === "require" ? ["-Verify", "1", "-verify_return_error"] : []),
  ];
}

async function attackOpenssl(
  program: string,
  files: { cert: string; key: string; ca: string },
  scenario: AttackScenario,
): Promise<OpensslResult> {
  const laboratory = new Laboratory(scenario, createNative, "openssl");
  const child = spawn(program, serverArguments(files, laboratory.setupOf("server")));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  }
  try {
    const port = await portOf(child, () => said);
    const client = await converse(laboratory, port, child);
    await new Promise((resolve) => setTimeout(resolve, 30));
    return { client, server: serverOutcome(said) };
  } catch (error) {
    return { client: "not run", server: (error as Error).message.split("\n")[0] ?? "" };
  } finally {
    child.kill("SIGKILL");
  }
}

/** s_server says `ACCEPT 127.0.0.1:port` when it listens. */
async function portOf(child: ChildProcessWithoutNullStreams, said: () => string): Promise<number> {
  const gone = once(child, "close").then(() => {
    throw new Error(`it did not start: ${said().trim().split("\n").at(-1) ?? ""}`);
  });
  gone.catch(() => {});
  for (;;) {
    const [, port] = /ACCEPT \S*?:(\d+)\s/.exec(said()) ?? [];
    if (port !== undefined) return Number(port);
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5))]);
  }
}

/** Our client in memory, the adversary, and a socket to the server. */
async function converse(
  laboratory: Laboratory,
  port: number,
  child: ChildProcessWithoutNullStreams,
): Promise<string> {
  const { scenario } = laboratory;
  const secrets = new Secrets();
  const client = laboratory.client(
    laboratory.setupOf("client"),
    (line) => secrets.add("client", line),
    [],
  );
  const received: Uint8Array[] = [];
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  let last = performance.now();
  const onPath = new OnPath({
    steps: scenario.steps,
    ...(scenario.keys === "traffic" ? { secrets } : {}),
    wire: {
      deliver: (to, bytes) => {
        if (to === "client") client.receive(bytes);
        else if (socket.writable) socket.write(bytes);
      },
      end: (to) => {
        if (to === "client") client.receiveEnd();
        else socket.end();
      },
    },
  });
  const pump = (): void => {
    last = performance.now();
    for (const event of client.takeEvents()) if (event.type === "data") received.push(event.data);
    for (;;) {
      const output = concat(...client.takeOutput());
      if (output.length === 0) return;
      onPath.take("client", output);
    }
  };
  let failure: Error | undefined;
  socket.on("data", (bytes: Buffer) => {
    try {
      onPath.take("server", bytes);
      pump();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  });
  socket.on("end", () => {
    onPath.ended("server");
    pump();
  });
  socket.on("error", () => {});
  client.start();
  pump();
  const quiet = async (): Promise<void> => {
    while (performance.now() - last < silence)
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await quiet();
  if (onPath.release()) {
    pump();
    await quiet();
  }
  if (client.canWrite) {
    client.write(messageOf.client);
    child.stdin.write(messageOf.server);
    last = performance.now();
    pump();
    await quiet();
  }
  socket.destroy();
  if (failure !== undefined) throw failure;
  return outcomeOf(client, concat(...received), messageOf.server);
}

/** The first reason in its error queue; whether it said that the handshake was over. */
function serverOutcome(said: string): string {
  const [, reason] = /error:[\dA-F]+:[^:\n]*:[^:\n]*:([^:\n]+)/.exec(said) ?? [];
  // In the end we leave without a word, which is no matter of the scenario
  if (reason !== undefined && reason !== "unexpected eof while reading") return reason;
  return said.includes("CIPHER is") ? "open" : "waiting";
}
