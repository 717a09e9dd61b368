import type { AttackScenario } from "../scenario.ts";
import type { EndPlan } from "../../plan/plan.ts";
import type { Edit, Step } from "../step.ts";
import { byClient, byServer, having, noticed, opened, tampered } from "./expectations.ts";

const family = "extensions";
const keys = "traffic" as const;
const badSignature = tampered(byClient("bad_signature", "decrypt_error"));
const hello = (...edit: Edit[]): Step => ({ from: "client", on: "client_hello", edit });
const parameters = (...edit: Edit[]): Step => ({
  from: "server",
  on: "encrypted_extensions",
  edit,
});
const alpn = "extensions.application_layer_protocol_negotiation";
const sni = "extensions.server_name";

const compressed = (
  name: string,
  does: string,
  edit: Edit,
  expect: AttackScenario["expect"],
): AttackScenario => ({
  name: `compressed-certificate-${name}`,
  family,
  does,
  section: "RFC 8879 §4",
  keys,
  both: { compression: true },
  steps: [{ from: "server", on: "compressed_certificate", edit: [edit] }],
  expect,
});
const badCompression = byClient("bad_certificate");

const withParameters = (
  name: string,
  does: string,
  section: string,
  edit: Edit,
  expect: AttackScenario["expect"],
  both: EndPlan = {},
): AttackScenario => ({
  name,
  family,
  does,
  section,
  keys,
  both,
  steps: [parameters(edit)],
  expect,
});

const withHello = (
  name: string,
  does: string,
  section: string,
  edit: Edit,
  expect: AttackScenario["expect"],
  client: EndPlan = {},
): AttackScenario => ({ name, family, does, section, client, steps: [hello(edit)], expect });

const greased = (
  name: string,
  does: string,
  step: Step,
  expect: AttackScenario["expect"],
): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 8701 §3.1",
  client: { grease: true },
  steps: [step],
  expect,
});
/** The values are those that the seed of the laboratory leads to in each. */
const serverHello = (...edit: Edit[]): Step => ({ from: "server", on: "server_hello", edit });

