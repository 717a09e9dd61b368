import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import {
  knownTo,
  MaliciousBench,
  type MaliciousSetting,
} from "../../../src/lab/adversary/malicious-trial.ts";
import { acceptances, wronglyAccepted } from "../../../src/lab/adversary/may-accept.ts";
import type { Edit, Step } from "../../../src/lab/adversary/step.ts";
import type { MessageType } from "../../../src/messages/index.ts";
import { otherRole, type Role } from "../../../src/schedule/index.ts";

const bench = new MaliciousBench(createNative());
const setting = (malicious: Role, own: Partial<MaliciousSetting> = {}): MaliciousSetting => ({
  malicious,
  group: "x25519",
  retry: false,
  kind: "certificate",
  updateKeys: false,
  ...own,
});

interface Case {
  readonly setting: MaliciousSetting;
  readonly steps: readonly Step[];
}

const hello = (...edit: Edit[]): Case => ({
  setting: setting("client"),
  steps: [{ from: "client", on: "client_hello", edit }],
});
const resuming = (edit: Edit): Case => ({
  setting: setting("client", { kind: "resumed" }),
  steps: [{ from: "client", on: "client_hello", edit: [edit] }],
});
const answer = (on: MessageType, edit: Edit, own?: Partial<MaliciousSetting>): Case => ({
  setting: setting("server", own),
  steps: [{ from: "server", on, edit: [edit] }],
});
const doing = (step: Omit<Step, "from">, own?: Partial<MaliciousSetting>): Case => ({
  setting: setting("server", own),
  steps: [{ from: "server", ...step }],
});
const unknownExtension = { set: "extensions.0xfafa", to: "00" };
const cookie = { set: "extensions.cookie", to: "00" };

/** An honest end opens; without the entry of the list that would be a problem. */
const accepted: readonly Case[] = [
  hello(unknownExtension),
  hello({ fill: "random", with: 7 }),
  hello({ reverse: "cipherSuites" }),
  hello({ set: "extensions.use_srtp", to: "00" }),
  hello({ set: "extensions.cookie", to: "00" }),
  {
    setting: setting("client", { retry: true }),
    steps: [{ from: "client", on: "client_hello", edit: [cookie] }],
  },
  hello({ set: "extensions.client_certificate_type", to: [2] }),
  {
    setting: setting("client", { kind: "later" }),
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ set: "extensions.client_certificate_type", to: [2] }],
      },
    ],
  },
  resuming({ set: "extensions.server_name[0].name", to: "SERVER.example" }),
  hello({ set: "extensions.server_certificate_type", to: [2, 0] }),
  {
    setting: setting("client", { kind: "raw key" }),
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ reverse: "extensions.server_certificate_type" }],
      },
    ],
  },
  {
    setting: setting("client", { kind: "key alone" }),
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ set: "extensions.psk_key_exchange_modes", to: [0] }],
      },
    ],
  },
  hello({ remove: "extensions.server_name" }),
  hello({ insert: "extensions.supported_groups", value: 0x1a1a }),
  hello(
    { insert: "extensions.supported_groups", value: 0x0017 },
    { insert: "extensions.key_share", value: { group: 0x0017, keyExchange: "00" } },
  ),
  hello(
    { remove: "extensions.server_name" },
    { set: "extensions.server_name", to: [{ nameType: 0, name: "server.example" }] },
  ),
  hello({ insert: "extensions.signature_algorithms", value: 0x1a1a }),
  hello({ insert: "extensions.application_layer_protocol_negotiation", value: "x" }),
  hello({ set: "extensions.record_size_limit", to: 64 }),
  hello({ insert: "extensions.supported_versions", value: 0x0303 }),
  hello({ insert: "extensions.psk_key_exchange_modes", value: 0 }),
  hello({ set: "extensions.early_data", to: true }),
  {
    setting: setting("client", { retry: true }),
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ set: "extensions.early_data", to: true }],
      },
    ],
  },
  resuming({ set: "extensions.pre_shared_key.identities[0].obfuscatedTicketAge", to: 1 }),
  answer("server_hello", { fill: "random", with: 7 }),
  answer("server_hello", { flip: "extensions.key_share.keyExchange", byte: -1, mask: 0x80 }),
  answer("encrypted_extensions", { set: "extensions.supported_groups", to: [0x11ec] }),
  answer("encrypted_extensions", { remove: "extensions.server_name" }),
  answer("encrypted_extensions", { set: "extensions.server_name", to: true }, { kind: "resumed" }),
  answer("encrypted_extensions", { set: "extensions.record_size_limit", to: 64 }),
  doing({ on: "certificate_verify", sign: { scheme: "rsa_pss_rsae_sha512" } }, { kind: "rsa" }),
  answer("encrypted_extensions", {
    set: "extensions.application_layer_protocol_negotiation",
    to: ["http/1.1"],
  }),
  doing({ on: "certificate_request", drop: true }, { kind: "later" }),
  answer("certificate_request", unknownExtension, { kind: "mutual" }),
  answer(
    "certificate_request",
    { set: "extensions.certificate_authorities", to: ["3000"] },
    {
      kind: "mutual",
    },
  ),
  answer(
    "certificate_request",
    { insert: "extensions.signature_algorithms", value: 0x1a1a },
    {
      kind: "mutual",
    },
  ),
  answer("certificate", {
    insert: "certificateList",
    value: { certData: "3000", extensions: {} },
  }),
  {
    setting: setting("client", { kind: "later" }),
    steps: [
      { from: "client", on: "certificate", edit: [{ set: "certificateList", to: [] }] },
      { from: "client", on: "certificate_verify", drop: true },
    ],
  },
  answer("new_session_ticket", unknownExtension, { kind: "early" }),
  answer("new_session_ticket", { set: "ticketLifetime", to: 1 }, { kind: "early" }),
  answer("key_update", { set: "requestUpdate", to: 0 }, { updateKeys: true }),
];

