/** Captures that the commands write, as Wireshark reads them. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NamedGroup } from "../../src/registry/index.ts";
import { itWith, peers } from "../interop/peers.ts";
import { dissect } from "../support/tshark.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);
const at = (name: string): string => join(cli.folder, name);
const hybrid = NamedGroup.X25519MLKEM768;

/** Messages behind the ServerHello can be named only by who has decrypted them. */
const whole = [
  "49152 client_hello",
  "443 server_hello",
  "443 encrypted_extensions",
  "443 certificate",
  "443 certificate_verify",
  "443 finished",
  "49152 finished",
];

describe("handshake --pcap", { timeout: 60_000 }, () => {
  itWith("tshark", "is decrypted, and names the hybrid group", async (tshark) => {
    expect(await cli.run("handshake --pcap h.pcapng --json")).toMatchObject({ code: 0 });
    const { messages, groups, faults } = dissect(tshark, at("h.pcapng"));
    expect({ messages, groups, faults }).toEqual({ messages: whole, groups: [hybrid], faults: [] });
  });

  itWith("tshark", "shows retries, early data and client certificates", async (tshark) => {
    await cli.run("handshake --retry --mutual --pcap r.pcapng");
    const retried = dissect(tshark, at("r.pcapng"));
    expect(retried.faults).toEqual([]);
    expect(retried.groups).toEqual([hybrid]);
    expect(retried.messages.filter((each) => each === "443 server_hello")).toHaveLength(2);
    expect(retried.messages).toContain("49152 certificate_verify");
    await cli.run("handshake --early-data --pcap e.pcapng");
    const early = dissect(tshark, at("e.pcapng"));
    expect(early.faults).toEqual([]);
    expect(early.messages).toContain("49152 end_of_early_data");
  });

  it("gives the same bytes for the same seed, and for another others", async () => {
    const bytesOf = async (options: string, file: string): Promise<Buffer> => {
      const { code } = await cli.run(`handshake ${options} --pcap ${file} --trace ${file}.json`);
      expect(code).toBe(0);
      return readFileSync(at(file));
    };
    const first = await bytesOf("--seed one --signature mldsa44", "s1.pcapng");
    expect((await bytesOf("--seed one --signature mldsa44", "s2.pcapng")).equals(first)).toBe(true);
    expect((await bytesOf("--seed two --signature mldsa44", "s3.pcapng")).equals(first)).toBe(
      false,
    );
  });

  it("keeps what it writes to its owner, and says where it cannot write", async () => {
    await cli.run("handshake --key-log keys.txt --pcap own.pcapng");
    expect(statSync(at("own.pcapng")).mode & 0o077).toBe(0);
    expect(readFileSync(at("keys.txt"), "utf8")).toMatch(/^CLIENT_HANDSHAKE_TRAFFIC_SECRET /m);
    const { code, stderr } = await cli.run("handshake --pcap gone/h.pcapng");
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot write gone/h.pcapng")]);
  });
});

describe("bench --pcap, and lab run --pcap", { timeout: 120_000 }, () => {
  itWith(
    "tshark",
    "write the handshake of each group",
    async (tshark) => {
      const { code } = await cli.run(
        "bench size --quick --group X25519MLKEM768,x25519 --pcap b.pcapng",
      );
      expect(code).toBe(0);
      const { groups, faults, messages } = dissect(tshark, at("b.pcapng"));
      expect({ groups, faults }).toEqual({ groups: [hybrid, NamedGroup.x25519], faults: [] });
      expect(messages.filter((message) => message.endsWith(" finished"))).toHaveLength(4);
    },
    120_000,
  );

  itWith(
    "tshark",
    "write packets of the simulated network, lost ones and retransmissions",
    async (tshark) => {
      const file = `name: lossy
repetitions: 40
factors: { group: [X25519MLKEM768], signature: mldsa65, rtt: [20], loss: [0.3], payload: [20000] }
`;
      writeFileSync(at("lossy.yaml"), file);
      const run = "lab run lossy.yaml --no-report --pcap l.pcapng -o lossy --pcap-of";
      let seen = 0;
      for (const handshake of [0, 1, 2]) {
        expect(await cli.run(`${run} 0:${handshake}`)).toMatchObject({ code: 0 });
        const { groups, faults, messages, retransmissions } = dissect(tshark, at("l.pcapng"));
        expect({ groups, faults }).toEqual({ groups: [hybrid], faults: [] });
        expect(messages).toContain("443 certificate_verify");
        seen += retransmissions;
      }
      expect(seen).toBeGreaterThan(0);
      const { code, stderr } = await cli.run(`${run} 5`);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining("there is no cell 5: they are 0 to 0"),
      ]);
    },
    120_000,
  );
});

