import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { recordAttack, tapeTraces } from "../../../src/lab/adversary/tape.ts";
import { captureOf, CaptureWriter } from "../../../src/lab/capture/write.ts";
import {
  type InspectedCapture,
  inspectCapture,
  type InspectOptions,
  inspectTrace,
} from "../../../src/lab/inspection/inspect.ts";
import type { Inspection } from "../../../src/lab/inspection/inspector.ts";
import { isRecords, recordsTrace } from "../../../src/lab/inspection/records.ts";
import { brokenRules } from "../../../src/lab/inspection/rules.ts";
import { Script } from "../../../src/lab/inspection/script.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { setUp } from "../../../src/lab/scenario.ts";
import { resumed } from "../../../src/lab/resume.ts";
import { ledgerOf } from "../../../src/lab/trace/ledger.ts";
import { readTrace, type Trace, type TraceEvent } from "../../../src/lab/trace/trace.ts";
import { viewsOf } from "../../../src/lab/trace/views.ts";
import { createNoble } from "../../../src/crypto/index.ts";
import { encodeMessage, messageName } from "../../../src/messages/index.ts";
import { concat, concatAll, fromHex } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { clientCredential, testTime, trust } from "../../support/identities.ts";
import { experiment } from "../experiment.ts";
import { packetsIn, pcapOf, wrappings } from "../capture/files.ts";

const inspected = (file: Uint8Array, options: InspectOptions = {}): InspectedCapture =>
  inspectCapture([file], options);
const keyLogOf = ({ keyLog }: Trace): string => keyLog.map(({ line }) => line).join("\n");

const kinds = {
  "a full one": () => experiment(),
  "one that is retried, with a client's certificate": () =>
    experiment(
      { groups: ["x25519", "secp256r1"], shares: ["x25519"], credentials: [clientCredential] },
      { groups: ["secp256r1"], clientAuthentication: "require", trust, now: () => testTime },
    ),
  "one that is resumed with early data": () => resumed(experiment(), new Uint8Array(2000)),
  "one of SHA-384": () =>
    experiment({ suites: ["TLS_AES_256_GCM_SHA384"], groups: ["SecP384r1MLKEM1024"] }),
};

describe.each(providers)("a handshake, inspected with $name:", ({ provider }) => {
  it.each(Object.entries(kinds))(
    "%s has the ledger of its run, and all proofs right",
    (_, make) => {
      const { trace, sent } = runHandshake(make());
      const [connection, ...others] = inspected(captureOf([trace]), { provider }).connections;
      expect(others).toEqual([]);
      expect(connection).toMatchObject({
        protocol: "TLS 1.3",
        gaps: [],
        sealed: { client: 0, server: 0 },
      });
      expect(JSON.stringify(connection?.ledger)).toBe(JSON.stringify(ledgerOf({ sent })));
      const proofs = connection?.proofs.filter(({ what }) => what !== "binder");
      expect(proofs?.length).toBeGreaterThanOrEqual(2);
      expect(proofs?.map(({ verdict }) => verdict)).toEqual(proofs?.map(() => "right"));
      expect([connection?.violations, connection?.alerts]).toEqual([[], []]);
      // And so has the trace by itself, and the one that it gives
      expect(inspectTrace(trace, { provider }).ledger).toEqual(connection?.ledger);
      const { ledger } = inspectTrace(connection!.trace, { provider });
      expect(ledger).toEqual(connection?.ledger);
    },
  );

  it.each([
    ["by KEM", {}],
    ["by KEM, of both ends", { mutual: true }],
    ["by a KEM's key that is known before", { storedKey: true }],
    ["by such a key, of both ends", { storedKey: true, mutual: true }],
  ])("%s breaks no rule, and its Finished is not called wrong", (_, special) => {
    const scenario = { provider, group: "x25519", kem: "kem_mlkem768", ...special };
    const { trace, sent } = runHandshake(setUp(scenario));
    const [connection] = inspected(captureOf([trace]), { provider }).connections;
    expect(connection?.violations).toEqual([]);
    expect(connection?.proofs.map(({ what, verdict }) => [what, verdict])).toEqual([
      ["finished", "not checked"],
      ["finished", "not checked"],
    ]);
    expect(connection?.ledger.flights).toEqual(ledgerOf({ sent }).flights);
    // A message of another handshake is out of its place
    const encapsulation = encodeMessage("kem_encapsulation", {
      certificateRequestContext: new Uint8Array(0),
      encapsulation: new Uint8Array(32),
    });
    const messages = sent.flatMap((item) => (item.kind === "message" ? [item] : []));
    const at = messages.findIndex(({ raw }) => messageName(raw) === "encrypted_extensions");
    const late = { from: "server", raw: encapsulation, epoch: "handshake" } as const;
    const script = new Script([...messages.slice(0, at), late, ...messages.slice(at)]);
    expect(script.isByKem).toBe(true);
    expect(brokenRules(script).map(({ code }) => code)).toContain("unexpected_message");
  });

  it("has a binder that is right with its key, and with another is not checked", () => {
    const given = resumed(experiment({ provider }, { provider }));
    const { trace } = runHandshake(given);
    const [psk] = given.client.psks ?? [];
    const binderOf = (psks: readonly Uint8Array[]) =>
      inspectTrace(trace, { provider, psks }).proofs.find(({ what }) => what === "binder");
    expect(binderOf([fromHex("00"), psk!.secret])).toMatchObject({ verdict: "right" });
    expect(binderOf([fromHex("00")])).toMatchObject({ verdict: "not checked" });
    expect(binderOf([])).toMatchObject({
      verdict: "not checked",
      detail: "no key log has its key",
    });
  });
});

