/**
 * The rows of the key schedule: of RFC 9846 §7.1, and of AuthKEM (draft-celi-wiggers-tls-authkem-07 §4.3.1), where a secret
 * stands between those of the handshake and of the connection.
 */
import { messageType } from "../../messages/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { Secrets } from "../hybrid/secrets.ts";
import type { TraceItem } from "../trace/reader.ts";
import type { WireFacts } from "../trace/wire-facts.ts";
import type { Exchange } from "./exchange.ts";
import type { Sentence } from "./sentences.ts";

/** A secret of the key schedule, or what goes into one. */
export interface ExplainedSecret {
  /** Unique: `early`, `handshake`, `c-e-traffic`. */
  readonly id: string;
  /** As people call it. */
  readonly label: string;
  /** `extract` joins a secret with what is new; `derive` makes keys for one use. */
  readonly kind: "input" | "extract" | "derive";
  /** Ids of those that it is made from. */
  readonly from: readonly string[];
  /** The messages that it is bound to; `null` for none. */
  readonly transcript: string | null;
  /** What it is for. */
  readonly sentence: Sentence;
  /** `undefined` where neither key log nor shared secret says it. */
  readonly value: Uint8Array | undefined;
  /** That the key log and the computation from the shared secret say the same; `null` if only one of them is there. */
  readonly agrees: boolean | null;
}

/** A row before its bytes are known. */
export interface Row extends Pick<ExplainedSecret, "id" | "label" | "kind" | "from"> {
  readonly transcript?: string;
  readonly says: string;
  readonly section?: string;
  readonly computed?: keyof Secrets;
  readonly logged?: string;
}

/** What went into the schedule of these messages, and what came of it. */
export function rowsOf(
  facts: WireFacts,
  exchange: Exchange | null,
  sent: readonly TraceItem[],
): Row[] {
  if (facts.storedKey) return withStoredKey(untilHandshake(facts, exchange), sent);
  const byKem = encapsulatedBy(sent, "client");
  return [...untilHandshake(facts, exchange), ...(byKem ? afterKem(sent) : afterHandshake)];
}

const toServerHello = "ClientHello … ServerHello";
const toServerFinished = "ClientHello … server's Finished";
const toClientFinished = "ClientHello … client's Finished";
const zeros = "Zeros: nothing new goes in";

const input = (id: string, label: string, says: string, section?: string): Row => ({
  id,
  label,
  kind: "input",
  from: [],
  says,
  ...(section === undefined ? {} : { section }),
});

function untilHandshake({ resumed, earlyData }: WireFacts, exchange: Exchange | null): Row[] {
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
  ];
}

/** RFC 9846 §7.1. */
const afterHandshake: readonly Row[] = [
  input("zero", "0", zeros),
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
    transcript: toClientFinished,
    says: "What the keys of tickets are made from",
    section: "RFC 9846 §4.7.1",
    computed: "resumption",
  },
];

const authKem = "draft-celi-wiggers-tls-authkem-07 §4.3.1";
const storedKey = "draft-wiggers-tls-authkem-psk-05 §4.4.1";

/** The schedule of RFC 9846, where what was encapsulated is in the place of a PSK, and in the main secret. */
function withStoredKey([, ...until]: readonly Row[], sent: readonly TraceItem[]): Row[] {
  const isMutual = encapsulatedBy(sent, "server");
  const [, main, ...after] = afterHandshake;
  const certificate: Row = {
    id: "c-e-hs-traffic",
    label: "c e hs traffic",
    kind: "derive",
    from: ["early"],
    transcript: "ClientHello",
    says: "Protects the client's certificate in its first flight",
    section: storedKey,
    logged: "CLIENT_EARLY_HANDSHAKE_TRAFFIC_SECRET",
  };
  const rows = [
    input(
      "psk",
      "SSs",
      "What the client encapsulated to the server's key, which it knew before: nobody else can come to it",
      storedKey,
    ),
    ...until,
    ...(isMutual ? [certificate] : []),
    isMutual
      ? input(
          "kem-client",
          "SSc",
          "What the server encapsulated to the key in the client's certificate",
          storedKey,
        )
      : input("kem-client", "0", "Zeros: the client stays anonymous", storedKey),
    { ...main!, from: ["handshake", "kem-client"] },
    ...after,
  ];
  // What was encapsulated is in no key log, so that nothing of it is computed once more
  return rows.map((row) => {
    const { computed, ...rest } = row;
    return computed === undefined ? row : rest;
  });
}

const encapsulatedBy = (sent: readonly TraceItem[], role: Role): boolean =>
  sent.some(
    (item) =>
      item.kind === "message" &&
      item.from === role &&
      messageType(item.raw) === "kem_encapsulation",
  );

/** What was encapsulated is in no key log, so that nothing of it is computed once more. */
function afterKem(sent: readonly TraceItem[]): Row[] {
  const both = encapsulatedBy(sent, "server");
  const traffic = (
    row: Pick<Row, "id" | "label" | "says"> & Required<Pick<Row, "logged" | "transcript">>,
    from: string,
  ): Row => ({ ...row, kind: "derive", from: [from], section: authKem });
  const toEncapsulation = "ClientHello … client's KEMEncapsulation";
  return [
    input(
      "kem-server",
      "SSs",
      "What the client encapsulated to the key in the server's certificate: nobody else can come to it",
      authKem,
    ),
    {
      id: "authenticated",
      label: "Auth. Secret",
      kind: "extract",
      from: ["handshake", "kem-server"],
      says: "HKDF-Extract of what was encapsulated, salted with the handshake secret: who has it is the server",
      section: authKem,
    },
    traffic(
      {
        id: "c-ahs-traffic",
        label: "c ahs traffic",
        transcript: toEncapsulation,
        says: "Protects what the client sends until its Finished",
        logged: "CLIENT_AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET",
      },
      "authenticated",
    ),
    traffic(
      {
        id: "s-ahs-traffic",
        label: "s ahs traffic",
        transcript: toEncapsulation,
        says: "Protects what the server sends until its Finished",
        logged: "SERVER_AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET",
      },
      "authenticated",
    ),
    both
      ? input(
          "kem-client",
          "SSc",
          "What the server encapsulated to the key in the client's certificate",
          authKem,
        )
      : input("kem-client", "0", "Zeros: the client stays anonymous", authKem),
    {
      id: "main",
      label: "Main Secret",
      kind: "extract",
      from: ["authenticated", "kem-client"],
      says: "HKDF-Extract, salted with the authenticated secret",
      section: authKem,
    },
    traffic(
      {
        id: "c-ap-traffic",
        label: "c ap traffic",
        transcript: toClientFinished,
        says: "Protects the client's application data",
        logged: "CLIENT_TRAFFIC_SECRET_0",
      },
      "main",
    ),
    traffic(
      {
        id: "s-ap-traffic",
        label: "s ap traffic",
        transcript: toServerFinished,
        says: "Protects the server's application data",
        logged: "SERVER_TRAFFIC_SECRET_0",
      },
      "main",
    ),
    traffic(
      {
        id: "exp-master",
        label: "exp master",
        transcript: toServerFinished,
        says: "What exporters are made from",
        logged: "EXPORTER_SECRET",
      },
      "main",
    ),
  ];
}
