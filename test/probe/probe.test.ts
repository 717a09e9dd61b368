import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import * as http from "node:http";
import { afterAll, describe, expect, it } from "vitest";
import { createDevelopmentCa, noble } from "../../src/index.ts";
import { native } from "../../src/node.ts";
import { probeServer, type ProbeReport } from "../../src/probe/index.ts";
import { isRequired, itWith } from "../interop/peers.ts";
import { withPeer } from "../../src/peers/process.ts";
import { portOf } from "../../src/peers/openssl.ts";
import {
  closeAll,
  identity,
  listen,
  listenNode,
  ours,
  probe,
  repeating,
  resumes,
  stumbling,
  usual,
} from "./servers.ts";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

afterAll(closeAll);

/** A probe is a hundred connections, and the machine may be busy. */
const slow = { timeout: 90_000 };

const base = usual(native);
const rulesOf = ({ findings }: ProbeReport): string[] => findings.map(({ rule }) => rule);
/** What is found of every server here, whose chain is one of ECDSA. */
const always = "classical-certificate";

describe("a server with one group", slow, () => {
  it.each([
    ["X25519MLKEM768", true],
    ["SecP256r1MLKEM768", true],
    ["SecP384r1MLKEM1024", true],
    ["MLKEM768", true],
    ["x25519", false],
    ["secp256r1", false],
    ["secp384r1", false],
    ["secp521r1", false],
    ["x448", false],
  ])("of %s is found to have it, and no other", async (group, postQuantum) => {
    const port = await listen(ours({ ...base, groups: [group] }));
    const report = await probe(port, { provider: native });
    expect(report.facts.groups?.accepted).toEqual([group]);
    expect(report.facts.groups?.each).toMatchObject([{ name: group, postQuantum, works: true }]);
    expect(rulesOf(report)).toEqual(postQuantum ? [always] : ["no-post-quantum", always]);
    expect(report).toMatchObject(
      postQuantum
        ? { verdict: "ready", score: 100, unasked: {} }
        : { verdict: "not ready", score: 40, unasked: {} },
    );
  });
});

describe("a server of ours", slow, () => {
  it.each([
    ["noble", noble],
    ["native", native],
  ])("is ready, asked by %s in less than 200 connections", async (_, provider) => {
    let accepted = 0;
    const port = await listen((socket) => {
      accepted++;
      ours(base)(socket);
    });
    const report = await probe(port, { provider });
    expect(rulesOf(report)).toEqual([always]);
    expect(accepted).toBeLessThan(200);
    expect(report.connections).toBe(accepted);
    const { facts } = report;
    expect(facts.groups).toMatchObject({ preference: "server" });
    expect(facts.groups?.accepted.slice(0, 4)).toEqual([
      "X25519MLKEM768",
      "SecP256r1MLKEM768",
      "SecP384r1MLKEM1024",
      "x25519",
    ]);
    expect(facts.hybrid).toMatchObject({ mode: "at once, or by retry", retryWorks: true });
    expect(facts.handshake).toMatchObject({
      group: "X25519MLKEM768",
      trusted: true,
      fitsInitialWindow: true,
      chainBytes: identity.chain[0]!.der.length,
    });
    expect(facts.schemes).toEqual(["ecdsa_secp256r1_sha256"]);
    expect(facts.suites?.accepted).toHaveLength(3);
    expect(facts.sessions).toMatchObject({ tickets: 2, resumed: true, keepsHybrid: true });
    expect(facts.reuse?.seen["ML-KEM-768"]).toBeGreaterThan(4);
    const trials = [...(facts.delivery ?? []), ...(facts.tolerance ?? [])];
    expect(trials).toHaveLength(22);
    expect(trials.filter(({ passed }) => !passed)).toEqual([]);
    expect(facts.alerts?.filter(({ verdict }) => verdict !== "right")).toEqual([]);
    expect(facts.extensions).toMatchObject({ keyUpdate: "not answered", ech: false });
  });

  it("says whose order decides, and that a client of another guess stays classical", async () => {
    const port = await listen(
      ours({ ...base, groupPreference: "client", suitePreference: "client", retry: "if-needed" }),
    );
    const report = await probe(port);
    expect(report.facts).toMatchObject({
      groups: { preference: "client" },
      suites: { preference: "client" },
      hybrid: { mode: "at once" },
    });
    expect(rulesOf(report)).toEqual(["no-retry-to-hybrid", always]);
  });

  it("that takes classical groups first does so, and may need a retry", async () => {
    const groups = ["x25519", "X25519MLKEM768"];
    const report = await probe(await listen(ours({ ...base, groups, retry: "if-needed" })));
    expect(rulesOf(report)).toEqual(["hybrid-not-taken", always]);
    expect(report).toMatchObject({ verdict: "ready, with faults", score: 85 });
  });
});

