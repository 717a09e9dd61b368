/** The HTTPS record: what a resolver of the test's says of it, and what the probe makes of that. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { native } from "../../src/node.ts";
import { askResolver, resolverOf } from "../../src/probe/dns/ask.ts";
import { httpsRecord } from "../../src/probe/dns/https-record.ts";
import { decodeAnswer, encodeQuery } from "../../src/probe/dns/message.ts";
import { closeAll, listen, ours, probe, usual } from "./servers.ts";

const bytes = (...parts: readonly (number | string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === "number"
        ? Buffer.of(part)
        : typeof part === "string"
          ? Buffer.from(part)
          : part,
    ),
  );
const u16 = (value: number): Uint8Array => bytes(value >> 8, value & 0xff);
const sized = (content: Uint8Array): Uint8Array => bytes(u16(content.length), content);

const config = (publicName: string, version = 0xfe0d): Uint8Array =>
  bytes(
    u16(version),
    sized(
      bytes(
        7,
        u16(0x20),
        sized(new Uint8Array(32).fill(9)),
        sized(bytes(u16(1), u16(1))),
        0,
        bytes(publicName.length, publicName),
        u16(0),
      ),
    ),
  );
const ech = (...configs: Uint8Array[]): Uint8Array =>
  bytes(u16(5), sized(sized(bytes(...configs))));
const alpn = bytes(u16(1), sized(bytes(2, "h2")));
const record = (...parameters: Uint8Array[]): Uint8Array => bytes(u16(1), 0, ...parameters);

/** The answer to a query, with these records under a pointer to the name that was asked for. */
function answerTo(query: Uint8Array, records: readonly Uint8Array[], flags = 0x8180): Uint8Array {
  const question = query.subarray(12, query.length - 11);
  const header = [query.subarray(0, 2), u16(flags), u16(1), u16(records.length), u16(0), u16(0)];
  const answers = records.map((data) =>
    bytes(0xc0, 12, u16(65), u16(1), bytes(0, 0, 1, 0), sized(data)),
  );
  return bytes(...header, question, ...answers);
}

const open: { close(): unknown }[] = [];
afterAll(() => {
  closeAll();
  for (const each of open) each.close();
});

