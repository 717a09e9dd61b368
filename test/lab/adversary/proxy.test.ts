/** The adversary between sockets: a server behind it that seems to have no hybrid. */
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Finding, MemoryHistory } from "../../../src/detection/index.ts";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { type ProxyOptions, startProxy } from "../../../src/lab/adversary/proxy.ts";
import type { AttackScenario } from "../../../src/lab/adversary/scenario.ts";
import { replayTape } from "../../../src/lab/adversary/tape.ts";
import { readTrace, type Trace } from "../../../src/lab/trace/trace.ts";
import { messageType } from "../../../src/messages/index.ts";
import {
  connect,
  type ConnectOptions,
  createServer,
  tlsErrorOf,
} from "../../../src/transport/node/index.ts";
import { serverCredential, serverName, testTime, trust } from "../../support/identities.ts";

const hybrid = "X25519MLKEM768";
const now = () => testTime;
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const portOf = async (server: Server): Promise<number> => {
  open.push(server);
  if (!server.listening) await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

async function behindProxy(
  scenario: AttackScenario,
  options: Partial<ProxyOptions> = {},
): Promise<number> {
  const server = createServer({ credentials: [serverCredential], now }, (socket) =>
    socket.end("hi"),
  );
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  const port = await portOf(server);
  const host = "127.0.0.1";
  return portOf(
    startProxy({
      scenario,
      listen: { host, port: 0 },
      to: { host, port },
      ...options,
    }),
  );
}

interface Outcome {
  readonly error: Error | undefined;
  readonly group: string | undefined;
  readonly findings: readonly string[];
}

async function reach(port: number, options: Partial<ConnectOptions>): Promise<Outcome> {
  const socket = connect({ port, host: "127.0.0.1", serverName, trust, now, ...options });
  const findings: string[] = [];
  socket.on("finding", ({ kind }: Finding) => findings.push(kind));
  const error = await new Promise<Error | undefined>((resolve) => {
    socket.once("error", resolve);
    socket.once("close", () => resolve(undefined));
    socket.resume();
  });
  return { error: tlsErrorOf(error), group: socket.negotiated?.group, findings };
}

const named = (name: string) => catalogue.find((entry) => entry.name === name)!;

describe("a server behind a proxy", () => {
  it("is reached through one that only watches", async () => {
    const port = await behindProxy(named("honest"));
    expect(await reach(port, { policy: "require-post-quantum" })).toEqual({
      error: undefined,
      group: hybrid,
      findings: [],
    });
  });

  it("whose hybrid is stripped is noticed by the transcript", async () => {
    const port = await behindProxy(named("strip-hybrid"));
    const { error, findings } = await reach(port, {
      policy: "prefer-post-quantum",
      shares: [hybrid, "x25519"],
    });
    expect(error).toMatchObject({ code: "bad_record_mac" });
    expect(findings).toEqual(["tampered"]);
  });

  it("whose large hellos are lost is reported by prefer, and refused by require", async () => {
    const port = await behindProxy(named("resets-large-hello"));
    const history = new MemoryHistory();
    const lost = await reach(port, { policy: "prefer-post-quantum", history });
    expect(lost.error).toMatchObject({ code: "truncated" });
    const historyKey = `${serverName}:${port}`;
    const classical = { groups: ["x25519"], history, historyKey };
    const strict = await reach(port, { ...classical, policy: strictFallback });
    expect(strict.error).toMatchObject({
      code: "insufficient_security",
      detail: { rule: "fallback" },
    });
    const warned = await reach(port, { ...classical, policy: "prefer-post-quantum" });
    expect(warned).toMatchObject({ error: undefined, group: "x25519" });
    expect(warned.findings).toContain("fallback");
  });

  it("changes what is encrypted with an end's key log, of each connection its own", async () => {
    let log = "";
    const tapes: string[] = [];
    const port = await behindProxy(named("change-signature"), {
      keyLog: () => log,
      secrets: "recorded",
      tape: (tape) => tapes.push(tape),
    });
    for (let i = 1; i <= 2; i++) {
      const { error } = await reach(port, { keyLog: (line) => (log += `${line}\n`) });
      expect(error).toMatchObject({ code: "bad_signature" });
      await expect.poll(() => tapes.length).toBe(i);
      expect(replayTape(tapes.at(-1)!, () => undefined).difference).toBeUndefined();
    }
  });

  it("gives the trace of a connection, with what the key log has of it and of no other", async () => {
    const foreign = `CLIENT_TRAFFIC_SECRET_0 ${"ab".repeat(32)} ${"cd".repeat(32)}\n`;
    let log = foreign;
    const traces: Trace[] = [];
    const port = await behindProxy(named("honest"), {
      keyLog: () => log,
      trace: (trace) => traces.push(trace),
    });
    await reach(port, { keyLog: (line) => (log += `${line}\n`) });
    await expect.poll(() => traces.length).toBe(1);
    const [trace] = traces;
    expect(trace!.keyLog.map(({ line }) => line)).not.toContain(foreign.trim());
    const names = readTrace(trace!).flatMap((item) =>
      item.kind === "message" ? `${item.from} ${messageType(item.raw)}` : [],
    );
    expect(names).toEqual(expect.arrayContaining(["server certificate", "client finished"]));
  });

  it("leaves no tape that can be replayed where its secrets were not recorded", async () => {
    let log = "";
    const tapes: string[] = [];
    const port = await behindProxy(named("change-signature"), {
      keyLog: () => log,
      tape: (tape) => tapes.push(tape),
    });
    await reach(port, { keyLog: (line) => (log += `${line}\n`) });
    await expect.poll(() => tapes.length).toBe(1);
    expect(() => replayTape(tapes[0]!, () => undefined)).toThrow("the secrets were not recorded");
  });

  it.each(["splits-hello-into-records", "held-hello"])(
    "leaves a tape of a real run, which is replayed: %s",
    async (name) => {
      const tapes: string[] = [];
      const held: AttackScenario = {
        ...named("honest"),
        steps: [{ from: "client", on: "client_hello", hold: 1 }],
      };
      const scenario = name === "held-hello" ? held : named(name);
      const port = await behindProxy(scenario, { tape: (tape) => tapes.push(tape) });
      expect((await reach(port, {})).group).toBe(hybrid);
      await expect.poll(() => tapes.length).toBe(1);
      const replay = replayTape(tapes[0]!, () => undefined);
      expect(replay).toMatchObject({ difference: undefined, head: { kind: "real" } });
    },
  );
});

describe("a server that has lost its hybrid", () => {
  it("is refused by require-post-quantum and reported by prefer-post-quantum", async () => {
    const server = createServer(
      { credentials: [serverCredential], groups: ["x25519"], now },
      (socket) => socket.end("hi"),
    );
    server.on("tlsClientError", () => {});
    server.listen(0, "127.0.0.1");
    const to = { host: "127.0.0.1", port: await portOf(server) };
    const port = await portOf(
      startProxy({ scenario: named("honest"), listen: { host: "127.0.0.1", port: 0 }, to }),
    );
    const required = await reach(port, { policy: "require-post-quantum" });
    expect(required).toMatchObject({ error: { code: "peer_alert" }, group: undefined });
    const preferred = await reach(port, { policy: "prefer-post-quantum" });
    expect(preferred).toMatchObject({ error: undefined, group: "x25519" });
    expect(preferred.findings).toEqual(["hybrid-declined", "retry-to-weaker"]);
  });
});

const strictFallback = {
  name: "strict",
  versions: ["TLS 1.3"],
  suites: "any",
  groups: "any",
  order: "as-given",
  signatures: "any",
  chains: "any",
  retry: "any",
  resumption: "any",
  fallback: "post-quantum",
  refuse: [],
} as const;
