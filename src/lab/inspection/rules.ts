/** What a standard forbids, and was sent all the same: by the checks that the engine's own ends make. */
import { suites } from "../../crypto/index.ts";
import { answeredShare, checkSolicited, isSolicited, retryGroup } from "../../extensions/index.ts";
import { checkHello, checkAfterRetry } from "../../handshake/client/check-server-hello.ts";
import { checkClientHello, checkSecondHello } from "../../handshake/server/check-client-hello.ts";
import {
  type ClientHello,
  decodeMessage,
  messageName,
  type MessageType,
  messageType,
} from "../../messages/index.ts";
import {
  CipherSuite,
  ContentType,
  type ErrorCode,
  NamedGroup,
  nameOf,
  SignatureScheme,
  TlsError,
  toTlsError,
} from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { TracedRecord } from "../trace/reader.ts";
import { labelOf } from "../trace/names.ts";
import { maxElements, type Script } from "./script.ts";

/** A rule that an end broke. */
export interface Violation {
  /** The end that broke it. */
  readonly from: Role;
  /** How the engine would refuse it. */
  readonly code: ErrorCode;
  /** What is wrong, in words. */
  readonly message: string;
  /** The field path, as dumps have it. */
  readonly where: string | null;
  /** `RFC 9846 §4.3.8`. */
  readonly section: string | null;
}

/** Of the handshake's messages and of what came after them. */
export function brokenRules(script: Script): Violation[] {
  return [
    ...malformed(script),
    ...outOfOrder(script),
    ...helloRules(script),
    ...answerRules(script),
  ];
}

/** Nothing here ends anything: each check says at most one thing. */
function judge(from: Role, check: () => void): Violation[] {
  try {
    check();
    return [];
  } catch (error) {
    return [violation(from, toTlsError(error))];
  }
}

const violation = (from: Role, { code, message, detail }: TlsError): Violation => ({
  from,
  code,
  message,
  where: detail.where ?? null,
  section: detail.section ?? null,
});

const forbidden = (message: string, where: string, section: string, received?: string): TlsError =>
  new TlsError("illegal_parameter", message, {
    where,
    section,
    ...(received === undefined ? {} : { received }),
  });

function malformed({ messages, later }: Script): Violation[] {
  return [...messages, ...later].flatMap(({ from, raw }) =>
    judge(from, () => {
      const type = messageType(raw);
      if (type === undefined) {
        throw new TlsError("unexpected_message", "a handshake message of an unknown type", {
          received: messageName(raw),
          section: "RFC 9846 §4",
        });
      }
      decodeMessage(type, raw, maxElements);
    }),
  );
}

/** What an end may say, in this order; of alternatives any, and all but the hellos and Finished may be left out. */
const orders: Readonly<Record<Role, readonly (readonly MessageType[])[]>> = {
  client: [
    ["client_hello"],
    ["client_hello"],
    ["end_of_early_data"],
    ["certificate", "compressed_certificate"],
    ["certificate_verify"],
    ["finished"],
  ],
  server: [
    ["hello_retry_request"],
    ["server_hello"],
    ["encrypted_extensions"],
    ["certificate_request"],
    ["certificate", "compressed_certificate"],
    ["certificate_verify"],
    ["finished"],
  ],
};
/** As {@link orders}, of AuthKEM: draft-celi-wiggers-tls-authkem-07 §3, draft-wiggers-tls-authkem-psk-05 §3. */
const kemOrders: typeof orders = {
  client: [
    ["client_hello"],
    ["client_hello"],
    ["kem_encapsulation"],
    ["certificate", "compressed_certificate"],
    ["finished"],
  ],
  server: [
    ["hello_retry_request"],
    ["server_hello"],
    ["encrypted_extensions"],
    ["certificate_request"],
    ["certificate", "compressed_certificate"],
    ["kem_encapsulation"],
    ["finished"],
  ],
};
const afterFinished: Readonly<Record<Role, readonly MessageType[]>> = {
  client: ["certificate", "compressed_certificate", "certificate_verify", "finished", "key_update"],
  server: ["new_session_ticket", "certificate_request", "key_update"],
};

