import type { Socket } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { native } from "../../src/node.ts";
import { type StartTls, startTlsNames, startTlsPorts } from "../../src/probe/index.ts";
import { closeAll, listen, ours, probe, usual } from "./servers.ts";

afterAll(closeAll);

/** What a server says at first, and to each thing that it is told, until TLS begins. */
const servers: Readonly<Record<StartTls, readonly [RegExp | undefined, string][]>> = {
  smtp: [
    [undefined, "220-mail\r\n220 ready\r\n"],
    [/^EHLO \S+\r\n$/, "250-mail\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"],
    [/^STARTTLS\r\n$/, "220 go\r\n"],
  ],
  imap: [
    [undefined, "* OK ready\r\n"],
    [/^a STARTTLS\r\n$/, "a OK go\r\n"],
  ],
  pop3: [
    [undefined, "+OK ready\r\n"],
    [/^STLS\r\n$/, "+OK go\r\n"],
  ],
  postgres: [[/^[^]{5}\xd2[^]\/$/, "S"]],
  ldap: [[/1\.3\.6\.1\.4\.1\.1466\.20037$/, "0\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0"]],
  xmpp: [
    [
      /to='127\.0\.0\.1'/,
      "<?xml version='1.0'?><stream:stream id='1'><stream:features></stream:features>",
    ],
    [/^<starttls /, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
  ],
};

const base = usual(native);

/** Answers by the script, in two pieces; then speaks TLS. */
function scripted(script: readonly [RegExp | undefined, string][]) {
  return (socket: Socket): void => {
    let step = 0;
    const say = (text: string): void => {
      socket.write(Buffer.from(text.slice(0, 1), "latin1"));
      setTimeout(() => socket.write(Buffer.from(text.slice(1), "latin1")), 5);
    };
    const next = (heard: Buffer | undefined): void => {
      const [expected, answer] = script[step++]!;
      if (expected !== undefined && !expected.test(heard?.toString("latin1") ?? "")) {
        return void socket.destroy();
      }
      if (step === script.length) {
        socket.removeAllListeners("data");
        ours(base)(socket);
      }
      say(answer);
    };
    if (script[0]![0] === undefined) next(undefined);
    if (step < script.length) socket.on("data", next);
  };
}

describe("before TLS", { timeout: 60_000 }, () => {
  it.each(startTlsNames)("%s is spoken", async (startTls) => {
    const port = await listen(scripted(servers[startTls]));
    const report = await probe(port, { startTls, maxConnections: 2 });
    expect(report.facts.reach).toMatchObject({ state: "tls", tls13: true });
    expect(report.startTls).toBe(startTls);
  });

  it.each([
    ["smtp", "554 no\r\n"],
    ["imap", "* BYE no\r\n"],
    ["postgres", "N"],
  ] as const)("a refusal by %s is said, and no TLS is tried", async (startTls, answer) => {
    let heard = "";
    const port = await listen((socket) => {
      socket.on("data", (bytes: Buffer) => (heard += bytes.toString("latin1")));
      socket.write(answer);
    });
    const report = await probe(port, { startTls, timeout: 200 });
    expect(report.verdict).toBe("not reached");
    expect(report.facts.reach?.said).toContain(JSON.stringify(answer.trim()));
    expect(heard).not.toContain("\u0016\u0003");
  });

  // Looking for the end of each tag behind the next ones would take a square of what a server says
  it("a tag of XMPP ends before the next begins", async () => {
    const answers = [
      "<stream:stream id='1'><stream:features></stream:features>",
      "<proceed <failure/>",
    ];
    const port = await listen((socket) => {
      socket.on("data", () => socket.write(answers.shift() ?? ""));
    });
    const report = await probe(port, { startTls: "xmpp", timeout: 200 });
    expect(report.facts.reach?.said).toContain("<proceed <failure/>");
    expect(report.verdict).toBe("not reached");
  });

  it("has a port for each protocol", () => {
    expect(Object.keys(startTlsPorts)).toEqual(startTlsNames);
  });
});
