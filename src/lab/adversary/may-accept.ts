/**
 * What an end may accept of a malicious peer, as data: every change of a message that leaves a handshake
 * which some honest peer could have had. All else must end it.
 */
import { namedSchemes, suites } from "../../crypto/index.ts";
import type { Connection } from "../../connection/index.ts";
import { groups } from "../../groups/index.ts";
import type { Negotiated } from "../../handshake/index.ts";
import {
  decodeMessage,
  encodeMessage,
  extensionKey,
  type Extensions,
  headerLength,
  messageType,
  type MessageType,
} from "../../messages/index.ts";
import {
  CertificateType,
  ProtocolVersion,
  PskKeyExchangeMode,
  SignatureScheme,
  type SignatureSchemeName,
} from "../../registry/index.ts";
import { concat, equal } from "../../wire/index.ts";
import type { EndPlan } from "../plan/plan.ts";
import type { SentMessage } from "./malicious.ts";
import type { Signing } from "./step.ts";

/** A difference between what a message was to say and what it said. */
export interface Change {
  readonly type: MessageType;
  /** Of the field; `drop` for a message that was not sent, `order` for extensions in another one. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What the honest end has, and what it was told in that message. */
export interface Situation {
  readonly negotiated: Negotiated;
  /** The message as it was sent. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Schemes that the honest end offered, by name. */
  readonly offeredSchemes: readonly string[];
  /** The honest end's own ClientHello, if it is a client. */
  readonly offered: Extensions<"client_hello"> | undefined;
  readonly message: SentMessage;
  /** The one that was sent before it. */
  readonly previous: SentMessage | undefined;
  /** No message of this type was sent before it. */
  readonly isFirst: boolean;
  /** What the honest end is set up to be. */
  readonly plan: EndPlan;
  /** The malicious end said who it is after the handshake only. */
  readonly provedLater: boolean;
  /** Whether the malicious end proves itself by this key anyway. */
  readonly isOwnKey: (key: Signing["key"]) => boolean;
}

export type Known = Pick<
  Situation,
  "plan" | "offeredSchemes" | "offered" | "isOwnKey" | "provedLater"
>;

export interface Acceptance {
  readonly on: readonly MessageType[];
  readonly path: RegExp;
  /** Where it is allowed. */
  readonly section: string;
  readonly why: string;
  /** Absent: whatever it is. */
  readonly if?: (change: Change, situation: Situation) => boolean;
}

type Hello = Extensions<"client_hello">;
const helloOf = ({ body }: Situation): Hello => body["extensions"] as Hello;
const isUnknown = ({ path }: Change): boolean => {
  const [code] = /0x[\da-f]{4}/.exec(path) ?? [];
  return code !== undefined && extensionKey(Number(code)) === code;
};
const codeOf = (list: readonly { name: string; code: number }[], name: string | undefined) =>
  list.find((entry) => entry.name === name)?.code;
const within = (path: string): RegExp => new RegExp(`^extensions\\.${path}(\\.|\\[|$)`);
/** What a server of the laboratory puts up with in the age of a ticket, in milliseconds (§8.3). */
const ageTolerance = 10_000;
/** Types of certificates (RFC 7250 §3). */
const { X509: x509, RawPublicKey: rawPublicKey } = CertificateType;
/** Host names are the same in capitals (RFC 6066 §3). */
const isSameName = (before: unknown, after: unknown): boolean =>
  typeof before === "string" &&
  typeof after === "string" &&
  before.toLowerCase() === after.toLowerCase();

/** The list. */
export const acceptances: readonly Acceptance[] = [
  {
    on: [
      "client_hello",
      "server_hello",
      "hello_retry_request",
      "encrypted_extensions",
      "certificate_request",
    ],
    path: /^order$/,
    section: "RFC 9846 §4.3",
    why: "extensions may stand in any order; that a PSK is the last is a matter of form",
  },
  {
    on: ["client_hello", "certificate_request", "new_session_ticket"],
    path: /^extensions\.0x[\da-f]{4}$/,
    section: "RFC 9846 §4.3",
    why: "extensions that nobody knows are ignored where they need not answer to anything",
    if: isUnknown,
  },
  // A client may be another client: what it offers must still be what came about
  {
    on: ["client_hello"],
    path: /^(random|legacySessionId)$/,
    section: "RFC 9846 §4.2.2",
    why: "any bytes",
  },
  {
    on: ["client_hello"],
    path: /^cipherSuites/,
    section: "RFC 9846 §4.2.2",
    why: "unknown ones are ignored; the one that was taken is offered",
    if: (_, { body, negotiated }) =>
      (body["cipherSuites"] as number[]).includes(codeOf(suites, negotiated.cipherSuite) ?? -1),
  },
  {
    on: ["client_hello"],
    path: within(
      "(status_request|signed_certificate_timestamp|certificate_authorities|compress_certificate|post_handshake_auth|signature_algorithms_cert|ticket_request|padding|encrypted_client_hello|transparency_info|delegated_credential|max_fragment_length|stored_auth_key|use_srtp|heartbeat|external_id_hash|external_session_id|quic_transport_parameters|ech_outer_extensions|extended_main_secret|renegotiation_info)",
    ),
    section: "RFC 9846 §4.3",
    why: "offers of which a server need take none",
  },
  {
    on: ["client_hello"],
    path: within("cookie"),
    section: "RFC 9846 §4.3.2",
    why: "that one is sent which no server gave binds the client; a server need not look at one before its retry",
    if: ({ before }, { isFirst }) => before === undefined && isFirst,
  },
  {
    on: ["client_hello"],
    path: within("(server|client)_certificate_type"),
    section: "RFC 7250 §4.1",
    why: "what is shown is among them: X.509, or the server's raw key",
    if: ({ path }, situation) => {
      const isOfServer = path.startsWith("extensions.server");
      const shown = isOfServer && situation.plan.credential === "raw-key" ? rawPublicKey : x509;
      const { server_certificate_type: ofServer, client_certificate_type: ofClient } =
        helloOf(situation);
      return ((isOfServer ? ofServer : ofClient) ?? [x509]).includes(shown);
    },
  },
  {
    on: ["client_hello"],
    path: within("client_certificate_type"),
    section: "RFC 7250 §4.2",
    why: "a server that asks for no certificate in the handshake need not look at its type",
    if: (_, { negotiated, provedLater }) => negotiated.peer === undefined || provedLater,
  },
  {
    on: ["client_hello"],
    path: within("server_name"),
    section: "RFC 6066 §3",
    why: "one host name at most, or none; a session is for its own",
    if: ({ before, after }, situation) => {
      if (isSameName(before, after)) return true;
      const names = helloOf(situation).server_name ?? [];
      const hosts = names.filter(({ nameType }) => nameType === 0);
      const isName = hosts.every(({ name }) => /^[\w-]+(\.[\w-]+)*$/.test(name));
      return (
        (after === undefined || (hosts.length <= 1 && isName)) && !situation.negotiated.resumed
      );
    },
  },
  {
    on: ["client_hello"],
    path: within("supported_groups"),
    section: "RFC 9846 §4.3.7",
    why: "none twice, with all shares and what was taken among them",
    if: (_, situation) => {
      const { supported_groups: offered = [], key_share: shares = [] } = helloOf(situation);
      const taken = codeOf(groups, situation.negotiated.group);
      return (
        new Set(offered).size === offered.length &&
        [...shares.map(({ group }) => group), taken].every((code) => offered.includes(code!))
      );
    },
  },
  {
    on: ["client_hello"],
    path: within("key_share"),
    section: "RFC 9846 §4.3.8",
    why: "shares of groups that are offered, none empty, one for each; the one that was taken is as it was",
    if: ({ before }, situation) => {
      const { supported_groups: offered = [], key_share: shares = [] } = helloOf(situation);
      const codes = shares.map(({ group }) => group);
      const taken = codeOf(groups, situation.negotiated.group);
      return (
        before !== undefined &&
        new Set(codes).size === codes.length &&
        codes.every((code) => offered.includes(code)) &&
        shares.every(({ keyExchange }) => keyExchange.length > 0) &&
        // Another retry than was asked for would not do
        (situation.negotiated.retried ? codes.length <= 1 : codes.includes(taken!))
      );
    },
  },
  {
    on: ["client_hello"],
    path: within("signature_algorithms"),
    section: "RFC 9846 §4.3.3",
    why: "what the server proved itself by is among them, if it did anew",
    if: (_, situation) => {
      const { signatureScheme, psk } = situation.negotiated;
      const offered = helloOf(situation).signature_algorithms;
      if (psk !== undefined || signatureScheme === undefined) return true;
      return offered?.includes(SignatureScheme[signatureScheme as SignatureSchemeName]) === true;
    },
  },
  {
    on: ["client_hello"],
    path: within("application_layer_protocol_negotiation"),
    section: "RFC 7301 §3.2",
    why: "what was taken is among them",
    if: (_, situation) => {
      const { alpn } = situation.negotiated;
      const offered = helloOf(situation).application_layer_protocol_negotiation ?? [];
      return alpn === undefined ? true : offered.includes(alpn);
    },
  },
  {
    on: ["client_hello"],
    path: within("record_size_limit"),
    section: "RFC 8449 §4",
    why: "from 64 on",
    if: ({ after }) => after === undefined || Number(after) >= 64,
  },
  {
    on: ["client_hello"],
    path: within("supported_versions"),
    section: "RFC 9846 §4.3.1",
    why: "TLS 1.3 among them",
    if: (_, situation) =>
      helloOf(situation).supported_versions?.includes(ProtocolVersion["TLS 1.3"]) === true,
  },
  {
    on: ["client_hello"],
    path: within("psk_key_exchange_modes"),
    section: "RFC 9846 §4.3.9",
    why: "there beside a PSK, and what was done is among them: with a key exchange or without",
    if: (_, situation) => {
      const { psk_key_exchange_modes: modes, pre_shared_key: psks } = helloOf(situation);
      const { psk, group } = situation.negotiated;
      if (psk === undefined) return psks === undefined || modes !== undefined;
      const mode = group === undefined ? "psk_ke" : "psk_dhe_ke";
      return modes?.includes(PskKeyExchangeMode[mode]) === true;
    },
  },
  {
    on: ["client_hello"],
    path: within("early_data"),
    section: "RFC 9846 §4.3.10",
    why: "a server may skip it, with a PSK beside it or without; a second ClientHello has none",
    if: (_, { negotiated }) => negotiated.earlyData !== "accepted",
  },
  {
    on: ["client_hello"],
    path: /^extensions\.pre_shared_key(\.|$)/,
    section: "RFC 9846 §4.3.11",
    why: "a binder for every identity; ages are only looked at for early data, and need not be exact",
    if: ({ path, before, after }, situation) => {
      const psks = helloOf(situation).pre_shared_key;
      if (psks === undefined) return situation.negotiated.psk === undefined;
      // Early data goes by the first
      const isAge = path.endsWith("identities[0].obfuscatedTicketAge");
      return (
        psks.identities.length === psks.binders.length &&
        (situation.negotiated.earlyData !== "accepted" ||
          !isAge ||
          Math.abs(Number(after) - Number(before)) <= ageTolerance)
      );
    },
  },

  // A server's answers are bound to what was offered
  { on: ["server_hello"], path: /^random$/, section: "RFC 9846 §4.2.3", why: "any bytes" },
  {
    on: ["server_hello"],
    path: /^extensions\.key_share\.keyExchange$/,
    section: "RFC 7748 §5",
    why: "the highest bit of an X25519 key is ignored; the hybrid has that key last",
    if: ({ before, after }, { negotiated }) => {
      const [was, is] = [before, after].map((share) => (share as Uint8Array).slice());
      const last = was!.length - 1;
      if (is!.length !== was!.length || (is![last]! ^ was![last]!) !== 0x80) return false;
      is![last] = was![last]!;
      return equal(was!, is!) && /^x25519(mlkem768)?$/i.test(negotiated.group ?? "");
    },
  },
  {
    on: ["encrypted_extensions"],
    path: within("supported_groups"),
    section: "RFC 9846 §4.3.7",
    why: "a server says what it would like, unasked",
  },
  {
    on: ["encrypted_extensions"],
    path: within("(server_name|early_data|application_layer_protocol_negotiation|ticket_request)"),
    section: "RFC 9846 §4.4.1",
    why: "an answer may be absent",
    if: ({ after }) => after === undefined,
  },
  {
    on: ["encrypted_extensions"],
    path: within("server_name"),
    section: "RFC 9846 §4.3",
    why: "negotiated anew in every connection, also where a session goes on, which RFC 6066 §3 forbids before TLS 1.3",
    if: ({ after }, { offered }) => after === true && offered?.server_name !== undefined,
  },
  {
    on: ["encrypted_extensions"],
    path: within("application_layer_protocol_negotiation"),
    section: "RFC 7301 §3.1",
    why: "one of those that were offered",
    if: (_, { body, offered }) => {
      const chosen = (body as { extensions: Extensions<"encrypted_extensions"> }).extensions
        .application_layer_protocol_negotiation;
      return (
        chosen?.length === 1 &&
        offered?.application_layer_protocol_negotiation?.includes(chosen[0]!) === true
      );
    },
  },
  {
    on: ["encrypted_extensions"],
    path: within("record_size_limit"),
    section: "RFC 8449 §4",
    why: "if it was offered, from 64 on",
    if: ({ after }, { offered }) =>
      offered?.record_size_limit !== undefined && (after === undefined || Number(after) >= 64),
  },
  {
    on: ["certificate_request"],
    path: /^drop$/,
    section: "RFC 9846 §4.4.2",
    why: "a server need not ask",
  },
  {
    on: ["certificate_request"],
    path: within(
      "(signature_algorithms_cert|certificate_authorities|oid_filters|status_request|signed_certificate_timestamp|compress_certificate|delegated_credential|transparency_info|server_name)",
    ),
    section: "RFC 9846 §4.4.2",
    why: "what a client cannot serve it may ignore",
  },
  {
    on: ["certificate_request"],
    path: within("signature_algorithms"),
    section: "RFC 9846 §4.4.2",
    why: "any, as long as there are some",
    if: (_, { body }) =>
      (body as { extensions: Extensions<"certificate_request"> }).extensions
        .signature_algorithms !== undefined,
  },
  {
    on: ["certificate"],
    path: /^certificateList$/,
    section: "RFC 9846 §4.5.1",
    why: "certificates that the path does not need may follow the first; a raw public key is alone",
    if: ({ before, after }, { negotiated }) => {
      if (negotiated.peer?.rawPublicKey !== undefined) return false;
      const [was, is] = [before, after] as { certData: Uint8Array; extensions: object }[][];
      return (
        is?.[0] !== undefined &&
        is.every(({ extensions }) => Object.keys(extensions).length === 0) &&
        equal(is[0].certData, was?.[0]?.certData ?? new Uint8Array(0))
      );
    },
  },
  {
    on: ["certificate"],
    path: /^certificateList$/,
    section: "RFC 9846 §4.5.1.3",
    why: "a client may have none, where the server does not insist",
    if: ({ after }, { plan, offered }) =>
      offered === undefined &&
      plan.clientAuthentication !== "require" &&
      Array.isArray(after) &&
      after.length === 0,
  },
  {
    on: ["certificate_verify"],
    path: /^drop$/,
    section: "RFC 9846 §4.5.2",
    why: "behind no certificate there is none",
    if: (_, { previous }) =>
      previous?.type === "certificate" &&
      changesOf(previous).some(
        ({ path, after }) =>
          path === "certificateList" && Array.isArray(after) && after.length === 0,
      ),
  },
  {
    on: ["certificate_verify"],
    path: /^(algorithm|signature)$/,
    section: "RFC 9846 §4.5.2",
    why: "the end's own key, under another scheme that was offered and fits it",
    if: (_, { body, offeredSchemes, message, isOwnKey }) => {
      const scheme = namedSchemes.byCode(body["algorithm"] as number);
      const signed = message.steps.findLast(({ sign }) => sign !== undefined)?.sign;
      return (
        message.steps.every(({ sign }) => sign !== undefined) &&
        isOwnKey(signed?.key) &&
        (signed?.context ?? message.steps[0]?.from) === message.steps[0]?.from &&
        scheme?.inHandshake === true &&
        offeredSchemes.includes(scheme.name)
      );
    },
  },
  {
    on: ["new_session_ticket"],
    path: /^(drop|more|ticketLifetime|ticketAgeAdd|ticketNonce|ticket|extensions\.early_data)$/,
    section: "RFC 9846 §4.7.1",
    why: "the server's own: as many as it likes, and a client keeps none for more than seven days",
  },
  {
    on: ["key_update"],
    path: /^requestUpdate$/,
    section: "RFC 9846 §4.7.3",
    why: "asked for or not",
    if: ({ after }) => after === 0 || after === 1,
  },
];

/** How a message differs from what it was to be. */
export function changesOf({ type, meant, sent }: SentMessage): Change[] {
  if (equal(meant, sent)) return [];
  const one = (path: string): Change[] => [{ type, path, before: meant, after: sent }];
  if (sent.length === 0) return one("drop");
  const messages = cut(sent);
  if (messages === undefined || messageType(messages[0]!) !== type) return one("form");
  if (messages.length > 1) {
    return one(messages.every((each) => messageType(each) === type) ? "more" : "others");
  }
  let body: Record<string, unknown>;
  try {
    body = decodeMessage(type, sent).body;
  } catch {
    return one("form");
  }
  // What one reader sees and another does not: an extension twice, say
  if (!equal(encodeMessage(type, body as never), sent)) return one("form");
  const before = decodeMessage(type, meant).body as Record<string, unknown>;
  const changes = differences(before, body, "").map((change) => ({ type, ...change }));
  // Binders are made anew over what was sent
  const isBinder = ({ path }: Change) => /^extensions\.pre_shared_key\.binders\[\d+\]$/.test(path);
  const others = changes.filter((change) => !isBinder(change));
  return changes.length === 0 ? one("form") : others;
}

/** @returns undefined if they are not whole messages */
function cut(bytes: Uint8Array): Uint8Array[] | undefined {
  const messages: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const [, high = 0, middle = 0, low = 0] = bytes.subarray(at);
    const end = at + headerLength + high * 0x10000 + middle * 0x100 + low;
    if (end > bytes.length) return undefined;
    messages.push(bytes.subarray(at, end));
    at = end;
  }
  return messages;
}

