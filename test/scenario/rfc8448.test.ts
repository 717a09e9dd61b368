/** The traces of RFC 8448, byte for byte: every derivation, the schedule, the messages and the records. */
import { constants, verify, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  createNoble,
  noble,
  type Provider,
  type PublicKeyInfo,
  type SignatureAlgorithm,
} from "../../src/crypto/index.ts";
import { type Trace, traceRecords, traceValue } from "../../src/lab/vectors/rfc8448.ts";
import {
  decodeMessage,
  encodeMessage,
  headerLength,
  type MessageType,
  messageType,
} from "../../src/messages/index.ts";
import { defaultLimits, Link } from "../../src/record/index.ts";
import { HandshakeType, SignatureScheme } from "../../src/registry/index.ts";
import {
  AcceptedPeer,
  type ApplicationTraffic,
  BoundEarlyData,
  EarlySecret,
  HandshakeSecret,
  type HandshakeTraffic,
  hkdfExpandLabel,
  hkdfExtract,
  PeerAuthentication,
  type Role,
  type Transcript,
  TranscriptBuffer,
  VerifiedFinished,
} from "../../src/schedule/index.ts";
import { concat, equal, fromUtf8, toHex } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { freshOwners } from "../support/secrets.ts";
import { loadTrace, traceNames } from "../vectors/load.ts";

const roles = ["client", "server"] as const;

/** The handshake messages of a trace in order, as they stand in its records. */
function messagesOf(trace: Trace): { by: Role; type: MessageType; raw: Uint8Array }[] {
  const kinds = new Set<number>(Object.values(HandshakeType));
  return trace.steps.flatMap(({ by, does, values: { payload } }) => {
    if (does !== "send handshake record" || payload === undefined) return [];
    const found: { by: Role; type: MessageType; raw: Uint8Array }[] = [];
    for (let at = 0; at < payload.length;) {
      const length = (payload[at + 1]! << 16) | (payload[at + 2]! << 8) | payload[at + 3]!;
      const raw = payload.slice(at, (at += headerLength + length));
      expect(kinds).toContain(raw[0]);
      found.push({ by, type: messageType(raw)!, raw });
    }
    return found;
  });
}

/** A value that the RFC gives on one side or the other. */
function valueOf(trace: Trace, does: string, name: string): Uint8Array {
  const by = roles.find((role) =>
    trace.steps.some((step) => step.by === role && step.does === does && name in step.values),
  );
  return traceValue(trace, by ?? "server", does, name);
}

interface Secrets {
  readonly early: BoundEarlyData | undefined;
  readonly handshake: HandshakeTraffic;
  readonly application: ApplicationTraffic;
  readonly finished: { readonly [R in Role]: VerifiedFinished<R> };
}