export const extensions: readonly AttackScenario[] = [
  {
    name: "compressed-certificate",
    family,
    does: "Watches a certificate travel in a compressed form",
    section: "RFC 8879 §4",
    both: { compression: true },
    steps: [],
    expect: opened(),
  },
  compressed(
    "bomb",
    "Says that a compressed certificate becomes 16 megabytes",
    { set: "uncompressedLength", to: 2 ** 24 - 1 },
    badCompression,
  ),
  compressed(
    "longer-than-it-says",
    "Says that a compressed certificate becomes less than it does",
    { set: "uncompressedLength", to: 10 },
    badCompression,
  ),
  compressed(
    "shorter-than-it-says",
    "Says that a compressed certificate becomes more than it does",
    { set: "uncompressedLength", to: 5000 },
    badCompression,
  ),
  compressed(
    "of-unoffered-algorithm",
    "Says that a certificate is compressed with brotli, which was not offered",
    { set: "algorithm", to: "brotli" },
    byClient("illegal_parameter"),
  ),
  compressed(
    "of-no-algorithm",
    "Says that a certificate is compressed with an algorithm that does not exist",
    { set: "algorithm", to: 0x7777 },
    byClient("illegal_parameter"),
  ),
  {
    name: "compressed-certificate-unasked",
    family,
    does: "Sends a compressed certificate to a client that did not offer to take one",
    section: "RFC 8879 §4",
    keys,
    steps: [
      {
        from: "server",
        on: "certificate",
        instead: [
          {
            message: "compressed_certificate",
            body: {
              algorithm: "zlib",
              uncompressedLength: 4,
              compressedCertificateMessage: "00000000",
            },
          },
        ],
      },
    ],
    expect: byClient("unexpected_message"),
  },
  {
    name: "compressed-certificate-of-client",
    family,
    does: "Says that the client's compressed certificate becomes 16 megabytes",
    section: "RFC 8879 §4",
    keys,
    both: { compression: true },
    server: { clientAuthentication: "require" },
    steps: [
      {
        from: "client",
        on: "compressed_certificate",
        edit: [{ set: "uncompressedLength", to: 2 ** 24 - 1 }],
      },
    ],
    expect: byServer("bad_certificate"),
  },

  {
    name: "raw-key",
    family,
    does: "Watches a server prove itself with a raw public key that the client trusts",
    section: "RFC 7250 §4",
    client: { rawKeys: true },
    server: { credential: "raw-key" },
    steps: [],
    expect: opened({ server: null }),
  },
  {
    name: "raw-key-not-trusted",
    family,
    does: "Leads a client to a server that has nothing but a raw public key, which it does not take",
    section: "RFC 7250 §4.2",
    server: { credential: "raw-key" },
    steps: [],
    expect: byServer("unsupported_certificate"),
  },
  ...(
    [
      [
        "raw-key-as-certificate",
        "Says that a raw public key is a certificate",
        { remove: "extensions.server_certificate_type" },
        "raw-key",
        byClient("bad_certificate"),
      ],
      [
        "certificate-as-raw-key",
        "Says that a certificate is a raw public key",
        { set: "extensions.server_certificate_type", to: "RawPublicKey" },
        "own",
        byClient("bad_certificate"),
      ],
      [
        "certificate-type-unoffered",
        "Says that the certificate is of a type that was not offered",
        { set: "extensions.server_certificate_type", to: 1 },
        "raw-key",
        byClient("unsupported_certificate"),
      ],
    ] as const
  ).map(([name, does, edit, credential, expect]): AttackScenario => ({
    name,
    family,
    does,
    section: "RFC 7250 §4",
    keys,
    client: { rawKeys: true },
    server: { credential },
    steps: [parameters(edit)],
    expect,
  })),
  withParameters(
    "certificate-type-unasked",
    "Answers with a type of certificate that nobody asked for",
    "RFC 9846 §4.3",
    { set: "extensions.server_certificate_type", to: "RawPublicKey" },
    byClient("unsupported_extension"),
  ),
  {
    name: "delegated-credential-unasked",
    family,
    does: "Adds a delegated credential that nobody asked for to the server's certificate",
    section: "RFC 9345 §4.1",
    keys,
    steps: [
      {
        from: "server",
        on: "certificate",
        edit: [
          {
            set: "certificateList[0].extensions.delegated_credential",
            to: {
              credential: {
                validTime: 100,
                expectedCertVerifyAlgorithm: "ed25519",
                asn1SubjectPublicKeyInfo: "3000",
              },
              algorithm: "ed25519",
              signature: "00",
            },
          },
        ],
      },
    ],
    expect: byClient("unexpected_message"),
  },

  {
    name: "record-size-limit",
    family,
    does: "Watches two ends keep to a limit of 512 bytes",
    section: "RFC 8449 §4",
    both: { recordSizeLimit: 512, records: 40 },
    steps: [],
    expect: opened(),
  },
  withParameters(
    "record-size-limit-changed",
    "Changes the server's record_size_limit",
    "RFC 9846 §4.5.2",
    { set: "extensions.record_size_limit", to: 600 },
    badSignature,
    { recordSizeLimit: 512 },
  ),
  withParameters(
    "record-size-limit-too-small",
    "Answers with a record_size_limit of 63",
    "RFC 8449 §4",
    { set: "extensions.record_size_limit", to: 63 },
    byClient("illegal_parameter"),
    { recordSizeLimit: 512 },
  ),
  withParameters(
    "record-size-limit-unasked",
    "Answers with a record_size_limit that nobody asked for",
    "RFC 9846 §4.3",
    { set: "extensions.record_size_limit", to: 512 },
    byClient("unsupported_extension"),
  ),
  {
    name: "record-size-limit-of-hello",
    family,
    does: "Says in the ClientHello that the client takes records of 63 bytes",
    section: "RFC 8449 §4",
    both: { recordSizeLimit: 512 },
    steps: [hello({ set: "extensions.record_size_limit", to: 63 })],
    // It is read behind the ServerHello: the alert is under keys that the client does not have
    expect: tampered({
      client: "bad_record_mac",
      server: {
        outcome: "illegal_parameter",
        where: "extensions.record_size_limit",
        section: "RFC 8449 §4",
      },
    }),
  },
  {
    name: "record-beyond-its-limit",
    family,
    does: "Sends a client that takes 512 bytes a record of 600",
    section: "RFC 8449 §4",
    keys,
    both: { recordSizeLimit: 512 },
    steps: [
      {
        from: "server",
        on: "application_data",
        before: [{ record: "application_data", content: "00".repeat(600) }],
      },
    ],
    expect: having({ server: 1 }, byClient("record_overflow")),
  },
  {
    name: "padding-beyond-its-limit",
    family,
    does: "Pads a record to a client that takes 512 bytes with 600",
    section: "RFC 8449 §4",
    keys,
    both: { recordSizeLimit: 512 },
    steps: [
      {
        from: "server",
        on: "application_data",
        before: [{ record: "application_data", content: "00", trailer: `17${"00".repeat(600)}` }],
      },
    ],
    expect: having({ server: 1 }, byClient("record_overflow")),
  },
  {
    name: "padding",
    family,
    does: "Puts a padded record without content before the server's data, as it may",
    section: "RFC 9846 §5.4",
    keys,
    steps: [
      {
        from: "server",
        on: "application_data",
        before: [{ record: "application_data", content: "", trailer: `17${"00".repeat(300)}` }],
      },
    ],
    expect: opened(),
  },
  {
    name: "padded-ticket",
    family,
    does: "Pads the record of a ticket, as it may",
    section: "RFC 9846 §5.4",
    keys,
    steps: [
      {
        from: "server",
        on: "application_data",
        before: [
          {
            record: "handshake",
            content: "040000100000003c000000000100000200000000",
            trailer: `16${"00".repeat(100)}`,
          },
        ],
      },
    ],
    expect: opened(),
  },

  withHello(
    "sni-twice",
    "Names two hosts in server_name",
    "RFC 6066 §3",
    { insert: sni, value: { nameType: 0, name: "other.example" } },
    byServer("illegal_parameter"),
  ),
  withHello(
    "sni-of-address",
    "Names an address in server_name",
    "RFC 6066 §3",
    { set: `${sni}[0].name`, to: "192.0.2.1" },
    byServer("illegal_parameter"),
  ),
  withHello(
    "sni-with-nul",
    "Names a host with a NUL in it",
    "RFC 6066 §3",
    { set: `${sni}[0].name`, to: "server.example\u0000.evil" },
    byServer("illegal_parameter"),
  ),
  withHello(
    "sni-of-another-type",
    "Changes the type of the name in server_name to one that does not exist",
    "RFC 6066 §3",
    { set: `${sni}[0].nameType`, to: 1 },
    noticed,
  ),
  withParameters(
    "sni-answer-removed",
    "Takes the answer to server_name out of EncryptedExtensions",
    "RFC 9846 §4.5.2",
    { remove: "extensions.server_name" },
    badSignature,
  ),

  {
    name: "alpaca-other-port",
    family,
    does: "Leads a client of h2 to another port with the same certificate, whose server speaks ftp (ALPACA)",
    section: "RFC 7301 §3.2",
    client: { alpn: ["h2"] },
    server: { alpn: ["ftp"] },
    steps: [],
    expect: byServer("no_application_protocol"),
  },
  {
    name: "alpaca-port-without-alpn",
    family,
    does: "Leads a client of h2 to another port with the same certificate, whose server knows no ALPN (ALPACA)",
    section: "RFC 7301 §3.2",
    client: { alpn: ["h2"] },
    steps: [],
    expect: opened({}, "preference-declined"),
  },
  {
    name: "alpaca-client-without-alpn",
    family,
    does: "Leads a client without ALPN to a server that speaks ftp",
    section: "RFC 7301 §3.1",
    server: { alpn: ["ftp"] },
    steps: [],
    expect: opened(),
  },
  withHello(
    "alpn-added",
    "Offers the server a protocol that the client did not",
    "RFC 9846 §4.5.3",
    { set: alpn, to: ["ftp", "h2"] },
    noticed,
    { alpn: ["h2"] },
  ),
  withParameters(
    "alpn-two-answers",
    "Answers with two application protocols",
    "RFC 7301 §3.1",
    { set: alpn, to: ["h2", "http/1.1"] },
    byClient("illegal_parameter"),
    { alpn: ["h2", "http/1.1"] },
  ),
  withParameters(
    "alpn-unasked",
    "Answers with an application protocol where none was offered",
    "RFC 9846 §4.3",
    { set: alpn, to: ["h2"] },
    byClient("unsupported_extension"),
  ),

  {
    name: "grease",
    family,
    does: "Watches two ends that send values which must be ignored",
    section: "RFC 8701 §3",
    both: { grease: true },
    server: { tickets: true, clientAuthentication: "require" },
    steps: [],
    expect: opened({ client: "client@example.org" }),
  },
  greased(
    "grease-suite-selected",
    "Lets the server select a suite that is only there to be ignored",
    serverHello({ set: "cipherSuite", to: 0x5a5a }),
    byClient("illegal_parameter"),
  ),
  greased(
    "grease-version-selected",
    "Lets the server select a version that is only there to be ignored",
    serverHello({ set: "extensions.supported_versions", to: 0xfafa }),
    byClient("illegal_parameter"),
  ),
  greased(
    "grease-group-selected",
    "Lets the server select a group that is only there to be ignored",
    serverHello({ set: "extensions.key_share.group", to: 0x3a3a }),
    byClient("illegal_parameter"),
  ),
  greased(
    "grease-extension-answered",
    "Lets the server answer to an extension that is only there to be ignored",
    serverHello({ set: "extensions.0x6a6a", to: "" }),
    byClient("unsupported_extension"),
  ),
  {
    name: "grease-and-retry",
    family,
    does: "Watches a client with values to be ignored across a HelloRetryRequest",
    section: "RFC 8701 §3.1",
    client: { grease: true, groups: ["x25519", "X25519MLKEM768"] },
    server: { groups: ["X25519MLKEM768"] },
    steps: [],
    expect: opened({ retried: true }),
  },
];