const namesIn = (connection: Pick<Inspection, "items"> | undefined): string[] =>
  connection?.items.flatMap((item) =>
    item.kind === "message" ? [`${item.from} ${messageName(item.raw)}`] : [],
  ) ?? [];

/** Data of the server, new keys, and more data. */
function withData(suite: string): Trace {
  const run = runHandshake(experiment({ suites: [suite] }, { suites: [suite] }));
  const events = [...run.trace.events];
  const say = (work: () => void): void => {
    work();
    const bytes = concatAll(run.server.takeOutput());
    events.push({ at: events.length, end: "server", direction: "sent", kind: "bytes", bytes });
  };
  for (let i = 0; i < 10; i++) say(() => run.server.write(new Uint8Array(3000)));
  say(() => run.server.updateKeys());
  for (let i = 0; i < 3; i++) say(() => run.server.write(new Uint8Array(3000)));
  return { events, keyLog: run.trace.keyLog };
}

describe("a capture", () => {
  const { trace } = runHandshake(experiment());
  const other = runHandshake(experiment({ groups: ["x25519"] })).trace;
  const whole = inspectTrace(trace);
  const packets = packetsIn(captureOf([trace], { maximumSegmentSize: 500 }));
  const log = keyLogOf(trace);

  it.each(Object.entries(wrappings))(
    "in %s is read, with a key log beside it",
    (_, { linkType, wrap }) => {
      const file = pcapOf(packets.map(wrap), { linkType });
      const [connection] = inspected(file, { keyLog: log }).connections;
      expect(connection?.ledger).toEqual(whole.ledger);
      expect(connection?.facts).toEqual(whole.facts);
    },
  );

  it("shows without secrets what an onlooker sees", () => {
    const [sealed] = inspected(pcapOf(packets)).connections;
    expect(sealed).toMatchObject({
      protocol: "TLS 1.3",
      facts: {
        group: "X25519MLKEM768",
        hybrid: true,
        serverName: "localhost",
        serverSignature: null,
      },
      proofs: [],
    });
    expect(sealed!.sealed.server).toBeGreaterThan(0);
    expect(sealed!.ledger.totals.both.bytes).toBe(whole.ledger.totals.both.bytes);
  });

  it("out of order, with segments twice, or begun by the server is the same", () => {
    const shuffled = [
      ...packets.slice(0, 3),
      ...packets.slice(3, 6).toReversed(),
      ...packets.slice(6),
    ];
    for (const given of [shuffled, [...packets, ...packets.slice(3)], packets.slice(1)]) {
      const [connection, ...rest] = inspected(pcapOf(given), { keyLog: log }).connections;
      expect(rest).toEqual([]);
      expect(connection?.ledger.totals).toEqual(whole.ledger.totals);
      expect(connection?.proofs).toEqual(whole.proofs);
    }
  });

  it("of several connections tells them apart, and their secrets", () => {
    const [a, b] = inspected(captureOf([trace, other])).connections;
    expect([a?.facts.group, b?.facts.group]).toEqual(["X25519MLKEM768", "x25519"]);
    const verdicts = [a, b].flatMap((each) => each?.proofs.map(({ verdict }) => verdict));
    expect(new Set(verdicts)).toEqual(new Set(["right"]));
    // The wrong log opens nothing
    const [sealed] = inspected(pcapOf(packets), { keyLog: keyLogOf(other) }).connections;
    expect(sealed?.proofs).toEqual([]);
  });

  it("with a lost segment has a gap, and is read on in the other direction", () => {
    const lost = packets.filter((_, index) => index !== 7);
    const [connection] = inspected(pcapOf(lost)).connections;
    expect(connection?.gaps).toEqual([{ from: "server", bytes: 500 }]);
    expect(connection?.facts.group).toBeNull();
    expect(namesIn(connection)).toEqual(["client client_hello"]);
    expect(connection?.sealed.client).toBe(1);
  });

  it("with a lost segment is read on behind it where secrets are known, and proves nothing", () => {
    // A part of the ServerHello
    const lost = packets.filter((_, index) => index !== 7);
    const [connection] = inspected(pcapOf(lost), { keyLog: log }).connections;
    expect(connection?.gaps).toEqual([{ from: "server", bytes: 500 }]);
    const names = namesIn(whole).filter((name) => name !== "server server_hello");
    expect(new Set(namesIn(connection))).toEqual(new Set(names));
    expect(new Set(connection?.proofs.map(({ verdict }) => verdict))).toEqual(
      new Set(["not checked"]),
    );
    expect(connection?.facts.group).toBeNull();
    // Of another connection nothing opens it
    const [sealed] = inspected(pcapOf(lost), { keyLog: keyLogOf(other) }).connections;
    expect(namesIn(sealed)).toEqual(["client client_hello"]);
  });

  it.each(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])(
    "is read behind several holes, behind a change of keys, and from its middle on: %s",
    (suite) => {
      const data = withData(suite);
      const all = packetsIn(captureOf([data], { maximumSegmentSize: 500 }));
      const without = (...lost: readonly number[]) => {
        const file = pcapOf(all.filter((_, index) => !lost.includes(index)));
        return inspected(file, { keyLog: keyLogOf(data) }).connections[0];
      };
      const holes = without(40, 60, 90);
      const hole = { from: "server", bytes: 500 };
      expect(holes?.gaps).toEqual([hole, hole, hole]);
      expect(namesIn(holes).at(-1)).toBe("server key_update");
      expect(holes?.sealed.server).toBe(0);
      // The record of the KeyUpdate: 5 + 5 + 1 + 16 bytes
      const update = all.findIndex((packet, index) => index > 80 && packet.length === 40 + 27);
      const changed = without(update);
      expect(changed?.gaps).toEqual([{ from: "server", bytes: 27 }]);
      expect(namesIn(changed)).not.toContain("server key_update");
      expect(changed?.ledger.totals.server.bytes).toBe(
        inspectTrace(data).ledger.totals.server.bytes - 27,
      );
      // Begins in the middle of a record, and knows neither end's hello
      const late = without(...Array(55).keys());
      expect(late).toMatchObject({ protocol: "TLS 1.3", gaps: [{ from: "server", bytes: null }] });
      expect(late?.items.some(({ kind }) => kind === "record")).toBe(true);
      expect(namesIn(late)).toEqual(["server key_update"]);
      expect(inspectTrace(late!.trace).ledger).toEqual(late!.ledger);
      const logs = `${log}\n${keyLogOf(data)}`;
      const file = pcapOf(all.slice(55));
      expect(inspected(file, { keyLog: logs }).connections[0]?.ledger).toEqual(late!.ledger);
      // Without secrets it is what an onlooker sees
      const onlooker = inspected(pcapOf(all.slice(60))).connections[0];
      expect(onlooker?.gaps).toEqual([]);
    },
  );

  it("of one end alone is read as far as its keys go", () => {
    const client = packets.filter((packet) => packet[12] === 192);
    const [unanswered] = inspected(pcapOf(client.slice(0, 6))).connections;
    expect(unanswered?.protocol).toBe("TLS, its ServerHello not seen");
    const [alone] = inspected(pcapOf(client), { keyLog: log }).connections;
    expect(alone?.protocol).toBe("TLS 1.3");
    expect(alone?.items.filter((item) => item.kind === "message")).toHaveLength(2);
    expect(alone?.proofs).toEqual([
      expect.objectContaining({ what: "finished", from: "client", verdict: "not checked" }),
    ]);
  });

  it("that was cut is read up to there", () => {
    const file = captureOf([trace]);
    const { connections, problem } = inspected(file.slice(0, -200), { keyLog: log });
    expect(problem).toContain("in the middle of a packet");
    expect(connections[0]?.facts.group).toBe("X25519MLKEM768");
    // Packets of which only the first bytes were kept
    const [cut] = inspected(pcapOf(packets, { snapLength: 100 })).connections;
    expect(cut?.gaps.length).toBeGreaterThan(0);
  });

  it("of a changed Finished or signature says that it is wrong", () => {
    const withChanged = (change: string): readonly string[] => {
      const scenario = catalogue.find(({ name }) => name === change);
      if (scenario === undefined) throw new Error(`there is no scenario ${change}`);
      const { traces } = recordAttack(scenario, { makeProvider: createNoble, provider: "noble" });
      return traces
        .flatMap(viewsOf)
        .flatMap((view) => inspectTrace(view).proofs)
        .flatMap(({ what, from, verdict }) =>
          verdict === "wrong" ? [`${what} of the ${from}`] : [],
        );
    };
    expect(withChanged("change-signature")).toContain("certificate_verify of the server");
    expect(withChanged("honest")).toEqual([]);
  });

  it("names other protocols and leaves them alone", () => {
    const said = (end: TraceEvent["end"], bytes: Uint8Array): TraceEvent => ({
      at: 0,
      end,
      direction: "sent",
      kind: "bytes",
      bytes,
    });
    const text = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content));
    const protocolOf = (...events: readonly TraceEvent[]): string =>
      inspected(captureOf([{ keyLog: [], events }])).connections[0]!.protocol;
    expect(protocolOf(said("client", text("GET / HTTP/1.1\r\n\r\n")))).toBe("HTTP");
    expect(protocolOf(said("server", text("SSH-2.0-OpenSSH_9.2\r\n")))).toBe("SSH");
    expect(protocolOf(said("server", text("220 mail ESMTP\r\n")))).toBe("SMTP or FTP");
    expect(protocolOf(said("client", text("\0\0\0\0\0\0\0\0\0")))).toBe("no TLS");
  });

  it("names TLS 1.2, and does not look at its messages", () => {
    const [client, server] = trace.events.flatMap((event) =>
      event.kind === "bytes" && event.direction === "sent" ? [event] : [],
    );
    // version, random, no session id, a suite, null compression, renegotiation_info; then a Certificate
    const hello = concat(fromHex("0303"), new Uint8Array(32), fromHex("00c02f000005ff01000100"));
    const record = (content: Uint8Array): Uint8Array =>
      concat(fromHex("160303"), Uint8Array.of(0, content.length), content);
    const message = (type: number, body: Uint8Array): Uint8Array =>
      concat(Uint8Array.of(type, 0, 0, body.length), body);
    const bytes = concat(record(message(2, hello)), record(message(11, fromHex("000000"))));
    const events = [client!, { ...server!, bytes }];
    const [connection] = inspected(captureOf([{ keyLog: [], events }])).connections;
    expect(connection).toMatchObject({ protocol: "TLS 1.2", violations: [], proofs: [] });
    expect(
      connection?.ledger.flights.map(({ messages }) => messages.map(({ type }) => type)),
    ).toEqual([["client_hello"], ["server_hello"]]);
    // RFC 9846 §4.2.3: a server that speaks TLS 1.3 would have said so
    const downgraded = bytes.slice();
    downgraded.set(Buffer.from("DOWNGRD\x01", "latin1"), 5 + 4 + 2 + 24);
    const [led] = inspected(
      captureOf([{ keyLog: [], events: [client!, { ...server!, bytes: downgraded }] }]),
    ).connections;
    expect(led?.findings.map(({ kind }) => kind)).toEqual(["sentinel"]);
    expect(connection?.findings).toEqual([]);
  });

  it("of what is malformed shows its bytes, and says what is wrong with it", () => {
    const [hello] = trace.events.flatMap((event) => (event.kind === "bytes" ? [event.bytes] : []));
    const damaged = (change: (bytes: Uint8Array) => void) => {
      const bytes = hello!.slice();
      change(bytes);
      const events = [{ ...trace.events[0]!, kind: "bytes" as const, bytes }];
      return inspectTrace({ events, keyLog: [] });
    };
    // Its second extension has the number of its first, server_name
    const first = 5 + 4 + 2 + 32 + 33 + 2 + 2 * 3 + 2 + 2;
    const length = ((hello![first + 2] ?? 0) << 8) + (hello![first + 3] ?? 0);
    const twice = damaged((bytes) => bytes.set([0, 0], first + 4 + length));
    expect(twice.violations).toMatchObject([{ from: "client", section: "RFC 9846 §4.3" }]);
    expect(twice.ledger.flights[0]?.messages).toEqual([
      { type: "client_hello", bytes: hello!.length - 5, epoch: "plaintext" },
    ]);
    // The list of suites is longer than the message
    const long = damaged((bytes) => bytes.set([0xff], 5 + 4 + 2 + 32 + 33));
    expect(long.violations).toMatchObject([{ code: "malformed", from: "client" }]);
  });

  it(
    "of thousands of messages in a record, or of hellos, is read like any other",
    { timeout: 120_000 },
    () => {
      const record = (content: Uint8Array): Uint8Array =>
        concat(
          fromHex("160303"),
          Uint8Array.of(content.length >> 8, content.length & 0xff),
          content,
        );
      const [hello] = trace.events.flatMap((event) =>
        event.kind === "bytes" ? [event.bytes] : [],
      );
      const key = fromHex("18000000");
      const small = record(concatAll(Array.from({ length: 4000 }, () => key)));
      for (const bytes of [concatAll(Array(60).fill(small)), concatAll(Array(2000).fill(hello))]) {
        const events = [{ ...trace.events[0]!, kind: "bytes" as const, bytes }];
        const { violations } = inspectTrace({ events, keyLog: [] });
        expect(violations.length).toBeGreaterThan(1000);
      }
    },
  );

  it("shows what comes after the handshake: an authentication, tickets, new keys", () => {
    const client = { postHandshakeAuthentication: true, credentials: [clientCredential] };
    const server = { trust, now: () => testTime };
    const run = runHandshake(experiment(client, server));
    expect(run.error).toBeUndefined();
    const events: TraceEvent[] = run.trace.events.filter(({ direction }) => direction === "sent");
    const carry = (end: TraceEvent["end"], to: TraceEvent["end"]): void => {
      const bytes = concatAll(run[end].takeOutput());
      if (bytes.length === 0) return;
      events.push({ at: events.length, end, direction: "sent", kind: "bytes", bytes });
      run[to].receive(bytes);
    };
    run.server.requestCertificate();
    carry("server", "client");
    carry("client", "server");
    run.client.updateKeys();
    run.client.write(new Uint8Array(10));
    carry("client", "server");
    run.server.write(new Uint8Array(10));
    carry("server", "client");
    const inspection = inspectTrace({ events, keyLog: run.trace.keyLog });
    expect(inspection).toMatchObject({
      sealed: { client: 0, server: 0 },
      gaps: [],
      violations: [],
    });
    const types = inspection.ledger.flights.flatMap(({ messages }) =>
      messages.map(({ type }) => type),
    );
    expect(types.slice(7)).toEqual(
      [
        "certificate_request",
        "certificate",
        "certificate_verify",
        "finished",
        "key_update",
        "key_update",
      ].slice(0, types.length - 7),
    );
    expect(inspection.proofs.map(({ verdict }) => verdict)).toEqual(["right", "right", "right"]);
  });

  it("keeps no more than its budget, and counts the rest", () => {
    const { connections } = inspected(captureOf([trace, other]), { memory: 60_000 });
    expect(connections[0]?.ledger.totals.both.bytes).toBeGreaterThan(0);
    const [none] = inspected(captureOf([trace]), { memory: 10 }).connections;
    expect(none).toMatchObject({ protocol: "not read: too many connections at once", proofs: [] });
    expect(none!.bytes.client).toBe(whole.bytes.client);
  });

  it("of any length is read in bounded memory, data by data", { timeout: 120_000 }, () => {
    const kept = [2, 40].map((mebibytes) => {
      function* pieces(): Generator<Uint8Array> {
        const chunks: Uint8Array[] = [];
        const writer = new CaptureWriter((bytes) => void chunks.push(bytes));
        const connection = writer.open("here");
        for (const event of trace.events) if (event.direction === "sent") connection.event(event);
        // Records that no secret opens
        const bytes = concat(fromHex("1703034000"), new Uint8Array(0x4000));
        for (let at = 0; at < mebibytes * 64; at++) {
          connection.event({ at, end: "server", direction: "sent", kind: "bytes", bytes });
          yield concatAll(chunks.splice(0));
        }
      }
      const read = inspectCapture(pieces());
      const [connection] = read.connections;
      expect(read.packets).toBeGreaterThan(mebibytes * 700);
      expect(connection!.bytes.server).toBeGreaterThan(mebibytes * 2 ** 20);
      return [connection!.items.length, connection!.trace.events.length];
    });
    expect(kept[1]).toEqual(kept[0]);
  });

  it("lists a few records of data, and counts and opens the others", () => {
    const run = runHandshake(experiment());
    const events = [...run.trace.events];
    const say = (work: () => void): void => {
      work();
      const bytes = concatAll(run.server.takeOutput());
      events.push({ at: events.length, end: "server", direction: "sent", kind: "bytes", bytes });
    };
    for (let i = 0; i < 100; i++) say(() => run.server.write(new Uint8Array(1000)));
    say(() => run.server.updateKeys());
    for (let i = 0; i < 100; i++) say(() => run.server.write(new Uint8Array(1000)));
    const file = captureOf([{ events, keyLog: run.trace.keyLog }]);
    const [connection] = inspected(file).connections;
    // Under new keys, which only who has opened all before can have
    expect(connection?.sealed).toEqual({ client: 0, server: 0 });
    expect(connection?.items.at(-1)).toMatchObject({ kind: "message", from: "server" });
    expect(connection?.unlisted.client).toEqual({ records: 0, bytes: 0 });
    const { records, bytes } = connection!.unlisted.server;
    expect(records).toBeGreaterThan(100);
    expect(bytes).toBe(records * (1000 + 5 + 1 + 16));
    // The trace holds the handshake, and a gap for the data
    expect(inspectTrace(connection!.trace).proofs.map(({ verdict }) => verdict)).not.toContain(
      "wrong",
    );
    expect(connection!.trace.events.filter(({ kind }) => kind === "gap")).not.toEqual([]);
  });
});