/** Walks the schedule of a trace, and compares all that it reveals. Gives the PSK of its ticket too. */
function deriveAll(trace: Trace, provider: Provider, psk?: Uint8Array) {
  const hash = provider.hashes.sha256;
  const owners = freshOwners();
  const messages = messagesOf(trace);
  const raws = messages.map(({ raw }) => raw);
  const expectSecret = (secret: { reveal(): Uint8Array }, does: string) =>
    expect(secret.reveal()).toEqual(valueOf(trace, does, "expanded"));

  const isRetried = messages.some(({ type }) => type === "hello_retry_request");
  const buffer = isRetried
    ? TranscriptBuffer.retried(hash, raws.shift()!, raws.shift()!)
    : new TranscriptBuffer();

  const early = psk === undefined ? undefined : new EarlySecret(hash, psk, owners);
  const clientHello = raws.shift()!;
  let earlyData: BoundEarlyData | undefined;
  if (early !== undefined) {
    const does = "calculate PSK binder";
    const prefix = traceValue(trace, "client", does, "ClientHello prefix");
    expect(clientHello.subarray(0, prefix.length)).toEqual(prefix);
    const bound = buffer.hashWith(hash, prefix);
    expect(bound).toEqual(traceValue(trace, "client", does, "binder hash"));
    const binder = early.binder("resumption", bound);
    expect(binder).toEqual(traceValue(trace, "client", does, "finished"));
    expect(clientHello.subarray(-32)).toEqual(binder);
    earlyData = BoundEarlyData.of(boundClient(early, clientHello), hash.digest(clientHello));
    expectSecret(earlyData.secret, 'derive secret "tls13 c e traffic"');
    expectSecret(
      early.earlyExporter(hash.digest(clientHello)),
      'derive secret "tls13 e exp master"',
    );
  }
  buffer.add(clientHello);

  const transcript = buffer.start(hash);
  transcript.add(raws.shift()!);
  const shared = traceValue(trace, "server", 'extract secret "handshake"', "IKM");
  const handshakeSecret =
    early?.handshake(shared) ?? HandshakeSecret.withoutPsk(hash, shared, owners);
  const handshake = handshakeSecret.traffic(transcript.current());
  const main = handshake.derived().main();

  let server = early && PeerAuthentication.serverByPsk(undefined, early);
  let client =
    early === undefined ? PeerAuthentication.anonymousClient() : boundClient(early, clientHello);
  const proofs: { client?: VerifiedFinished<"client">; server?: VerifiedFinished<"server"> } = {};
  let application: ApplicationTraffic | undefined;
  let certificate: Uint8Array | undefined;
  let resumption: Uint8Array | undefined;
  for (const { by, type, raw } of messages.slice(-raws.length)) {
    if (type === "certificate") {
      certificate = decodeMessage(type, raw).body.certificateList[0]!.certData;
    } else if (type === "certificate_verify") {
      if (by === "server") server = authenticated(by, certificate!, transcript, raw);
      else client = authenticated(by, certificate!, transcript, raw);
    } else if (type === "finished") {
      const { verifyData } = decodeMessage(type, raw).body;
      expect(verifyData).toEqual(
        traceValue(trace, by, 'calculate finished "tls13 finished"', "finished"),
      );
      const before = transcript.current();
      transcript.add(raw);
      if (by === "server") {
        application = main.traffic(transcript.current());
        expectSecret(main.exporter(transcript.current()), 'derive secret "tls13 exp master"');
        proofs.server = VerifiedFinished.verify(server!, application, before, verifyData);
      } else proofs.client = VerifiedFinished.verify(client, application!, before, verifyData);
      continue;
    } else if (type === "new_session_ticket") {
      const nonce = decodeMessage(type, raw).body.ticketNonce;
      resumption = main.resumption(transcript.current()).psk(nonce);
      continue;
    }
    transcript.add(raw);
  }
  expect(
    hkdfExpandLabel(
      hash,
      valueOf(trace, 'derive secret "tls13 res master"', "expanded"),
      "resumption",
      Uint8Array.of(0, 0),
      32,
    ),
  ).toEqual(main.resumption(transcript.current()).psk(Uint8Array.of(0, 0)));

  expectSecret(handshake.client, 'derive secret "tls13 c hs traffic"');
  expectSecret(handshake.server, 'derive secret "tls13 s hs traffic"');
  expectSecret(application!.client, 'derive secret "tls13 c ap traffic"');
  expectSecret(application!.server, 'derive secret "tls13 s ap traffic"');
  const secrets: Secrets = {
    early: earlyData,
    handshake,
    application: application!,
    finished: { client: proofs.client!, server: proofs.server! },
  };
  return { secrets, resumption };
}

/**
 * Verifies a CertificateVerify of a trace over the transcript before it. The RSA keys of the RFC have
 * 1024 bits, which the engine refuses: OpenSSL checks the content that we make.
 */