type Difference = Omit<Change, "type">;

function differences(before: unknown, after: unknown, path: string): Difference[] {
  const here = [{ path, before, after }];
  if (before instanceof Uint8Array && after instanceof Uint8Array) {
    return equal(before, after) ? [] : here;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return here;
    return before.flatMap((entry, index) => differences(entry, after[index], `${path}[${index}]`));
  }
  if (!isObject(before) || !isObject(after)) return before === after ? [] : here;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const found = names.flatMap((name) =>
    differences(before[name], after[name], path === "" ? name : `${path}.${name}`),
  );
  const common = (some: object, others: object) =>
    Object.keys(some)
      .filter((name) => name in others)
      .join();
  return common(before, after) === common(after, before)
    ? found
    : [...found, { path: "order", before, after }];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array);

/** What an end must not have accepted: `undefined` if all of it may be. */
export function wronglyAccepted(
  honest: Pick<Connection, "negotiated" | "error">,
  sent: readonly SentMessage[],
  known: Known,
  list: readonly Acceptance[] = acceptances,
): string | undefined {
  const { negotiated } = honest;
  if (negotiated === undefined) return undefined;
  const finished = sent.findIndex(({ type }) => type === "finished");
  for (const [index, message] of sent.entries()) {
    // What comes with or after the Finished, the open end must have failed at
    if (index >= finished && honest.error !== undefined) continue;
    // It waits for the rest of a message
    if (
      index > finished &&
      cut(concat(...sent.slice(index).map((each) => each.sent))) === undefined
    ) {
      continue;
    }
    // What a client shows with its first flight and a server does not take is skipped, whatever it is
    const isSkipped = sent
      .slice(index + 1, Math.max(index + 1, finished))
      .some(({ type }) => type === "certificate" || type === "client_hello");
    if (message.type === "certificate" && isSkipped) continue;
    const previous = sent[index - 1];
    const isFirst = !sent.slice(0, index).some(({ type }) => type === message.type);
    for (const change of changesOf(message)) {
      const situation = { negotiated, message, previous, isFirst, ...known };
      if (isAcceptable(change, situation, list)) continue;
      return `accepted: ${message.type} with another ${change.path.replaceAll(/\[\d+\]/g, "[]")}`;
    }
  }
  return changedByRetry(sent);
}