describe("a fault", slow, () => {
  it("in reading two segments is found", async () => {
    const report = await probe(await listen(stumbling(base)));
    expect(rulesOf(report)).toEqual(["large-hello", always]);
    expect(report.verdict).toBe("not ready");
    const { delivery = [] } = report.facts;
    expect(delivery.filter(({ passed }) => passed).map(({ name }) => name)).toEqual([
      "in one piece",
      "in two records",
      "in records of 100 bytes",
    ]);
  });

  it.each(["x25519", "secp384r1", "ML-KEM-768"] as const)(
    "in the randomness of %s is found, and of that alone",
    async (kem) => {
      const report = await probe(await listen(ours({ ...base, provider: repeating(kem) })));
      expect(rulesOf(report)).toEqual(["repeats-shares", always]);
      expect(report.facts.reuse?.repeated).toMatchObject([{ component: kem }]);
    },
  );

  it("in sessions, which lose the hybrid, is found", async () => {
    const classical = { ...base, groups: ["x25519"] };
    const port = await listen(ours((first) => (resumes(first) ? classical : base)));
    const report = await probe(port);
    expect(rulesOf(report)).toEqual(["session-loses-hybrid", always]);
    expect(report.facts.sessions).toMatchObject({ from: "X25519MLKEM768", group: "x25519" });
  });

  it("in going on behind a HelloRetryRequest is found", async () => {
    const port = await listen((socket) => {
      let hellos = 0;
      const message = (direction: string, raw: Uint8Array): void => {
        if (direction === "received" && raw[0] === 1 && ++hellos === 2) socket.destroy();
      };
      ours({ ...base, observer: { message } })(socket);
    });
    const report = await probe(port);
    expect(report.verdict).toBe("ready, with faults");
    // It is what becomes of a wrong second hello, too
    expect(rulesOf(report)).toEqual(["retry-fails", "other-alerts", always]);
  });

  it("in taking early data twice is found, and taking it once is none", async () => {
    const guards = { never: () => true, always: onceEach() };
    const found = [];
    for (const firstUse of Object.values(guards)) {
      const earlyData = { maxSize: 1000, replayGuard: { firstUse } };
      const report = await probe(await listen(ours({ ...base, earlyData })));
      expect(report.facts.sessions).toMatchObject({ maxEarlyData: 1000, earlyData: "accepted" });
      found.push(rulesOf(report));
    }
    expect(found).toEqual([["replayed-early-data", always], [always]]);
  });

  it("in checking keys of ML-KEM is found", async () => {
    const port = await listen(ours({ ...base, provider: credulous() }));
    const report = await probe(port);
    expect(rulesOf(report)).toEqual(["wrong-share-taken", always]);
    expect(report.findings[0]?.evidence).toContain("ML-KEM-768, last coefficient 3329 (FIPS 203");
  });
});