/** What no end may open with. */
const refused: readonly Case[] = [
  hello({ set: "extensions.0x000a", to: "0000" }),
  hello({ set: "legacyVersion", to: 0x0304 }),
  hello({ set: "cipherSuites", to: [0x1a1a] }),
  hello({ set: "legacyCompressionMethods", to: "0100" }),
  hello({ set: "extensions.server_certificate_type", to: [2] }),
  {
    setting: setting("client", { kind: "raw key" }),
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ set: "extensions.server_certificate_type", to: [0] }],
      },
    ],
  },
  {
    setting: setting("client", { retry: true }),
    steps: [{ from: "client", on: "client_hello", nth: 2, edit: [cookie] }],
  },
  answer(
    "certificate",
    { insert: "certificateList", value: { certData: "3000", extensions: {} } },
    { kind: "raw key" },
  ),
  hello({ insert: "extensions.server_name", value: { nameType: 0, name: "x" } }),
  hello({ set: "extensions.supported_groups", to: [0x0017] }),
  hello({ insert: "extensions.supported_groups", value: 0x001d }),
  hello({ insert: "extensions.key_share", value: { group: 0x1a1a, keyExchange: "00" } }),
  hello({ set: "extensions.signature_algorithms", to: [0x1a1a] }),
  hello({ set: "extensions.application_layer_protocol_negotiation", to: ["x"] }),
  hello({ set: "extensions.record_size_limit", to: 63 }),
  hello({ set: "extensions.supported_versions", to: [0x0303] }),
  resuming({ remove: "extensions.psk_key_exchange_modes" }),
  resuming({ insert: "extensions.pre_shared_key.binders", value: "00".repeat(32) }),
  answer("server_hello", { set: "legacySessionIdEcho", to: "" }),
  answer("server_hello", { set: "legacyCompressionMethod", to: 1 }),
  answer("server_hello", { set: "extensions.supported_versions", to: 0x0305 }),
  answer("server_hello", { set: "extensions.key_share.group", to: 0x0017 }),
  answer("server_hello", unknownExtension),
  answer("server_hello", { flip: "extensions.key_share.keyExchange", byte: -1, mask: 0x40 }),
  answer("hello_retry_request", { set: "legacySessionIdEcho", to: "" }, { retry: true }),
  answer("encrypted_extensions", unknownExtension),
  answer("encrypted_extensions", { set: "extensions.record_size_limit", to: 63 }),
  answer("encrypted_extensions", { set: "extensions.heartbeat", to: "01" }),
  answer("encrypted_extensions", {
    set: "extensions.application_layer_protocol_negotiation",
    to: ["x"],
  }),
  answer(
    "certificate_request",
    { set: "certificateRequestContext", to: "01" },
    {
      kind: "mutual",
    },
  ),
  answer("certificate_request", { remove: "extensions.signature_algorithms" }, { kind: "mutual" }),
  answer("certificate", { set: "certificateRequestContext", to: "01" }),
  answer("certificate", { set: "certificateList[0].extensions.0xfafa", to: "" }),
  answer("certificate", { set: "certificateList", to: [] }),
  {
    setting: setting("client", { kind: "mutual" }),
    steps: [
      { from: "client", on: "certificate", edit: [{ set: "certificateList", to: [] }] },
      { from: "client", on: "certificate_verify", drop: true },
    ],
  },
  {
    setting: setting("client", { kind: "mutual" }),
    steps: [{ from: "client", on: "certificate_verify", drop: true }],
  },
  doing({ on: "certificate", drop: true }),
  doing({ on: "certificate_verify", drop: true }),
  doing({ on: "certificate_verify", duplicate: 1 }),
  doing({ on: "encrypted_extensions", drop: true }),
  doing({ on: "finished", append: "00" }),
  doing({ on: "certificate_verify", sign: { context: "client" } }),
  doing({ on: "certificate_verify", sign: { key: "ecdsa" } }),
  doing(
    { on: "certificate_verify", sign: { scheme: "rsa_pss_rsae_sha384" } },
    {
      kind: "rsa",
    },
  ),
  doing({ on: "certificate_verify", sign: { scheme: "rsa_pkcs1_sha256" } }, { kind: "rsa" }),
  answer("new_session_ticket", { set: "extensions.0x0029", to: "" }, { kind: "early" }),
  answer("key_update", { set: "requestUpdate", to: 2 }, { updateKeys: true }),
];