function authenticated<R extends Role>(
  signer: R,
  certificate: Uint8Array,
  transcript: Transcript,
  raw: Uint8Array,
): PeerAuthentication<R> {
  const { algorithm, signature } = decodeMessage("certificate_verify", raw).body;
  const { publicKey } = new X509Certificate(certificate);
  const isPss = algorithm === SignatureScheme.rsa_pss_rsae_sha256;
  expect(isPss || algorithm === SignatureScheme.ecdsa_secp256r1_sha256).toBe(true);
  const key = isPss
    ? { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    : publicKey;
  const openssl = {
    verifier: () => (content: Uint8Array, signed: Uint8Array) =>
      verify("sha256", content, key, signed),
  };
  const spki = publicKey.export({ type: "spki", format: "der" });
  const peer = AcceptedPeer.ask(({ chain, rawPublicKey }) => ({ chain, rawPublicKey }), {
    chain: [],
    rawPublicKey: { spki } as unknown as PublicKeyInfo,
    usage: signer,
    name: undefined,
    now: 0,
    provider: noble,
    resumed: false,
    ocspResponse: undefined,
    signedCertificateTimestamps: [],
  }) as AcceptedPeer<R>;
  return PeerAuthentication.byCertificate(peer, {
    transcriptHash: transcript.current(),
    algorithm: openssl as unknown as SignatureAlgorithm,
    signature,
  });
}

/** The client's binder is that of the trace: the test has compared it. */
function boundClient(psk: EarlySecret, clientHello: Uint8Array): PeerAuthentication<"client"> {
  const { binders } = decodeMessage("client_hello", clientHello).body.extensions.pre_shared_key!;
  const truncated = clientHello.subarray(0, -35);
  return PeerAuthentication.clientByBinder(undefined, psk, {
    kind: "resumption",
    transcriptHash: psk.hash.digest(truncated),
    binder: binders[0]!,
  });
}

/** The PSK that the second trace uses comes from the first. */
const pskFor = (trace: Trace, provider: Provider): Uint8Array | undefined =>
  trace.name === "resumed-0rtt"
    ? deriveAll(loadTrace("simple-1rtt"), provider).resumption
    : undefined;

describe.each(providers)("RFC 8448 with $name", ({ provider }) => {
  const { sha256 } = provider.hashes;

  describe.each(traceNames)("%s", (name) => {
    const trace = loadTrace(name);
    const messages = messagesOf(trace);

    it("extracts and expands every secret, key and IV", () => {
      let extracted = 0;
      let expanded = 0;
      for (const { values } of trace.steps) {
        const { salt, IKM, secret, PRK } = values;
        if (salt !== undefined && IKM !== undefined && secret !== undefined) {
          expect(hkdfExtract(sha256, salt, IKM)).toEqual(secret);
          extracted++;
        }
        if (PRK === undefined) continue;
        for (const [info, output] of [
          ["info", "expanded"],
          ["key info", "key expanded"],
          ["iv info", "iv expanded"],
        ] as const) {
          const label = values[info];
          if (label === undefined) continue;
          const { text, context, length } = readInfo(label);
          expect(toHex(hkdfExpandLabel(sha256, PRK, text, context, length))).toBe(
            toHex(values[output]!),
          );
          expanded++;
        }
      }
      expect(extracted).toBeGreaterThanOrEqual(3);
      expect(expanded).toBeGreaterThanOrEqual(17);
    });

    it("goes through the schedule, and every Finished and signature is right", () => {
      const { resumption } = deriveAll(trace, provider, pskFor(trace, provider));
      expect(resumption !== undefined).toBe(name === "simple-1rtt");
      if (resumption !== undefined) {
        expect(resumption).toEqual(
          valueOf(trace, 'generate resumption secret "tls13 resumption"', "expanded"),
        );
      }
    });

    it("decodes its messages, and encodes them to the same bytes", () => {
      expect(messages.length).toBeGreaterThanOrEqual(5);
      for (const { type, raw } of messages) {
        expect(toHex(encodeMessage(type, decodeMessage(type, raw).body))).toBe(toHex(raw));
      }
    });

    it("sends and receives its records", () => {
      const { secrets } = deriveAll(trace, provider, pskFor(trace, provider));
      const records = replay(trace, provider, secrets);
      expect(records).toBe(traceRecords(trace).length);
    });
  });

  // §4.1 of RFC 9846: message_hash, in the trace with a retry
  it("needs the synthetic message for a transcript with a retry", () => {
    const [first, retry, second, hello] = messagesOf(loadTrace("hello-retry-request"));
    const plain = new TranscriptBuffer();
    for (const { raw } of [first!, retry!, second!]) plain.add(raw);
    const rewritten = TranscriptBuffer.retried(sha256, first!.raw, retry!.raw);
    rewritten.add(second!.raw);
    const hashes = [plain, rewritten].map((buffer) => {
      const transcript = buffer.start(sha256);
      transcript.add(hello!.raw);
      return transcript.current();
    });
    const expected = valueOf(
      loadTrace("hello-retry-request"),
      'derive secret "tls13 c hs traffic"',
      "hash",
    );
    expect(hashes.map((hash) => equal(hash, expected))).toEqual([false, true]);
  });
});

/** Sends every record of a trace from one link to another, changing keys where the trace does. */
function replay(trace: Trace, provider: Provider, secrets: Secrets): number {
  const cipher = { aead: provider.aeads["aes-128-gcm"], recordLimit: 2 ** 24 };
  const links = {
    client: new Link({ role: "client", limits: defaultLimits }),
    server: new Link({ role: "server", limits: defaultLimits }),
  };
  const wrote = { client: "", server: "" };
  const expected = { client: "", server: "" };
  let sent = 0;
  for (const { by, does, values } of trace.steps) {
    const link = links[by];
    const other = links[by === "client" ? "server" : "client"];
    const { payload, "complete record": record } = values;
    const epoch =
      /^derive write traffic keys for (early application|handshake|application) data/.exec(
        does,
      )?.[1];
    if (epoch === "early application") {
      link.writeEarlyData(cipher, secrets.early!.secret, 1024);
      links.server.readEarlyData(cipher, secrets.early!, 1024);
    } else if (epoch === "handshake") {
      link.protectWriting("handshake", cipher, secrets.handshake[by]);
      other.protectReading("handshake", cipher, secrets.handshake[by]);
    } else if (epoch === "application") {
      link.protectWriting("application", cipher, secrets.application[by]);
      if (by === "server") links.client.readApplicationData(cipher, secrets.finished.server);
      else links.server.readApplicationData(cipher, secrets.finished.client);
    }
    if (payload === undefined || record === undefined) continue;

    // A change_cipher_spec record goes out by itself, with what comes before or after it
    if (does === "send handshake record") link.sendRaw(payload);
    else if (does === "send application_data record") link.sendData(payload);
    else if (does !== "send change_cipher_spec record") {
      expect(does).toBe("send alert record");
      link.sendAlert("close_notify");
    }
    wrote[by] += toHex(concat(...link.takeOutput()));
    expected[by] += toHex(record);

    other.push(record);
    const received: Uint8Array[] = [];
    for (let incoming = other.next(); incoming !== undefined; incoming = other.next()) {
      if (incoming.kind === "message") received.push(incoming.raw);
      else if (incoming.kind === "data") received.push(incoming.bytes);
      else received.push(Uint8Array.of(incoming.level, incoming.description));
    }
    const isDropped = does === "send change_cipher_spec record";
    expect(concat(...received)).toEqual(isDropped ? new Uint8Array(0) : payload);
    sent++;
  }
  expect(wrote).toEqual(expected);
  return sent;
}

/** HkdfLabel (RFC 9846 §7.1) taken apart. */
function readInfo(info: Uint8Array): { text: string; context: Uint8Array; length: number } {
  const labelEnd = 3 + info[2]!;
  const text = fromUtf8(info.subarray(3, labelEnd));
  expect(text.startsWith("tls13 ")).toBe(true);
  expect(info[labelEnd]).toBe(info.length - labelEnd - 1);
  return {
    text: text.slice("tls13 ".length),
    context: info.slice(labelEnd + 1),
    length: (info[0]! << 8) | info[1]!,
  };
}

// The exchanges, on the back end whose keys can be determined
describe("the key exchanges of RFC 8448", () => {
  it.each(traceNames)("%s", (name) => {
    const trace = loadTrace(name);
    const isRetried = name === "hello-retry-request";
    const does = `create an ephemeral ${isRetried ? "P-256" : "x25519"} key pair`;
    const shared = traceValue(trace, "server", 'extract secret "handshake"', "IKM");
    for (const [own, peer] of [
      ["client", "server"],
      ["server", "client"],
    ] as const) {
      const privateKey = traceValue(trace, own, does, "private key");
      const random = (length: number) =>
        isRetried ? seedOf(privateKey, length) : privateKey.slice();
      const kem = createNoble({ random }).kems[isRetried ? "secp256r1" : "x25519"];
      const pair = kem.generate();
      expect(pair.publicKey).toEqual(traceValue(trace, own, does, "public key"));
      expect(pair.decapsulate(traceValue(trace, peer, does, "public key"))).toEqual(shared);
    }
  });
});

/** FIPS 186-5 A.2.1: the scalar is the seed modulo n - 1, plus one. */
function seedOf(scalar: Uint8Array, length: number): Uint8Array {
  const seed = new Uint8Array(length);
  const value = (BigInt(`0x${toHex(scalar)}`) - 1n).toString(16).padStart(2 * length, "0");
  for (let i = 0; i < length; i++) seed[i] = parseInt(value.slice(2 * i, 2 * i + 2), 16);
  return seed;
}
