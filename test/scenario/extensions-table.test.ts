/**
 * Which extension may stand in which message: the table of RFC 9846 §4.3, and what other RFCs add to
 * it. Every pair that they do not allow goes over the wire here, to both roles.
 */
import { describe, expect, it } from "vitest";
import type { ExtensionContext, MessageType } from "../../src/messages/index.ts";
import { type ExtensionName, ExtensionType } from "../../src/registry/index.ts";
import { declaredExtensions, extensionContexts } from "../support/extensions.ts";
import { clientCredential } from "../support/identities.ts";
import { edit, intercept, type Interceptor, type Side } from "../support/interceptor.ts";
import { expectRefused, type Refusal } from "../support/refusal.ts";
import { type Client, resumable, type Server, sessionFrom } from "../support/sessions.ts";

const CH = "client_hello";
const SH = "server_hello";
const HRR = "hello_retry_request";
const EE = "encrypted_extensions";
const CT = "certificate";
const CR = "certificate_request";
const NST = "new_session_ticket";

/** RFC 9846 §4.3. */
const table: Readonly<Record<ExtensionName, readonly ExtensionContext[]>> = {
  server_name: [CH, EE, CR],
  status_request: [CH, CR, CT],
  supported_groups: [CH, EE],
  signature_algorithms: [CH, CR],
  use_srtp: [CH, EE],
  heartbeat: [CH, EE],
  application_layer_protocol_negotiation: [CH, EE],
  client_certificate_type: [CH, EE],
  server_certificate_type: [CH, EE],
  padding: [CH],
  compress_certificate: [CH, CR],
  record_size_limit: [CH, EE],
  delegated_credential: [CH, CR, CT],
  pre_shared_key: [CH, SH],
  early_data: [CH, EE, NST],
  supported_versions: [CH, SH, HRR],
  cookie: [CH, HRR],
  psk_key_exchange_modes: [CH],
  certificate_authorities: [CH, CR],
  oid_filters: [CR],
  post_handshake_auth: [CH],
  signature_algorithms_cert: [CH, CR],
  key_share: [CH, SH, HRR],
  transparency_info: [CH, CR, CT],
  external_id_hash: [CH, EE],
  external_session_id: [CH, EE],
  quic_transport_parameters: [CH, EE],
  ticket_request: [CH, EE],
  ech_outer_extensions: [CH],
  encrypted_client_hello: [CH, HRR, EE],
  // RFC 6066 §4, RFC 6962 §3.3.1
  max_fragment_length: [CH, EE],
  signed_certificate_timestamp: [CH, CR, CT],
  // RFC 7627 §5.1, RFC 5746 §3.5: a client that speaks TLS 1.2 too sends these
  extended_main_secret: [CH],
  renegotiation_info: [CH],
  // draft-wiggers-tls-authkem-psk-05 §4.2
  stored_auth_key: [CH, SH],
  early_auth: [CH, SH],
};

const names = Object.keys(table) as ExtensionName[];
const keyOf = (type: number): `0x${string}` => `0x${type.toString(16).padStart(4, "0")}`;

interface Case {
  readonly message: ExtensionContext;
  readonly by: Side;
  /** Options under which the message comes. */
  readonly ends: readonly [Client, Server];
}

const tickets = resumable();
const mutual: readonly [Client, Server] = [
  { credentials: [clientCredential] },
  { clientAuthentication: "require" },
];
const session = sessionFrom(tickets);

const cases: Readonly<Record<string, Case>> = {
  ClientHello: { message: CH, by: "client", ends: [{}, {}] },
  "ClientHello of a session": { message: CH, by: "client", ends: [{ psks: [session] }, tickets] },
  ServerHello: { message: SH, by: "server", ends: [{}, {}] },
  "ServerHello of a session": { message: SH, by: "server", ends: [{ psks: [session] }, tickets] },
  HelloRetryRequest: {
    message: HRR,
    by: "server",
    ends: [{ groups: ["x25519", "secp256r1"] }, { groups: ["secp256r1"] }],
  },
  EncryptedExtensions: { message: EE, by: "server", ends: [{}, {}] },
  "EncryptedExtensions of a session": {
    message: EE,
    by: "server",
    ends: [{ psks: [session] }, tickets],
  },
  CertificateRequest: { message: CR, by: "server", ends: mutual },
  "the server's Certificate": { message: CT, by: "server", ends: mutual },
  "the client's Certificate": { message: CT, by: "client", ends: mutual },
  NewSessionTicket: { message: NST, by: "server", ends: [{}, tickets] },
};

/** Adds an extension, before any pre_shared_key: that is the last of a ClientHello. */
function add({ message, by, ends }: Case, type: number, data = new Uint8Array(0)): Interceptor {
  const added = (extensions: Record<string, unknown>): Record<string, unknown> => {
    const { pre_shared_key: last, ...others } = extensions;
    const more = { ...others, [keyOf(type)]: data };
    return last === undefined ? more : { ...more, pre_shared_key: last };
  };
  type Body = { extensions?: object; certificateList?: { extensions: object }[] };
  const rule = edit(message as MessageType, (body) => {
    const { extensions, certificateList } = body as Body;
    if (extensions !== undefined) (body as Body).extensions = added(extensions as never);
    const [entry] = certificateList ?? [];
    if (entry !== undefined) entry.extensions = added(entry.extensions as never);
  });
  return intercept({ [by]: { [message]: rule } }, ...ends);
}

it("the engine declares what the table says", () => {
  const declared = declaredExtensions.map(({ name, bodies }) => [name, Object.keys(bodies)]);
  const sorted = (entries: readonly (readonly unknown[])[]) =>
    Object.fromEntries(entries.map(([name, contexts]) => [name, [...(contexts as [])].toSorted()]));
  expect(sorted(declared)).toEqual(sorted(Object.entries(table)));
  expect(names.toSorted()).toEqual(Object.keys(ExtensionType).toSorted());
});

it("every message with extensions is there", () => {
  expect(new Set(Object.values(cases).map(({ message }) => message))).toEqual(
    new Set(extensionContexts),
  );
});

describe.each(Object.entries(cases))("%s", (_, each) => {
  const { message, by } = each;
  const reader = by === "client" ? "server" : "client";
  const misplaced = names.filter((name) => !table[name].includes(message));

  it("comes", () => {
    const between = intercept({}, ...each.ends);
    expect(between.messages.some((one) => one.by === by && one.type === message)).toBe(true);
    expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
  });

  // RFC 9846 §4.3
  it.each(misplaced)("is refused with %s", (name) => {
    const between = add(each, ExtensionType[name]);
    expectRefused(between, reader, {
      code: "illegal_parameter",
      where: `${message}.extensions.${name}`,
      section: "RFC 9846 §4.3",
    });
  });

  const answers: readonly ExtensionContext[] = [SH, HRR, EE, CT];
  const unknown = 0x1234;

  if (answers.includes(message)) {
    it("is refused with an extension that nobody knows, since nobody asked for it", () => {
      const refusal: Refusal = {
        code: "unsupported_extension",
        where: new RegExp(`${keyOf(unknown)}$`),
        section: "RFC 9846 §4.3",
      };
      expectRefused(add(each, unknown), reader, refusal);
    });
  } else {
    it("may have an extension that nobody knows", () => {
      const { code } = add(each, unknown)[reader].error ?? {};
      // The transcripts differ now, which somebody may find out later
      expect(["illegal_parameter", "unsupported_extension", "malformed"]).not.toContain(code);
    });
  }
});