const name = ({ steps, setting: { malicious, kind } }: Case): string =>
  `${malicious}, ${kind}: ${JSON.stringify(steps).slice(0, 150)}`;

describe("what a malicious peer may have accepted", { timeout: 120_000 }, () => {
  it.each(accepted.map((each) => [name(each), each] as const))("%s", (_, each) => {
    const conversation = bench.meet(each.setting, each.steps);
    const honest = otherRole(each.setting.malicious);
    const link = conversation.malicious;
    expect(link.refusal).toBeUndefined();
    expect(link.unapplied).toEqual([]);
    expect(conversation.ends[honest].error).toBeUndefined();
    expect(conversation.ends[honest].state).toBe("open");
    const judged = (list = acceptances) =>
      wronglyAccepted(
        conversation.ends[honest],
        link.sent,
        knownTo(honest, link, each.setting),
        list,
      );
    expect(judged()).toBeUndefined();
    expect(judged([])).toMatch(/^accepted: /);
  });

  it("has an example for every entry", () => {
    const met = accepted.map(({ setting: terms, steps }) => {
      const honest = otherRole(terms.malicious);
      const { ends, malicious: link } = bench.meet(terms, steps);
      return { end: ends[honest], sent: link.sent, known: knownTo(honest, link, terms) };
    });
    const unneeded = acceptances.filter((entry) => {
      const others = acceptances.filter((other) => other !== entry);
      return met.every(
        ({ end, sent, known }) => wronglyAccepted(end, sent, known, others) === undefined,
      );
    });
    expect(unneeded.map(({ on, path }) => `${on.join()} ${path.source}`)).toEqual([]);
  });
});

it("is no matter of a message of which the rest is awaited", () => {
  const later = setting("client", { kind: "later" });
  const whole = bench.meet(later, []).malicious.sent.find(({ type }) => type === "certificate")!;
  const judged = (by: number) => {
    const steps: Step[] = [{ from: "client", on: "certificate", truncate: { by } }];
    const { ends, malicious: link } = bench.meet(later, steps);
    expect(link.unapplied).toEqual([]);
    return wronglyAccepted(
      { negotiated: ends.server.negotiated, error: undefined },
      link.sent,
      knownTo("server", link, later),
    );
  };
  expect(judged(whole.meant.length - 2)).toBeUndefined();
  expect(judged(1)).toMatch(/^accepted: certificate with another form/);
});

describe("what it may not", { timeout: 30_000 }, () => {
  it.each(refused.map((each) => [name(each), each] as const))("%s", (_, each) => {
    const { ends, malicious: link } = bench.meet(each.setting, each.steps);
    const honest = otherRole(each.setting.malicious);
    expect(link.refusal).toBeUndefined();
    expect(link.unapplied).toEqual([]);
    expect(ends[honest].error?.code).not.toMatch(/^(internal|misuse|bad_finished|undefined)$/);
    // An end that opened nevertheless
    const { negotiated } = bench.meet(each.setting, []).ends[honest];
    const known = knownTo(honest, link, each.setting);
    expect(wronglyAccepted({ negotiated, error: undefined }, link.sent, known)).toMatch(
      /^accepted: /,
    );
    expect(wronglyAccepted({ negotiated: undefined, error: undefined }, link.sent, known)).toBe(
      undefined,
    );
  });
});
