import { once } from "node:events";
import { connect as netConnect, type AddressInfo, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { chromium as launcher } from "playwright-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TlsError } from "../../../src/index.ts";
import { connect, type ConnectOptions, native } from "../../../src/node.ts";
import {
  type ClientReport,
  type ClientVisit,
  createClientProbe,
} from "../../../src/probe/index.ts";
import { itWith } from "../../interop/peers.ts";
import { identity, trust } from "../servers.ts";

let server: Server | undefined;
afterEach(() => server?.close());

const slow = { timeout: 60_000 };
const refuseAll = () => {
  throw new TlsError("unknown_ca", "nobody is trusted");
};

async function listen() {
  const visits: ClientVisit[] = [];
  const strangers: string[] = [];
  server = createClientProbe({
    provider: native,
    credentials: [identity],
    onVisit: (each) => void visits.push(each),
    onStranger: (_, reason) => void strangers.push(reason),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, visits, strangers };
}

/** One connection; gives what the server knows of it then, or nothing if it failed. */
async function visit(port: number, options: Partial<ConnectOptions> = {}) {
  const given = { host: "127.0.0.1", port, servername: "localhost", trust, provider: native };
  const socket = connect({ ...given, ...options });
  let session: unknown;
  socket.on("session", (each: unknown) => (session = each));
  socket.on("error", () => {});
  socket.write("GET /report.json HTTP/1.0\r\n\r\n");
  const answer = await text(socket).catch(() => "");
  const body = answer.split("\r\n\r\n")[1];
  const report = body === undefined ? undefined : (JSON.parse(body) as ClientReport);
  return { report, session };
}

it("a client that says nothing after its handshake is let go", slow, async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { port, visits } = await listen();
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", trust });
    socket.on("error", () => {}).resume();
    while (visits.length === 0) await new Promise(setImmediate);
    await pass(29_000);
    expect(socket.destroyed).toBe(false);
    await pass(2000);
    expect(socket.destroyed).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

/** Lets time pass, and what happens then. */
async function pass(milliseconds: number): Promise<void> {
  vi.advanceTimersByTime(milliseconds - 500);
  for (let turn = 0; turn < 500; turn++) {
    await new Promise(setImmediate);
    vi.advanceTimersByTime(1);
  }
}

describe("a client that comes again", slow, () => {
  it("is put to every experiment, once each", async () => {
    const { port, visits } = await listen();
    const groups = ["X25519MLKEM768", "x25519", "secp256r1"];
    const shares = ["X25519MLKEM768", "x25519"];
    const first = await visit(port, { groups, shares });
    expect(first.report?.hello).toMatchObject({
      postQuantum: "share",
      groups,
      shares: [
        { group: "X25519MLKEM768", bytes: 1216 },
        { group: "x25519", bytes: 32 },
      ],
      serverName: "localhost",
      grease: false,
      ech: false,
    });
    while (visits.at(-1)!.left > 0) {
      const isLast = visits.at(-1)!.left === 1;
      const session = isLast ? { session: first.session as never } : {};
      await visit(port, { groups, shares, ...session });
    }
    expect(visits.map(({ result }) => result)).toEqual([
      passed("as it comes", "X25519MLKEM768, TLS_AES_128_GCM_SHA256"),
      passed("asked again for secp256r1", "obeys, and brings the cookie back"),
      passed("only X25519MLKEM768", "accepts"),
      passed("only x25519", "accepts"),
      passed("only TLS_AES_128_GCM_SHA256", "accepts"),
      passed("only TLS_AES_256_GCM_SHA384", "accepts"),
      passed("only TLS_CHACHA20_POLY1305_SHA256", "accepts"),
      passed("the same server again", "resumes with X25519MLKEM768"),
    ]);
  });

  it("is told from another by what it offers", async () => {
    const { port, visits } = await listen();
    await visit(port, { groups: ["x25519"] });
    await visit(port, { groups: ["x25519"], suites: ["TLS_AES_256_GCM_SHA384"] });
    await visit(port, { groups: ["x25519"] });
    expect(visits.map(({ result }) => result.name)).toEqual([
      "as it comes",
      "as it comes",
      "only x25519",
    ]);
    expect(visits[0]?.hello.postQuantum).toBe("none");
  });

  it("that refuses an experiment is found out, and why", async () => {
    const { port, visits } = await listen();
    const groups = ["x25519", "secp256r1"];
    await visit(port, { groups });
    await visit(port, { groups, verifyServer: refuseAll });
    await vi.waitFor(() => expect(visits).toHaveLength(2), 5000);
    expect(visits.map(({ result }) => result.passed)).toEqual([true, false]);
    expect(visits[1]?.result.outcome).toContain("the peer ended the connection with");
  });
});

describe("who is no client of TLS", slow, () => {
  it.each([
    ["speaks HTTP", "GET / HTTP/1.1\r\n\r\n".repeat(2000), /not a ClientHello|too long/],
    [
      "sends rubbish in a record",
      "\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u0000\u0000",
      /legacyVersion/,
    ],
  ])("and %s is left", async (_, said, reason) => {
    const { port, visits, strangers } = await listen();
    const socket = netConnect(port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.write(said, "latin1");
    await once(socket, "close");
    expect(strangers.join()).toMatch(reason);
    expect(visits).toEqual([]);
  });

  it("and leaves early is no visit", async () => {
    const { port, visits, strangers } = await listen();
    const socket = netConnect(port, "127.0.0.1");
    socket.on("error", () => {}).resume();
    socket.end(Uint8Array.of(22, 3, 1));
    await once(socket, "close");
    expect(strangers).toEqual(["it left before its ClientHello was whole"]);
    expect(visits).toEqual([]);
  });
});

describe("a browser", slow, () => {
  itWith("chromium", "goes through all experiments by the page", async ({ path }) => {
    const { port, visits } = await listen();
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--ignore-certificate-errors"];
    const browser = await launcher.launch({ executablePath: path, args });
    try {
      const page = await browser.newPage();
      await page.goto(`https://localhost:${port}/`);
      // The page's policy allows no evaluation, by which a function would be waited for
      await page.waitForSelector('body[data-left="0"]', { timeout: 50_000 });
      expect(await page.textContent("#verdict")).toBe(
        "This browser begins with a post-quantum key share",
      );
      expect(await page.textContent("#results")).toContain("asked again for");
    } finally {
      await browser.close();
    }
    const { hello } = visits[0]!;
    expect(hello).toMatchObject({ grease: true, ech: true, postQuantum: "share" });
    expect(hello.ja4).toMatch(/^t13d\d{4}h2_[\da-f]{12}_[\da-f]{12}$/);
    const results = visits.map(({ result }) => result);
    expect(results.find(({ name }) => name.startsWith("asked again"))?.passed).toBe(true);
    expect(results.filter(({ passed: good }) => !good)).toEqual([]);
  });
});

function passed(name: string, outcome: string) {
  return { name, passed: true, outcome };
}
