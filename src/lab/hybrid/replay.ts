/** Checks an implementation against the vectors, through its adapter. */
import { type HashName, suites } from "../../crypto/index.ts";
import { AlertDescription } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { concat, equal, fromHex, toHex } from "../../wire/index.ts";
import { failed, type Outcome, passed, skipped } from "../vectors/corpus.ts";
import { type Adapter, type AdapterEnd, Refused, Unsupported } from "./adapter.ts";
import { contradictions, headingContradictions, shareContradictions } from "./contradictions.ts";
import { keyLogOf } from "./describe.ts";
import { findByName } from "./end.ts";
import { type Speaker, turnsOf } from "./features.ts";
import {
  type FurtherSecretName,
  furtherSecretNames,
  type HandshakeFile,
  handshakeFormat,
  type HandshakeVector,
  type NegotiatedParts,
  type SecretName,
  secretNames,
  type ShareFile,
  type ShareVector,
} from "./format.ts";
import { cutRecords, openFlights } from "./records.ts";
import { usualExport } from "./secrets.ts";

/** One thing that a vector says and an adapter can be asked. */
export interface Check {
  /** The vector's name, and what is asked. */
  readonly id: string;
  run(adapter: Adapter): Outcome;
}

/** What came of a check. */
export interface CheckResult {
  /** What was checked: the vector, and the field of it. */
  readonly id: string;
  /** Passed, failed with the problem, or skipped with the reason. */
  readonly outcome: Outcome;
}

/** Runs all checks of a file. What the adapter lacks is skipped, and says so. */
export const replay = (file: HandshakeFile | ShareFile, adapter: Adapter): CheckResult[] =>
  checksOf(file).map(({ id, run }) => ({ id, outcome: run(adapter) }));

export function checksOf(file: HandshakeFile | ShareFile): Check[] {
  const heading = check("file", () => facts(headingContradictions(file)));
  if (file.format === handshakeFormat) {
    return [heading, ...file.handshakes.flatMap((vector) => handshakeChecks(file, vector))];
  }
  return [
    heading,
    check("handshake", () => facts(contradictions(file, file.handshake))),
    check("shares", () => facts(shareContradictions(file))),
    ...file.shares.flatMap((vector) => shareChecks(file, vector)),
  ];
}

/** Whether a file is right by itself, whatever the adapter. */
const facts = (problems: readonly string[]): Outcome =>
  problems.length === 0 ? passed : failed(problems.join("; "));

function handshakeChecks(file: HandshakeFile, vector: HandshakeVector): Check[] {
  return [
    check(`${vector.name}: facts`, () => facts(contradictions(file, vector))),
    check(`${vector.name}: client share`, (adapter) => clientShare(file, vector, adapter)),
    check(`${vector.name}: server share`, (adapter) => serverShare(file, vector, adapter)),
    check(`${vector.name}: secrets`, (adapter) => secrets(vector, adapter)),
    check(`${vector.name}: export`, (adapter) => exported(vector, adapter)),
    ...(vector.session === undefined && vector.key === undefined
      ? []
      : [check(`${vector.name}: binder key`, (adapter) => binderKey(vector, adapter))]),
    check(`${vector.name}: records`, (adapter) => records(vector, adapter)),
    ...(["client", "server"] as const)
      .filter((role) => vector.seeds[role] !== undefined)
      .map((role) =>
        check(`${vector.name}: ${role}`, (adapter) => wholeEnd(file, vector, role, adapter)),
      ),
  ];
}

const shareChecks = (file: ShareFile, vector: ShareVector): Check[] => [
  ...(vector.share === undefined
    ? []
    : [check(vector.name, (adapter) => judgement(file, vector, adapter))]),
  check(`${vector.name}: alert`, (adapter) => alert(file, vector, adapter)),
];

