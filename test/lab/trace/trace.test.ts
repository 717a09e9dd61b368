import { describe, expect, it } from "vitest";
import { ledgerOf } from "../../../src/lab/trace/ledger.ts";
import { resumed } from "../../../src/lab/resume.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { readTrace, type Trace, type TraceEvent } from "../../../src/lab/trace/trace.ts";
import type { TraceItem } from "../../../src/lab/trace/reader.ts";
import { wireFacts } from "../../../src/lab/trace/wire-facts.ts";
import { messageName } from "../../../src/messages/index.ts";
import { clientCredential, testTime, trust } from "../../support/identities.ts";
import { providers } from "../../crypto/providers.ts";
import { experiment } from "../experiment.ts";

const run = (...given: Parameters<typeof experiment>) => runHandshake(experiment(...given));

const messagesIn = (items: readonly TraceItem[]): string[] =>
  items.flatMap((item) =>
    item.kind === "message" ? [`${item.from} ${messageName(item.raw)} ${item.epoch}`] : [],
  );

const whole = [
  "client client_hello plaintext",
  "server server_hello plaintext",
  "server encrypted_extensions handshake",
  "server certificate handshake",
  "server certificate_verify handshake",
  "server finished handshake",
  "client finished handshake",
];

describe.each(providers)("a trace, read with $name,", ({ provider }) => {
  it("holds every record and message in the clear, and each byte once", () => {
    const { trace } = run();
    const items = readTrace(trace, { provider });
    expect(messagesIn(items)).toEqual(whole);
    const sent = trace.events.flatMap((event) =>
      event.kind === "bytes" && event.direction === "sent" ? [event.bytes.length] : [],
    );
    const inRecords = items.flatMap((item) => (item.kind === "record" ? [item.raw.length] : []));
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
    expect(sum(inRecords)).toBe(sum(sent));
  });

  it("follows early data, and the client's authentication", () => {
    const early = resumed(experiment({ provider }, { provider }), Uint8Array.of(1, 2, 3));
    const { trace, sent } = runHandshake(early);
    expect(wireFacts(sent)).toMatchObject({ resumed: true, earlyData: "accepted" });
    const data = readTrace(trace).find(
      (item) => item.kind === "record" && item.record.epoch === "early",
    );
    expect(data).toMatchObject({ content: Uint8Array.of(1, 2, 3) });
  });
});

describe("a trace", () => {
  const { trace, sent } = run();
  const only = (keep: (event: TraceEvent) => boolean): Trace => ({
    ...trace,
    events: trace.events.filter(keep),
  });

  it.each(["client", "server"] as const)("of the %s's tap alone is the whole", (end) => {
    const one = only((event) => event.end === end);
    expect(messagesIn(readTrace(one))).toEqual(whole);
    expect(ledgerOf({ sent: readTrace(one) }).flights).toEqual(ledgerOf({ sent }).flights);
  });

  it.each(["client", "server"] as const)("of what the %s sent alone is read as well", (end) => {
    const one = only((event) => event.end === end && event.direction === "sent");
    const wanted = whole.filter((message) => message.startsWith(end));
    expect(messagesIn(readTrace(one))).toEqual(wanted);
  });

  it("needs the secrets of its own connection, whatever else stands in the log", () => {
    const others = run().trace.keyLog;
    const comment = { end: "client", line: "# a log of many" } as const;
    const noise = [comment, ...others];
    const keyLog = [...noise, ...trace.keyLog];
    expect(messagesIn(readTrace({ ...trace, keyLog }))).toEqual(whole);
    expect(messagesIn(readTrace({ ...trace, keyLog: noise }))).toEqual(whole.slice(0, 2));
  });

  it("shows the lengths of what it cannot open", () => {
    const { flights, totals } = ledgerOf({ sent: readTrace({ ...trace, keyLog: [] }) });
    expect(totals.both.bytes).toBe(ledgerOf({ sent }).totals.both.bytes);
    expect(flights[1]?.records.at(-1)).toMatchObject({ type: "application_data", epoch: "sealed" });
  });

  it("says where bytes are missing, and without keys reads nothing of that end behind them", () => {
    const [first, ...rest] = only(({ direction }) => direction === "sent").events;
    const gap = { at: 0, end: "server", direction: "sent", kind: "gap", bytes: 7 } as const;
    const events = [first!, gap, ...rest];
    const items = readTrace({ events, keyLog: [] });
    expect(messagesIn(items)).toEqual([whole[0]]);
    const lost = rest.flatMap((event) => (event.end === "server" ? [event] : []));
    expect(items.filter((item) => item.kind === "gap")).toMatchObject([
      { from: "server", bytes: 7 },
      ...lost.map((event) => ({ bytes: event.kind === "bytes" ? event.bytes.length : 0 })),
    ]);
    // With keys all that is encrypted is found again; what was in the clear is not
    const found = messagesIn(readTrace({ ...trace, events }));
    expect(found[0]).toEqual(whole[0]);
    expect(found).toEqual(expect.arrayContaining(whole.slice(2)));
    expect(found).toHaveLength(whole.length - 1);
  });

  it("can be given in any pieces", () => {
    const events = trace.events.flatMap((event): readonly TraceEvent[] =>
      event.kind === "bytes"
        ? Array.from(event.bytes, (byte) => ({ ...event, bytes: Uint8Array.of(byte) }))
        : [event],
    );
    expect(messagesIn(readTrace({ ...trace, events }))).toEqual(whole);
  });
});

describe("the facts on the wire", () => {
  const { trace } = run();

  it("are what both ends say", () => {
    const { sent, negotiated } = run(
      { groups: ["x25519", "secp256r1"], credentials: [clientCredential] },
      {
        groups: ["secp256r1"],
        clientAuthentication: "require",
        trust,
        now: () => testTime,
      },
    );
    expect(wireFacts(sent)).toEqual({
      version: "TLS 1.3",
      cipherSuite: negotiated?.cipherSuite,
      group: negotiated?.group,
      serverSignature: negotiated?.peerSignatureScheme,
      clientSignature: negotiated?.signatureScheme,
      retried: true,
      resumed: false,
      earlyData: "not offered",
    });
  });

  it("are nothing where nothing can be read", () => {
    expect(wireFacts(readTrace({ ...trace, keyLog: [] }))).toMatchObject({
      group: "X25519MLKEM768",
      serverSignature: null,
    });
    expect(wireFacts([])).toMatchObject({ version: null, cipherSuite: null, group: null });
  });
});