describe("the script of a handshake", () => {
  it("has no more messages of an end than a handshake has, and the others behind it", () => {
    const { sent } = runHandshake(experiment());
    const hello = sent.find((item) => item.kind === "message")!;
    const script = new Script(Array.from({ length: 100 }, () => hello));
    expect([script.messages.length, script.later.length]).toEqual([32, 68]);
  });
});

describe("raw records", () => {
  const { trace } = runHandshake(experiment());
  const bytes = concatAll(
    trace.events.flatMap((event) =>
      event.kind === "bytes" && event.direction === "sent" ? [event.bytes] : [],
    ),
  );

  it("of both ends are told apart by what they say", () => {
    expect(isRecords(bytes)).toBe(true);
    const { events } = recordsTrace(bytes);
    const { ledger, proofs } = inspectTrace({ events, keyLog: trace.keyLog });
    expect(ledger).toEqual(ledgerOf({ sent: readTrace(trace) }));
    expect(proofs.map(({ verdict }) => verdict)).toEqual(["right", "right", "right"]);
  });

  it("are not what begins otherwise", () => {
    expect(isRecords(fromHex("1703030005"))).toBe(false);
    expect(isRecords(fromHex("7b7d"))).toBe(false);
  });
});

describe("a tape", () => {
  const scenario = catalogue.find(({ name }) => name === "strip-hybrid")!;
  const options = { makeProvider: createNoble, provider: "noble", secrets: "recorded" } as const;
  const { tape, traces } = recordAttack(scenario, options);

  it("gives the same views as the run that it was made of", () => {
    const viewsIn = (all: readonly Trace[]) =>
      all
        .flatMap(viewsOf)
        .map((view) => ({ place: view.place, ...inspectTrace(view).ledger.totals }));
    expect(viewsIn(tapeTraces(tape))).toEqual(viewsIn(traces));
    expect(viewsIn(traces).map(({ place }) => place)).toEqual(["at the client", "at the server"]);
  });

  it("shows what the detectors find", () => {
    const [atClient] = traces.flatMap(viewsOf).map((view) => inspectTrace(view));
    expect(atClient?.findings.map(({ kind }) => kind)).toEqual(["hybrid-declined", "tampered"]);
  });
});