const check = (id: string, run: Check["run"]): Check => ({
  id,
  run(adapter) {
    try {
      return run(adapter);
    } catch (error) {
      if (error instanceof Unsupported) return skipped(error.message);
      return failed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    }
  },
});

const absent = (what: string): never => {
  throw new Unsupported(`the adapter has no ${what}`);
};

function clientShare(
  { group }: HandshakeFile,
  { exchange }: HandshakeVector,
  adapter: Adapter,
): Outcome {
  const client = clientOf({ group }, exchange, adapter);
  if (toHex(client.share) !== exchange.clientShare) return failed("another share");
  const secret = client.sharedSecret(fromHex(exchange.serverShare));
  return toHex(secret) === exchange.sharedSecret ? passed : failed("another shared secret");
}

const clientOf = (
  { group }: Pick<HandshakeFile, "group">,
  exchange: HandshakeVector["exchange"],
  adapter: Adapter,
) => adapter.clientShare?.(group, given(exchange, "privateKey")) ?? absent("clientShare");

/** @throws Unsupported if only another implementation knows them */
const given = (
  { components }: HandshakeVector["exchange"],
  member: "privateKey" | "randomness",
): Uint8Array[] =>
  components.map((component) => {
    const value = component[member];
    if (value === undefined) throw new Unsupported("only the recorded peer knows its private keys");
    return fromHex(value);
  });

function serverShare(
  { group }: HandshakeFile,
  { exchange }: HandshakeVector,
  adapter: Adapter,
): Outcome {
  const randomness = given(exchange, "randomness");
  const server =
    adapter.serverShare?.(group, fromHex(exchange.clientShare), randomness) ??
    absent("serverShare");
  if (toHex(server.share) !== exchange.serverShare) return failed("another share");
  return toHex(server.sharedSecret) === exchange.sharedSecret
    ? passed
    : failed("another shared secret");
}

const hashOf = ({ suite }: HandshakeVector): HashName =>
  findByName("cipher suite", suites, suite).hash;

function exported(vector: HandshakeVector, adapter: Adapter): Outcome {
  const exporter = fromHex(vector.secrets.exporter);
  const bytes =
    adapter.exportKeyingMaterial?.(hashOf(vector), exporter, usualExport) ??
    absent("exportKeyingMaterial");
  if (toHex(bytes) !== vector.exported) return failed("exports something else: exported");
  const wrong = (vector.exports ?? []).flatMap(({ secret, bytes: expected, ...request }, index) => {
    const from = fromHex(vector.secrets[secret] ?? "");
    const input = { ...request, context: fromHex(request.context) };
    const made = adapter.exportKeyingMaterial!(hashOf(vector), from, input);
    return toHex(made) === expected ? [] : [`exports[${index}].bytes`];
  });
  return wrong.length === 0 ? passed : failed(`exports something else: ${wrong.join(", ")}`);
}

function binderKey({ suite, session, key }: HandshakeVector, adapter: Adapter): Outcome {
  const { hash } = findByName("cipher suite", suites, suite);
  const { psk = "", binderKey: expected } = session ?? key ?? {};
  const origin = session ? "resumption" : key?.imported ? "imported" : "external";
  const made = adapter.binderKey?.(hash, fromHex(psk), origin) ?? absent("binderKey");
  const where = `${session ? "session" : "key"}.binderKey`;
  return toHex(made) === expected ? passed : failed(`another key: ${where}`);
}

function secrets(vector: HandshakeVector, adapter: Adapter): Outcome {
  const { psk } = vector.session ?? vector.key ?? {};
  const derived =
    adapter.secrets?.(hashOf(vector), {
      sharedSecret: fromHex(vector.exchange.sharedSecret),
      psk: psk === undefined ? undefined : fromHex(psk),
      messages: vector.messages.map(({ from, bytes }) => ({ from, bytes: fromHex(bytes) })),
    }) ?? absent("secrets");
  const known = [...secretNames, ...furtherSecretNames].filter(
    (name) => derived[name] !== undefined,
  );
  if (known.length === 0) return skipped("the adapter derives none of the secrets");
  const isWrong = (name: SecretName | FurtherSecretName): boolean =>
    !equal(derived[name] ?? new Uint8Array(), fromHex(vector.secrets[name] ?? ""));
  const wrong = known.filter(isWrong);
  return wrong.length === 0
    ? passed
    : failed(`another secret: ${wrong.map((name) => `secrets.${name}`).join(", ")}`);
}

