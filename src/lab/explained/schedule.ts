/** The key schedule of a handshake (RFC 9846 §7.1): each secret, what went into it, and its bytes where they are known. */
import { hashOf, noble, suites as registered } from "../../crypto/index.ts";
import { messageType } from "../../messages/index.ts";
import { equal, fromHex } from "../../wire/index.ts";
import { deriveSecrets, type Secrets } from "../hybrid/secrets.ts";
import { randomOf } from "../trace/followed-keys.ts";
import type { TraceItem } from "../trace/reader.ts";
import type { ReadOptions, Trace } from "../trace/trace.ts";
import type { WireFacts } from "../trace/wire-facts.ts";
import { type Exchange, sharedSecretOf } from "./exchange.ts";
import type { Sentence } from "./sentences.ts";

/** A secret of the key schedule, or what goes into one. */
export interface ExplainedSecret {
  readonly id: string;
  readonly label: string;
  /** `extract` joins a secret with what is new; `derive` makes keys for one use. */
  readonly kind: "input" | "extract" | "derive";
  /** Ids of those that it is made from. */
  readonly from: readonly string[];
  /** The messages that it is bound to; `null` for none. */
  readonly transcript: string | null;
  readonly sentence: Sentence;
  /** `undefined` where neither key log nor shared secret says it. */
  readonly value: Uint8Array | undefined;
  /** That the key log and the computation from the shared secret say the same; `null` if only one of them is there. */
  readonly agrees: boolean | null;
}

interface Given {
  readonly sent: readonly TraceItem[];
  readonly facts: WireFacts;
  readonly exchange: Exchange | null;
  readonly trace: Trace;
  readonly options: ReadOptions;
}

interface Row extends Pick<ExplainedSecret, "id" | "label" | "kind" | "from"> {
  readonly transcript?: string;
  readonly says: string;
  readonly section?: string;
  readonly computed?: keyof Secrets;
  readonly logged?: string;
}

/** Empty before a cipher suite was chosen. */
export function scheduleOf(given: Given): ExplainedSecret[] {
  const { facts, exchange } = given;
  if (facts.cipherSuite === null) return [];
  const secrets = compute(given);
  const log = logOf(given);
  return rowsOf(facts, exchange).map(({ says, section, computed, logged, transcript, ...row }) => {
    const fromLog = logged === undefined ? undefined : log.get(logged);
    const own = computed === undefined ? undefined : secrets?.[computed];
    return {
      ...row,
      transcript: transcript ?? null,
      sentence: { says: `${says}.`, section: section ?? "RFC 9846 §7.1" },
      value: fromLog ?? own ?? (row.id === "shared" ? sharedSecretOf(exchange) : undefined),
      agrees: fromLog && own ? equal(fromLog, own) : null,
    };
  });
}

/** Without a pre-shared key, whose bytes nobody says, and from a whole handshake only. */
function compute({ sent, facts, exchange, options }: Given): Secrets | undefined {
  const { provider = noble, suites = [] } = options;
  const sharedSecret = sharedSecretOf(exchange);
  const suite = [...suites, ...registered].find(({ name }) => name === facts.cipherSuite);
  const messages = sent.flatMap((item) =>
    item.kind === "message" ? [{ from: item.from, bytes: item.raw }] : [],
  );
  const isWhole = (["client", "server"] as const).every((role) =>
    messages.some(({ from, bytes }) => from === role && messageType(bytes) === "finished"),
  );
  if (sharedSecret === undefined || suite === undefined || facts.resumed || !isWhole) {
    return undefined;
  }
  return deriveSecrets(hashOf(suite, provider), { sharedSecret, messages });
}

const hexadecimal = /^(?:[\da-f]{2})+$/i;

/** By label, of this connection. */
function logOf({ sent, trace }: Given): Map<string, Uint8Array> {
  const hello = sent.find(
    (item) => item.kind === "message" && messageType(item.raw) === "client_hello",
  );
  const random = hello?.kind === "message" ? randomOf(hello.raw) : "";
  const found = new Map<string, Uint8Array>();
  for (const { line } of trace.keyLog) {
    const [label = "", owner = "", secret = ""] = line.split(" ");
    // A log may hold anything: what is no secret says nothing (RFC 9850 §2)
    if (owner.toLowerCase() !== random || found.has(label) || !hexadecimal.test(secret)) continue;
    found.set(label, fromHex(secret));
  }
  return found;
}