describe("attack --pcap, and replay --pcap", { timeout: 60_000 }, () => {
  itWith("tshark", "show what each end saw where they differ", async (tshark) => {
    const { code } = await cli.run("attack strip-hybrid honest --pcap a.pcapng --save tapes");
    expect(code).toBe(0);
    const { groups, faults, messages } = dissect(tshark, at("a.pcapng"));
    // The client's view, the server's, and the honest connection
    expect(groups).toEqual([NamedGroup.x25519, NamedGroup.x25519, hybrid]);
    expect(faults).toEqual([]);
    // The server's Finished opens as the server sent it, and not under the client's keys
    expect(messages.filter((message) => message === "443 finished")).toHaveLength(2);
  });

  itWith("tshark", "replays a tape with its secrets into the same capture", async (tshark) => {
    await cli.run("attack honest --save t --secrets");
    await cli.run("replay t/honest.tape --pcap t.pcapng");
    const { groups, faults, messages } = dissect(tshark, at("t.pcapng"));
    expect({ groups, faults }).toEqual({ groups: [hybrid], faults: [] });
    expect(messages).toEqual(whole);
  });

  it("refuses it where nothing would come of it", async () => {
    const { code, stderr } = await cli.run("attack --search --pcap x.pcapng");
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("a search keeps none of its handshakes"),
    ]);
  });
});

describe("attack --pcap of sockets", { timeout: 240_000 }, () => {
  itWith("tshark", "has each connection through the proxy", async (tshark) => {
    const server = cli.start("serve --port 0 --write-ca behind.pem");
    const [, port] = await server.saying(/localhost:(\d+)/);
    const proxy = cli.start(
      `attack honest --listen localhost:0 --to localhost:${port} --key-log seen.txt --pcap p.pcapng`,
    );
    const [, there] = await proxy.saying(/listening on \S+:(\d+)/);
    const client = `connect localhost:${there} --ca behind.pem --key-log seen.txt`;
    for (const group of [NamedGroup.X25519MLKEM768, NamedGroup.x25519]) {
      const name = Object.entries(NamedGroup).find(([, code]) => code === group)?.[0];
      expect(await cli.run(`${client} --group ${name}`, { input: "" })).toMatchObject({ code: 0 });
    }
    proxy.process.kill("SIGINT");
    server.process.kill("SIGINT");
    await Promise.all([proxy.outcome, server.outcome]);
    const { groups, faults, messages } = dissect(tshark, at("p.pcapng"));
    expect({ groups, faults }).toEqual({ groups: [hybrid, NamedGroup.x25519], faults: [] });
    expect(messages.filter((message) => message.endsWith(" finished"))).toHaveLength(4);
  });

  itWith(
    ["openssl35", "tshark"],
    "has the connections with OpenSSL as either end, decrypted",
    async ({ path }) => {
      const { code } = await cli.run(`attack honest --openssl ${path} --pcap o.pcapng`);
      expect(code).toBe(0);
      const { groups, faults, messages } = dissect(peers.tshark!, at("o.pcapng"));
      // Between two ends of ours, with OpenSSL as server, and as client
      expect({ groups, faults }).toEqual({ groups: [hybrid, hybrid, hybrid], faults: [] });
      expect(messages.filter((message) => message.endsWith(" finished"))).toHaveLength(6);
    },
    240_000,
  );
});

describe("serve --pcap, and connect --pcap", { timeout: 60_000 }, () => {
  itWith("tshark", "decrypt sockets, with the data in them", async (tshark) => {
    const server = cli.start("serve --port 0 --write-ca ca.pem --pcap serve.pcapng");
    const [, port] = await server.saying(/localhost:(\d+)/);
    const request = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const client = `connect localhost:${port} --ca ca.pem --pcap connect.pcapng`;
    const { stdout } = await cli.run(client, { input: request });
    expect(stdout).toContain("404 Not Found");
    server.process.kill("SIGINT");
    await server.outcome;
    for (const file of ["serve.pcapng", "connect.pcapng"]) {
      const { messages, groups, faults, http } = dissect(tshark, at(file));
      expect({ file, groups, faults, messages, http }).toEqual({
        file,
        groups: [hybrid],
        faults: [],
        messages: expect.arrayContaining(whole) as unknown,
        http: ["/nowhere", "404"],
      });
    }
  });

  it("leaves a server that was refused with what it saw", async () => {
    const server = cli.start("serve --port 0 --write-ca other.pem --pcap refused.pcapng");
    const [, port] = await server.saying(/localhost:(\d+)/);
    const { code, stderr } = await cli.run(`connect localhost:${port} --pcap c.pcapng`);
    expect([code, stderr]).toEqual([1, expect.stringContaining("--ca")]);
    server.process.kill("SIGINT");
    await server.outcome;
    expect(statSync(at("refused.pcapng")).size).toBeGreaterThan(2000);
    expect(statSync(at("c.pcapng")).size).toBeGreaterThan(2000);
  });
});