function records(vector: HandshakeVector, adapter: Adapter): Outcome {
  const openRecord = adapter.openRecord?.bind(adapter) ?? absent("openRecord");
  const opened = openFlights(vector, openRecord);
  const messages = opened.messages.map(({ from, bytes }) => `${from} ${toHex(bytes)}`);
  const expected = vector.messages.map(({ from, bytes }) => `${from} ${bytes}`);
  if (messages.join() !== expected.join()) return failed("the records hold other messages");
  const hasData = (role: Role): boolean => toHex(opened.data[role]) === vector.data[role];
  const hasEarly = toHex(opened.early) === (vector.early ?? "");
  return hasData("client") && hasData("server") && hasEarly
    ? passed
    : failed("the records hold other data");
}

/** The end gets what the other sent, and must send what it sent. */
function wholeEnd(
  file: HandshakeFile,
  vector: HandshakeVector,
  role: Role,
  adapter: Adapter,
): Outcome {
  const end = connect(file, vector, role, adapter);
  let told: string | undefined;
  const speaker = speaking(end);
  const turns = turnsOf(vector.feature).filter(({ from }) => from === role);
  const { early } = vector;
  const waiting = [
    ...(early === undefined || role === "server" ? [] : [() => end.write(fromHex(early))]),
    () => void (told = misreport(vector, end)),
    ...turns.map(
      ({ act }) =>
        () =>
          act(speaker),
    ),
  ];
  end.start();
  for (const [index, { from, bytes }] of vector.flights.entries()) {
    const flight = fromHex(bytes);
    if (from !== role) {
      end.receive(flight);
      continue;
    }
    let sent = take(end);
    while (sent.length < flight.length && isSaid(waiting.shift())) {
      sent = concat(sent, take(end));
    }
    if (equal(sent, flight)) continue;
    const reason = end.alert() === undefined ? "" : `, and ends with ${end.alert()}`;
    return failed(`flights[${index}]: sends ${difference(sent, flight)}${reason}`);
  }
  if (end.alert() !== undefined) return failed(`ends with ${end.alert()}`);
  const log = end.keyLog().toSorted().join();
  if (log !== keyLogOf(vector).join()) return failed("logs other secrets: secrets");
  return told === undefined ? passed : failed(told);
}

const speaking = (end: AdapterEnd): Speaker => ({
  write: (data) => end.write(data),
  close: () => end.close(),
  updateKeys: () => (end.updateKeys ? end.updateKeys() : absent("updateKeys")),
  requestCertificate: () =>
    end.requestCertificate ? end.requestCertificate() : absent("requestCertificate"),
});

/** What an end tells wrongly of a handshake that is over and a connection that is not. */
function misreport(vector: HandshakeVector, end: AdapterEnd): string | undefined {
  const { label, context, length } = usualExport;
  const bytes = end.exportKeyingMaterial?.(label, context, length);
  if (bytes !== undefined && toHex(bytes) !== vector.exported) {
    return "exports something else: exported";
  }
  for (const [index, request] of (vector.exports ?? []).entries()) {
    const input = [request.label, fromHex(request.context), request.length] as const;
    const made =
      request.secret === "earlyExporter"
        ? end.exportEarlyKeyingMaterial?.(...input)
        : end.exportKeyingMaterial?.(...input);
    if (made !== undefined && toHex(made) !== request.bytes) {
      return `exports something else: exports[${index}].bytes`;
    }
  }
  const negotiated = end.negotiated?.();
  const names =
    negotiated === undefined ? [] : (Object.keys(negotiated) as (keyof NegotiatedParts)[]);
  const wrong = names.filter((name) => negotiated?.[name] !== vector.negotiated[name]);
  if (wrong.length === 0) return undefined;
  return `tells something else: ${wrong.map((name) => `negotiated.${name}`).join(", ")}`;
}