function rowsOf({ resumed, earlyData }: WireFacts, exchange: Exchange | null): Row[] {
  const toServerHello = "ClientHello … ServerHello";
  const toServerFinished = "ClientHello … server's Finished";
  const input = (id: string, label: string, says: string, section?: string): Row => ({
    id,
    label,
    kind: "input",
    from: [],
    says,
    ...(section === undefined ? {} : { section }),
  });
  const names = exchange?.parts.map(({ kem }) => kem).join(" ‖ ");
  return [
    resumed
      ? input("psk", "PSK", "The key that both have from an earlier connection, or were given")
      : input("psk", "0", "Zeros, since there is no pre-shared key"),
    {
      id: "early",
      label: "Early Secret",
      kind: "extract",
      from: ["psk"],
      says: "HKDF-Extract of the pre-shared key, or of zeros",
      computed: "early",
    },
    ...(earlyData === "not offered"
      ? []
      : [
          {
            id: "c-e-traffic",
            label: "c e traffic",
            kind: "derive" as const,
            from: ["early"],
            transcript: "ClientHello",
            says: "Protects the client's 0-RTT data",
            computed: "clientEarlyTraffic" as const,
            logged: "CLIENT_EARLY_TRAFFIC_SECRET",
          },
        ]),
    names === undefined
      ? input("shared", "0", "Zeros: there was no key exchange, and there is no forward secrecy")
      : input(
          "shared",
          "shared secret",
          exchange?.isHybrid
            ? `The secrets of both key exchanges, one behind the other: ${names}`
            : `The secret of ${names}`,
          exchange?.isHybrid ? "RFC 9954 §3.3" : "RFC 9846 §7.4",
        ),
    {
      id: "handshake",
      label: "Handshake Secret",
      kind: "extract",
      from: ["early", "shared"],
      says: "HKDF-Extract of the shared secret, salted with what came before: an attacker needs every part of it",
      computed: "handshake",
    },
    {
      id: "c-hs-traffic",
      label: "c hs traffic",
      kind: "derive",
      from: ["handshake"],
      transcript: toServerHello,
      says: "Protects what the client sends until its Finished",
      computed: "clientHandshakeTraffic",
      logged: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    },
    {
      id: "s-hs-traffic",
      label: "s hs traffic",
      kind: "derive",
      from: ["handshake"],
      transcript: toServerHello,
      says: "Protects what the server sends until its Finished",
      computed: "serverHandshakeTraffic",
      logged: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    },
    input("zero", "0", "Zeros: nothing new goes in"),
    {
      id: "main",
      label: "Main Secret",
      kind: "extract",
      from: ["handshake", "zero"],
      says: "HKDF-Extract, salted with the handshake secret",
      computed: "main",
    },
    {
      id: "c-ap-traffic",
      label: "c ap traffic",
      kind: "derive",
      from: ["main"],
      transcript: toServerFinished,
      says: "Protects the client's application data",
      computed: "clientApplicationTraffic",
      logged: "CLIENT_TRAFFIC_SECRET_0",
    },
    {
      id: "s-ap-traffic",
      label: "s ap traffic",
      kind: "derive",
      from: ["main"],
      transcript: toServerFinished,
      says: "Protects the server's application data",
      computed: "serverApplicationTraffic",
      logged: "SERVER_TRAFFIC_SECRET_0",
    },
    {
      id: "exp-master",
      label: "exp master",
      kind: "derive",
      from: ["main"],
      transcript: toServerFinished,
      says: "What exporters are made from",
      section: "RFC 9846 §7.5",
      computed: "exporter",
      logged: "EXPORTER_SECRET",
    },
    {
      id: "res-master",
      label: "res master",
      kind: "derive",
      from: ["main"],
      transcript: "ClientHello … client's Finished",
      says: "What the keys of tickets are made from",
      section: "RFC 9846 §4.7.1",
      computed: "resumption",
    },
  ];
}