function isAcceptable(
  change: Change,
  situation: Omit<Situation, "body">,
  list: readonly Acceptance[],
): boolean {
  const candidates = list.filter(
    ({ on, path }) => on.includes(change.type) && path.test(change.path),
  );
  if (candidates.length === 0) return false;
  const isWhole = change.path !== "drop" && change.path !== "more";
  const body = isWhole ? decodeMessage(change.type, situation.message.sent).body : {};
  return candidates.some((entry) => entry.if?.(change, { ...situation, body }) ?? true);
}

/** RFC 9846 §4.2.2: what may differ between two ClientHellos. */
const afterRetry = within(
  "(key_share|early_data|early_auth|cookie|pre_shared_key|padding|encrypted_client_hello)",
);

function changedByRetry(sent: readonly SentMessage[]): string | undefined {
  const hellos = sent.filter(({ type }) => type === "client_hello");
  const [first, second] = hellos.map((hello) => decodeMessage("client_hello", hello.sent).body);
  if (first === undefined || second === undefined) return undefined;
  const change = differences(first, second, "").find(
    ({ path }) => !afterRetry.test(path) && path !== "order",
  );
  if (change !== undefined) return `accepted: a second client_hello with another ${change.path}`;
  if (second.extensions.early_data === undefined) return undefined;
  return "accepted: a second client_hello with early_data";
}