function outOfOrder(script: Script): Violation[] {
  const { messages, later } = script;
  const order = script.isByKem ? kemOrders : orders;
  const at: Record<Role, number> = { client: 0, server: 0 };
  const unexpected = (from: Role, raw: Uint8Array): Violation =>
    violation(
      from,
      new TlsError("unexpected_message", `${messageName(raw)} is not expected there`, {
        where: messageName(raw),
        section: "RFC 9846 §4",
      }),
    );
  const early = messages.flatMap(({ from, raw, epoch }) => {
    const type = messageType(raw);
    const place = order[from].findIndex(
      (types, index) => index >= at[from] && type !== undefined && types.includes(type),
    );
    if (place < 0) return [unexpected(from, raw)];
    at[from] = place + 1;
    const isHello = type!.includes("hello");
    return (epoch === "plaintext") === isHello
      ? []
      : [
          violation(
            from,
            new TlsError("unexpected_message", `${type!} under ${epoch} keys`, {
              where: type!,
              section: "RFC 9846 §2",
            }),
          ),
        ];
  });
  return [
    ...early,
    ...later.flatMap(({ from, raw }) => {
      const type = messageType(raw);
      return type !== undefined && afterFinished[from].includes(type)
        ? []
        : [unexpected(from, raw)];
    }),
  ];
}

/** legacy_version alone is a matter of taste (§4.3.1 against §4.2.2). */
const rule = { tolerateLegacyVersion: true };

function helloRules(script: Script): Violation[] {
  const [first, second] = script.all("client", "client_hello");
  if (first === undefined) return [];
  const retry = script.body("server", "hello_retry_request");
  const found = [first, ...(second === undefined ? [] : [second])].flatMap(({ body }) =>
    judge("client", () => checkClientHello(body, rule)),
  );
  if (second === undefined) return found;
  const code = retry?.extensions.key_share ?? first.body.extensions.key_share?.[0]?.group ?? 0;
  const asked = { name: nameOf(NamedGroup, code), code, kems: [] };
  return [
    ...found,
    ...judge("client", () => {
      if (retry === undefined) {
        throw new TlsError("unexpected_message", "a second client_hello that nobody asked for", {
          where: "client_hello",
          section: "RFC 9846 §4.2.2",
        });
      }
      // A retry that brings a cookie alone leaves the shares as they are
      const { cookie, key_share: share } = retry.extensions;
      if (share === undefined) return;
      checkSecondHello(first.body, second.body, { group: asked, cookie });
    }),
  ];
}

function answerRules(script: Script): Violation[] {
  const hellos = script.all("client", "client_hello").map(({ body }) => body);
  const [first] = hellos;
  const last = hellos.at(-1);
  if (first === undefined || last === undefined) return [];
  const retry = script.body("server", "hello_retry_request");
  const hello = script.body("server", "server_hello");
  const found: Violation[] = [];
  const chosen: { readonly code: number; readonly name: string }[] = [];
  if (retry !== undefined) {
    found.push(
      ...judge("server", () => {
        chosen.push(checkHello("hello_retry_request", retry, ...asOffer(first)));
        retryGroup(retry.extensions, groupsOf(first), sharesOf(first));
      }),
    );
  }
  if (hello !== undefined) {
    found.push(
      ...judge("server", () => {
        const suite = checkHello("server_hello", hello, ...asOffer(last));
        if (chosen[0] !== undefined && chosen[0].code !== suite.code) {
          checkAfterRetry(suite, chosen[0]);
        }
      }),
      ...judge("server", () => {
        if (hello.extensions.supported_versions === undefined) return;
        answeredShare(hello.extensions, sharesOf(last), { allowPskOnly: true });
      }),
      ...judge("server", () => {
        const index = hello.extensions.pre_shared_key;
        const offered = last.extensions.pre_shared_key?.identities.length ?? 0;
        if (index === undefined || index < offered) return;
        const where = "server_hello.extensions.pre_shared_key";
        throw forbidden("a PSK that was not offered", where, "RFC 9846 §4.3.11", `index ${index}`);
      }),
    );
  }
  return [...found, ...flightRules(script, first, last)];
}