/** An end that cannot go on has said all that it will. */
function isSaid(word: (() => void) | undefined): boolean {
  try {
    word?.();
    return word !== undefined;
  } catch (error) {
    if (error instanceof Unsupported) throw error;
    return false;
  }
}

const connect = (
  { group, identities }: HandshakeFile | ShareFile,
  inputs: HandshakeVector,
  role: Role,
  adapter: Adapter,
): AdapterEnd => adapter.connect?.({ group, identities, inputs }, role) ?? absent("connect");

const take = (end: AdapterEnd): Uint8Array => concat(...end.takeOutput());

function difference(sent: Uint8Array, expected: Uint8Array): string {
  if (sent.length === 0) return "nothing";
  const at = sent.findIndex((byte, index) => byte !== expected[index]);
  return at < 0
    ? `${sent.length} of ${expected.length} bytes`
    : `another byte at ${at} of ${expected.length}`;
}

function judgement(file: ShareFile, vector: ShareVector, adapter: Adapter): Outcome {
  const { exchange } = file.handshake;
  const share = fromHex(vector.share ?? "");
  let secret: Uint8Array;
  try {
    if (vector.from === "server") {
      secret = clientOf(file, exchange, adapter).sharedSecret(share);
    } else {
      const randomness = given(exchange, "randomness");
      const answer = adapter.serverShare?.(file.group, share, randomness);
      secret = (answer ?? absent("serverShare")).sharedSecret;
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return vector.sharedSecret === undefined ? passed : failed("refused, but cannot be told");
  }
  if (vector.sharedSecret === undefined) return failed("taken");
  return toHex(secret) === vector.sharedSecret ? passed : failed("another shared secret");
}

/** A share that is refused is answered with a plaintext alert. One that is taken breaks the client's first record. */
function alert(file: ShareFile, vector: ShareVector, adapter: Adapter): Outcome {
  const { handshake } = file;
  const judge = vector.from === "client" ? "server" : "client";
  const end = connect(file, handshake, judge, adapter);
  end.start();
  take(end);
  end.receive(plainRecord(fromHex(vector.hello)));
  if (vector.alert !== "bad_record_mac") {
    const expected = plainAlert(AlertDescription[vector.alert]);
    if (vector.optional && end.alert() === undefined) {
      return skipped(`overlooked, which ${vector.section} allows`);
    }
    return equal(take(end).subarray(-expected.length), expected)
      ? passed
      : failed(`answers with ${end.alert() ?? "no alert"}, not ${vector.alert}`);
  }
  if (end.alert() !== undefined) return failed(`answers with ${end.alert()}`);
  const client = judge === "client" ? end : connect(file, handshake, "client", adapter);
  if (judge === "server") {
    client.start();
    take(client);
    client.receive(take(end));
  } else {
    client.receive(concat(...protectedRecords(handshake)));
  }
  return client.alert() === vector.alert
    ? passed
    : failed(`the client ends with ${client.alert() ?? "no alert"}, not ${vector.alert}`);
}

const plainRecord = (message: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(22, 3, 3, message.length >> 8, message.length & 0xff), message);

const plainAlert = (description: number): Uint8Array =>
  Uint8Array.of(21, 3, 3, 0, 2, 2, description);

/** What follows the ServerHello in the server's first flight. */
function protectedRecords({ flights }: HandshakeVector): Uint8Array[] {
  const flight = flights.find(({ from }) => from === "server")?.bytes ?? "";
  return cutRecords(fromHex(flight)).filter(([type]) => type !== 22);
}