describe("another library", slow, () => {
  it("of TLS 1.2 only is asked no more than that", async () => {
    const report = await probe(await listenNode({ maxVersion: "TLSv1.2" }));
    expect(rulesOf(report)).toEqual(["no-tls13"]);
    expect(report.facts.versions?.filter(({ accepted }) => accepted)).toMatchObject([
      { version: "TLS 1.2", group: "x25519", suite: expect.stringMatching(/^TLS_ECDHE_ECDSA_/) },
    ]);
    // Two hellos, four versions, and its suites one by one, once more when it has no other, and in another order
    const { accepted = [], preference } = report.facts.tls12 ?? {};
    expect(accepted).toContain("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    expect(accepted.length).toBeGreaterThan(2);
    expect(preference).toBe("server");
    expect(report.connections).toBe(6 + accepted.length + 2);
    expect(report.unasked["groups"]).toBe("the server does not speak TLS 1.3");
  });

  it("with old versions is found to have them, and its sentinels are seen", async () => {
    const old = { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    const report = await probe(await listenNode(old));
    expect(rulesOf(report)).toContain("old-versions");
    expect(rulesOf(report)).not.toContain("no-sentinel");
    const { versions = [] } = report.facts;
    expect(versions.map(({ accepted }) => accepted)).toEqual([true, true, true, true, false]);
    expect(versions[3]).toMatchObject({ version: "TLS 1.0", sentinel: true });
  });

  it("that speaks TLS 1.2 without forward secrecy is found to do so", async () => {
    const ca = createDevelopmentCa({ provider: native, algorithm: "rsa", now: Date.now() });
    const own = ca.issue({ names: ["localhost"], algorithm: "rsa" });
    const report = await probe(
      await listenNode({
        key: own.privateKeyPem,
        cert: own.certificatePem,
        maxVersion: "TLSv1.2",
        ciphers: "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA",
      }),
    );
    expect(report.facts.tls12?.accepted).toEqual([
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_RSA_WITH_AES_256_CBC_SHA",
    ]);
    expect(rulesOf(report)).toEqual(["no-tls13", "no-forward-secrecy"]);
  });

  it("that speaks TLS 1.2 without authentication is found to do so", async () => {
    const ciphers = "AECDH-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0";
    const report = await probe(await listenNode({ maxVersion: "TLSv1.2", ciphers }));
    expect(report.facts.tls12?.accepted).toEqual([
      "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ]);
    expect(rulesOf(report)).toEqual(["no-tls13", "broken-suites"]);
  });

  const program = fileURLToPath(new URL("../../.peers/go/peer", import.meta.url));
  it("is ready where it is Go's", async ({ skip }) => {
    if (!existsSync(program)) {
      if (isRequired("interop-go")) throw new Error(`no ${program}`);
      skip("npm run peers builds it where Go is");
    }
    const folder = mkdtempSync(join(tmpdir(), "kemistry-probe-"));
    writeFileSync(join(folder, "cert.pem"), identity.certificatePem);
    writeFileSync(join(folder, "key.pem"), identity.privateKeyPem);
    const files = ["--certificate", join(folder, "cert.pem"), "--key", join(folder, "key.pem")];
    const others = ["--ca", join(folder, "cert.pem"), "--tickets"];
    try {
      await withPeer(program, [...files, ...others], async (server) => {
        const [, port] = await server.expect(/listening on (\d+)/, 60_000);
        const report = await probe(Number(port));
        expect(report.verdict).toBe("ready");
        expect(report.facts.groups?.accepted).toEqual([
          "X25519MLKEM768",
          "SecP256r1MLKEM768",
          "SecP384r1MLKEM1024",
          "x25519",
          "secp256r1",
          "secp384r1",
          "secp521r1",
        ]);
        expect(report.facts.sessions).toMatchObject({ resumed: true, keepsHybrid: true });
        // It asks for a share where the whole extension is missing
        expect(report.findings.filter(({ severity }) => severity !== "note")).toMatchObject([
          { rule: "wrong-refusals", evidence: expect.stringMatching(/: no key_share \(RFC/) },
        ]);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  itWith("openssl35", "is ready where it is OpenSSL 3.5", async ({ path }) => {
    const folder = mkdtempSync(join(tmpdir(), "kemistry-probe-"));
    writeFileSync(join(folder, "cert.pem"), identity.certificatePem);
    writeFileSync(join(folder, "key.pem"), identity.privateKeyPem);
    const files = ["-cert", join(folder, "cert.pem"), "-key", join(folder, "key.pem")];
    try {
      await withPeer(path, ["s_server", "-accept", "127.0.0.1:0", ...files], async (server) => {
        const report = await probe(await portOf(server));
        expect(report.verdict).toBe("ready");
        expect(report.facts.groups?.accepted[0]).toBe("X25519MLKEM768");
        expect(report.findings.filter(({ severity }) => severity !== "note")).toEqual([]);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("nobody", slow, () => {
  it("at a closed port is said, after one connection", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    const report = await probe(port);
    expect(report).toMatchObject({ verdict: "not reached", score: null, findings: [] });
    expect(report.facts).toMatchObject({ reach: { state: "unreachable", code: "ECONNREFUSED" } });
    expect(report.connections).toBe(1);
  });

  it("who answers is waited for, as long as agreed", async () => {
    const report = await probe(await listen(() => {}), { timeout: 200 });
    expect(report.facts.reach?.state).toBe("silent");
    expect(report).toMatchObject({ verdict: "not reached", connections: 2 });
  });

  it.each([
    ["says that it is another protocol", "SSH-2.0-OpenSSH_10.0\r\n", '"SSH-2.0-OpenSSH_10.0"'],
    ["would move the cursor", "\u001b[2J\u001b[Hready\r\n", '"\\x1b[2J\\x1b[Hready"'],
  ])("who %s is quoted without harm", async (_, greeting, said) => {
    const report = await probe(await listen((socket) => void socket.write(greeting)));
    expect(report.facts.reach).toMatchObject({ state: "not tls", said });
  });

  it("who speaks plain HTTP is found out", async () => {
    const server = http.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const report = await probe((server.address() as AddressInfo).port);
    server.close();
    expect(report.facts.reach).toMatchObject({ said: '"HTTP/1.1 400 Bad Request"' });
  });

  it("who floods is left", async () => {
    const flood = Buffer.concat(
      Array.from({ length: 40 }, () =>
        Buffer.concat([Buffer.from([22, 3, 3, 0x40, 0]), Buffer.alloc(0x4000)]),
      ),
    );
    const report = await probe(await listen((socket) => void socket.write(flood)));
    expect(report.verdict).toBe("not reached");
  });
});

describe("a probe keeps to what was agreed", slow, () => {
  it("in connections", async () => {
    const report = await probe(await listen(ours(base)), { maxConnections: 9 });
    expect(report.connections).toBe(9);
    expect(Object.values(report.unasked)).toContain("9 connections are used up");
    expect(report.facts.groups).toBeUndefined();
  });

  it("in connections a second", async () => {
    const times: number[] = [];
    const port = await listen((socket) => {
      times.push(performance.now());
      socket.destroy();
    });
    await probe(port, { rate: 5 });
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThan(150);
  });

  it("and refuses what it does not know", async () => {
    const asked = { host: "127.0.0.1", port: 1 };
    await expect(probeServer({ ...asked, portt: 2 } as never)).rejects.toThrow(/portt/);
    await expect(probeServer({ ...asked, rate: 0 })).rejects.toThrow(/rate/);
    await expect(probeServer({ host: "127.0.0.1" } as never)).rejects.toThrow(/lacks port/);
    const resolvers = ["dns.example"];
    await expect(probeServer({ ...asked, resolvers })).rejects.toThrow(
      /resolvers\[0\] is not an add/,
    );
  });
});

function onceEach(): (identifier: Uint8Array) => boolean {
  const used = new Set<string>();
  return (identifier) => {
    const key = identifier.join();
    return !used.has(key) && used.add(key) !== undefined;
  };
}

/** Encapsulates to whatever it is given. */
function credulous(): typeof noble {
  const slot = native.kems["ML-KEM-768"];
  const good = slot.generate().publicKey;
  return {
    ...native,
    kems: {
      ...native.kems,
      "ML-KEM-768": {
        ...slot,
        encapsulate(key: Uint8Array) {
          try {
            return slot.encapsulate(key);
          } catch {
            return slot.encapsulate(good);
          }
        },
      },
    },
  };
}