function flightRules(script: Script, first: ClientHello, last: ClientHello): Violation[] {
  const answers = script.body("server", "encrypted_extensions")?.extensions;
  const request = script.body("server", "certificate_request")?.extensions;
  const protocol = answers?.application_layer_protocol_negotiation?.[0];
  const offered = last.extensions.application_layer_protocol_negotiation;
  return [
    ...judge("server", () => {
      if (answers === undefined) return;
      checkSolicited(
        "encrypted_extensions",
        answers,
        (name) => name === "supported_groups" || isSolicited(name, first.extensions),
      );
    }),
    ...judge("server", () => {
      if (protocol === undefined || offered === undefined || offered.includes(protocol)) return;
      const where = "encrypted_extensions.extensions.application_layer_protocol_negotiation";
      throw forbidden("a protocol that was not offered", where, "RFC 7301 §3.2", protocol);
    }),
    ...schemeRules(script, "server", last.extensions.signature_algorithms),
    ...schemeRules(script, "client", request?.signature_algorithms),
  ];
}

/** §4.5.2: the signature is by a scheme that the other end offered. */
function schemeRules(
  script: Script,
  from: Role,
  offered: readonly number[] | undefined,
): Violation[] {
  const used = script.body(from, "certificate_verify")?.algorithm;
  if (used === undefined || offered === undefined || offered.includes(used)) return [];
  return judge(from, () => {
    const where = "certificate_verify.algorithm";
    const received = nameOf(SignatureScheme, used);
    throw forbidden("a scheme that was not offered", where, "RFC 9846 §4.5.2", received);
  });
}

/** A hello as the client that sent it remembers it. */
const asOffer = (hello: ClientHello) =>
  [
    { sessionId: hello.legacySessionId, hello },
    {
      ...rule,
      extensions: [],
      suites: hello.cipherSuites.map((code) => ({
        code,
        name: suites.find((suite) => suite.code === code)?.name ?? nameOf(CipherSuite, code),
      })),
    },
  ] as const;

const groupsOf = ({ extensions }: ClientHello) =>
  (extensions.supported_groups ?? []).map((code) => ({ code, name: labelOf(NamedGroup, code) }));

const sharesOf = ({ extensions }: ClientHello) =>
  (extensions.key_share ?? []).map(({ group, keyExchange }) => ({
    group: { code: group, name: labelOf(NamedGroup, group) },
    keyExchange,
  }));

/** Bytes of a record's content and of a protected one, header excluded (§5.1, §5.2). */
const maxContent = 2 ** 14;
const maxProtected = maxContent + 256;

/** Of one record, by itself (§5). */
export function recordViolation({
  from,
  raw,
  record,
  content,
}: TracedRecord): Violation | undefined {
  const length = raw.length - 5;
  const broken = (message: string, section: string, code: ErrorCode = "bad_record"): Violation =>
    violation(from, new TlsError(code, message, { where: "record", section }));
  if (length > (raw[0] === ContentType.application_data ? maxProtected : maxContent)) {
    return broken(`a record of ${length} bytes`, "RFC 9846 §5.1", "record_overflow");
  }
  if (content !== undefined && content.length > maxContent) {
    return broken(`${content.length} bytes in a record`, "RFC 9846 §5.4", "record_overflow");
  }
  const isEmpty = content?.length === 0;
  if (isEmpty && record.type !== ContentType.application_data) {
    return broken("a record without content", "RFC 9846 §5.1");
  }
  if (record.type === ContentType.change_cipher_spec) {
    const isRight = record.epoch === "plaintext" && content?.length === 1 && content[0] === 1;
    if (!isRight) return broken("a change_cipher_spec of another form", "RFC 9846 §5");
  }
  return undefined;
}
