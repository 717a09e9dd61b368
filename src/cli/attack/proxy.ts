/** `kemistry attack --listen … --to …`: the adversary between two programs. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";
import { type AttackScenario, startProxy } from "../../lab/adversary/index.ts";
import { TraceCapture } from "../capture.ts";
import { UsageError } from "../errors.ts";
import { readCredential } from "../identity.ts";
import { explainedError, parseTarget } from "../network.ts";
import { readText } from "../options.ts";
import { note } from "../output.ts";
import { startTerminating } from "./terminate.ts";
import { makers, type Options, save } from "./options.ts";

export async function proxy(scenarios: readonly AttackScenario[], options: Options): Promise<void> {
  if (options.listen === undefined || options.to === undefined) {
    throw new UsageError("--listen and --to go together: give both");
  }
  if (options.terminate && options.pcap !== undefined) {
    throw new UsageError(
      "--pcap does not go with --terminate, which has two connections: give it to their other ends",
    );
  }
  if (options.terminate) return await terminate(options.listen, options.to, options);
  const [scenario, ...others] = scenarios;
  if (scenario === undefined || others.length > 0) {
    throw new UsageError("a proxy does one scenario: name it");
  }
  const { keyLog, secrets } = options;
  if (scenario.malicious !== undefined) {
    throw new UsageError(`${scenario.name} has a malicious end, and a proxy is none`);
  }
  if (scenario.keys === "server") {
    throw new UsageError(`${scenario.name} takes the server's key, which a proxy does not have`);
  }
  if (scenario.keys === "traffic" && keyLog === undefined) {
    throw new UsageError(`${scenario.name} changes what is encrypted: give --key-log`);
  }
  if (keyLog !== undefined) readLog(keyLog);
  const { pcap } = options;
  const capture = pcap === undefined ? undefined : new TraceCapture(pcap, { began: Date.now() });
  let count = 0;
  const server = startProxy({
    scenario,
    listen: parseTarget(options.listen),
    to: parseTarget(options.to),
    ...(keyLog === undefined ? {} : { keyLog: () => readLog(keyLog) }),
    secrets: secrets && "recorded",
    ...(capture && { trace: (trace) => capture.add(trace) }),
    tell: note,
    ...(options.save === undefined
      ? {}
      : { tape: (tape) => save(`${scenario.name}-${++count}.tape`, tape, options) }),
  });
  await serving(server, options.listen, options.to, scenario.does || scenario.name);
  capture?.close();
}

async function terminate(listen: string, to: string, options: Options): Promise<void> {
  const provider = makers[options.provider]();
  const credential = await readCredential(options, provider);
  if (credential === undefined) throw new UsageError("--terminate takes --cert and --key");
  const server = startTerminating({
    credential,
    provider,
    listen: parseTarget(listen),
    to: parseTarget(to),
    tell: note,
  });
  await serving(server, listen, to, "Ends the connection in itself, without the hybrid");
}

async function serving(server: Server, place: string, to: string, does: string): Promise<void> {
  try {
    await once(server, "listening");
  } catch (error) {
    throw explainedError(error as Error, place);
  }
  const { address, port } = server.address() as AddressInfo;
  note(`listening on ${address}:${port}, leading to ${to}: ${does}`);
  process.once("SIGINT", () => server.close());
  await once(server, "close");
}

/** It may not be there yet, and it grows while the ends speak. */
const readLog = (path: string): string => (existsSync(path) ? readText(path) : "");