/** A resolver, and the names that it was asked for. */
async function resolver(answer: (query: Uint8Array) => Uint8Array | undefined) {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  open.push(socket);
  socket.on("message", (query, { port, address }) => {
    asked.push(
      query
        .subarray(12, -15)
        .toString("latin1")
        .replaceAll(/[^ -~]/g, "."),
    );
    const said = answer(query);
    if (said !== undefined) socket.send(said, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { asked, address: `127.0.0.1:${socket.address().port}` };
}

const asking = async (address: string) =>
  askResolver(resolverOf(address)!, "www.example.test", 3000);

describe("a record", () => {
  it("says protocols and configurations of ECH, and passes over those of other versions", () => {
    const data = record(alpn, ech(config("cover.test"), config("draft.test", 0xfe0c)));
    expect(httpsRecord(data)).toEqual({
      priority: 1,
      target: "",
      alpn: ["h2"],
      ech: [{ publicName: "cover.test", kem: "DHKEM(X25519)" }],
    });
  });

  it.each([
    ["is cut short", record(alpn).subarray(0, -1), /needs/],
    ["has parameters out of order", record(ech(config("a")), alpn), /parameter 1 is out of order/],
    ["has a parameter twice", record(alpn, alpn), /parameter 1 is out of order/],
    ["has a pointer in its name", bytes(u16(1), 0xc0, 0), /label of an unknown kind/],
    ["has a configuration that is cut short", record(ech(config("a").subarray(0, -3))), /needs/],
  ])("that %s is told, and is no error", (_, data, problem) => {
    expect(httpsRecord(data)).toMatchObject({
      alpn: [],
      ech: [],
      problem: expect.stringMatching(problem),
    });
  });
});

describe("an answer", () => {
  const query = encodeQuery(77, "www.example.test");
  const name = "www.example.test";

  it("is read with its records, whatever the case of its name", () => {
    const shouted = Buffer.from(answerTo(query, [record(alpn)]));
    shouted.write("WWW", 13);
    expect(decodeAnswer(shouted, name)).toMatchObject({ id: 77, code: 0, truncated: false });
    expect(decodeAnswer(shouted, name).records).toHaveLength(1);
  });

  it.each([
    ["is a query", query, /not an answer/],
    [
      "is about another name",
      answerTo(encodeQuery(77, "www.example.best"), []),
      /another question/,
    ],
    ["is cut short", answerTo(query, [record(alpn)]).subarray(0, -1), /needs/],
    // The pointer of the first record points at itself
    ["has a name that points to itself", loop(), /points forwards/],
  ])("that %s is none", (_, said, problem) => {
    expect(() => decodeAnswer(said, name)).toThrow(problem);
  });

  function loop(): Uint8Array {
    const said = Buffer.from(answerTo(query, [record(alpn)]));
    const at = query.length - 11;
    said.writeUInt16BE(0xc000 | at, at);
    return said;
  }

  it.each(["", "a..b", "a".repeat(64), `${"a.".repeat(130)}b`, "zwei worte"])(
    "is not asked for of %j",
    (wrong) => expect(() => encodeQuery(1, wrong)).toThrow(/not a name that the DNS has/),
  );
});

describe("a resolver", () => {
  it("is believed only what it was asked, under the number of the question", async () => {
    const { address } = await resolver((query) => {
      const wrong = Buffer.from(answerTo(query, [record(ech(config("forged.test")))]));
      wrong[0]! ^= 1;
      return wrong;
    });
    await expect(askResolver(resolverOf(address)!, "www.example.test", 200)).rejects.toThrow(
      /does not answer/,
    );
  });

  it("whose answer does not fit is asked by TCP", async () => {
    const { address } = await resolver((query) => answerTo(query, [], 0x8380));
    const server = createServer((socket) =>
      socket.once("data", (query) => {
        const answer = sized(answerTo(query.subarray(2), [record(alpn)]));
        socket.write(answer.subarray(0, 5));
        setImmediate(() => socket.write(answer.subarray(5)));
      }),
    );
    open.push(server);
    server.listen(Number(address.split(":")[1]), "127.0.0.1");
    await once(server, "listening");
    expect((await asking(address)).records).toHaveLength(1);
  });

  it.each([
    ["192.0.2.1", { address: "192.0.2.1", port: 53 }],
    ["192.0.2.1:5353", { address: "192.0.2.1", port: 5353 }],
    ["2001:db8::1", { address: "2001:db8::1", port: 53 }],
    ["[2001:db8::1]:5353", { address: "2001:db8::1", port: 5353 }],
    ["dns.example", undefined],
    ["192.0.2.1:0", undefined],
  ])("is named as %s", (text, expected) => expect(resolverOf(text)).toEqual(expected));
});

describe("a probe", { timeout: 90_000 }, () => {
  const base = usual(native);
  const serverName = "www.example.test";

  it("finds a configuration of ECH that the server does not serve, and asks for its name alone", async () => {
    const { address, asked } = await resolver((query) =>
      answerTo(query, [record(alpn, ech(config("cover.test")))]),
    );
    const port = await listen(ours(base));
    const report = await probe(port, { serverName, resolvers: [address] });
    expect(asked).toEqual([`._${port}._https.www.example.test.`]);
    expect(report.facts.dns).toMatchObject({
      name: `_${port}._https.www.example.test`,
      state: "found",
      records: [{ alpn: ["h2"], ech: [{ publicName: "cover.test" }] }],
    });
    const found = report.findings.find(({ rule }) => rule === "ech-not-served");
    expect(found?.evidence).toContain("cover.test");
  });

  it("invents nothing where there is no record, or no answer", async () => {
    const none = await resolver((query) => answerTo(query, [], 0x8183));
    const refusing = await resolver((query) => answerTo(query, [], 0x8185));
    const port = await listen(ours(base));
    const ask = async (...resolvers: string[]) =>
      (await probe(port, { serverName, resolvers, maxConnections: 2 })).facts.dns;
    expect(await ask(none.address)).toMatchObject({ state: "none", records: [] });
    expect(await ask(refusing.address)).toMatchObject({
      state: "unknown",
      reason: expect.stringMatching(/answers with code 5$/),
    });
    expect(await ask(refusing.address, none.address)).toMatchObject({ state: "none" });
  });

  it("asks nobody for an address, for localhost, before STARTTLS, or where nobody is named", async () => {
    const { address, asked } = await resolver(() => undefined);
    const port = await listen(ours(base));
    const reasonFor = async (options: Parameters<typeof probe>[1]) =>
      (await probe(port, { resolvers: [address], maxConnections: 2, ...options })).unasked["dns"];
    expect(await reasonFor({ serverName: "127.0.0.1" })).toBe("an address has no HTTPS record");
    expect(await reasonFor({ serverName: "localhost" })).toBe("localhost is in no DNS");
    expect(await reasonFor({ serverName, resolvers: [] })).toBe("there is no resolver to ask");
    expect(asked).toEqual([]);
  });
});
