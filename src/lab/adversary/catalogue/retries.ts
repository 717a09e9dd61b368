import { helloRetryRequestRandom } from "../../../messages/index.ts";
import type { AttackScenario } from "../scenario.ts";
import type { Edit, Injection, Step } from "../step.ts";
import { byClient, byServer, noticed } from "./expectations.ts";

const family = "HelloRetryRequest";
/** The client has a hybrid share, the server knows only x25519 and asks for it. */
const retried = { server: { groups: ["x25519"] } } as const;
const withCookie = { server: { groups: ["x25519"], retryCookie: true } } as const;
const retry = (...edit: Edit[]): Step => ({ from: "server", on: "hello_retry_request", edit });
const second = (...edit: Edit[]): Step => ({ from: "client", on: "client_hello", nth: 2, edit });

/** One that the adversary makes itself, for a client whose session id is empty. */
const forged = (group: string): Injection => ({
  message: "hello_retry_request",
  body: {
    legacyVersion: 0x0303,
    random: helloRetryRequestRandom,
    legacySessionIdEcho: "",
    cipherSuite: "TLS_AES_128_GCM_SHA256",
    legacyCompressionMethod: 0,
    extensions: { supported_versions: "TLS 1.3", key_share: group },
  },
});
const insteadOfServer = (group: string): readonly Step[] => [
  { from: "client", on: "client_hello", back: [forged(group)] },
  { from: "client", on: "client_hello", drop: true },
];

export const retries: readonly AttackScenario[] = [
  {
    name: "inject-retry-to-offered",
    family,
    does: "Answers the ClientHello itself, with a HelloRetryRequest to x25519, which was offered",
    section: "RFC 9846 §4.1, §4.5.3",
    both: { middleboxCompatibility: false },
    server: { retry: "if-needed" },
    steps: insteadOfServer("x25519"),
    expect: noticed,
  },
  {
    name: "inject-retry-before-retry",
    family,
    does: "Answers the ClientHello itself with a HelloRetryRequest, before a server that asks for the hybrid",
    section: "RFC 9846 §4.2.4",
    both: { middleboxCompatibility: false },
    steps: insteadOfServer("x25519"),
    expect: byClient("unexpected_message"),
  },
  {
    name: "inject-retry-to-unoffered",
    family,
    does: "Answers with a HelloRetryRequest to a group that was not offered",
    section: "RFC 9846 §4.3.8",
    both: { middleboxCompatibility: false },
    steps: insteadOfServer("secp256r1"),
    expect: byClient("illegal_parameter"),
  },
  {
    name: "inject-retry-to-shared",
    family,
    does: "Answers with a HelloRetryRequest to the group whose share was there",
    section: "RFC 9846 §4.3.8",
    both: { middleboxCompatibility: false },
    steps: insteadOfServer("X25519MLKEM768"),
    expect: byClient("illegal_parameter"),
  },
  {
    name: "retry-twice",
    family,
    does: "Sends the HelloRetryRequest again in place of the ServerHello",
    section: "RFC 9846 §4.2.4",
    ...retried,
    steps: [
      {
        from: "server",
        on: "server_hello",
        instead: [{ seen: { from: "server", on: "hello_retry_request" } }],
      },
    ],
    expect: byClient("unexpected_message"),
  },
  {
    name: "retry-duplicated",
    family,
    does: "Delivers the HelloRetryRequest two times",
    section: "RFC 9846 §4.2.4",
    ...retried,
    steps: [{ from: "server", on: "hello_retry_request", duplicate: 1 }],
    expect: byClient("unexpected_message"),
  },
  {
    name: "retry-changes-nothing",
    family,
    does: "Takes the group out of the HelloRetryRequest",
    section: "RFC 9846 §4.2.4",
    ...retried,
    steps: [retry({ remove: "extensions.key_share" })],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "retry-other-group",
    family,
    does: "Changes the group of the HelloRetryRequest to another that was offered",
    section: "RFC 9846 §4.2.2",
    client: { groups: ["X25519MLKEM768", "x25519", "secp256r1"] },
    ...retried,
    steps: [retry({ set: "extensions.key_share", to: "secp256r1" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "retry-suite-unoffered",
    family,
    does: "Changes the suite of the HelloRetryRequest to one that was not offered",
    section: "RFC 9846 §4.2.4",
    ...retried,
    steps: [retry({ set: "cipherSuite", to: "TLS_CHACHA20_POLY1305_SHA256" })],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "retry-suite-changed",
    family,
    does: "Changes the suite of the HelloRetryRequest, so that the ServerHello has another",
    section: "RFC 9846 §4.2.4",
    ...retried,
    steps: [retry({ set: "cipherSuite", to: "TLS_AES_256_GCM_SHA384" })],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "retry-version",
    family,
    does: "Lets the HelloRetryRequest select TLS 1.2",
    section: "RFC 9846 §4.3.1",
    ...retried,
    steps: [retry({ set: "extensions.supported_versions", to: "TLS 1.2" })],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "retry-unsolicited-extension",
    family,
    does: "Adds an extension that nobody asked for to the HelloRetryRequest",
    section: "RFC 9846 §4.3",
    ...retried,
    steps: [retry({ set: "extensions.0xfe99", to: "00" })],
    expect: byClient("unsupported_extension"),
  },
  {
    name: "retry-cookie-added",
    family,
    does: "Adds a cookie of its own to the HelloRetryRequest",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [retry({ set: "extensions.cookie", to: "c0ffee" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "retry-cookie-changed",
    family,
    does: "Changes the cookie on its way to the client",
    section: "RFC 9846 §4.3.2",
    ...withCookie,
    steps: [retry({ flip: "extensions.cookie" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "retry-cookie-dropped",
    family,
    does: "Takes the cookie out of the HelloRetryRequest",
    section: "RFC 9846 §4.3.2",
    ...withCookie,
    steps: [retry({ remove: "extensions.cookie" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "cookie-changed-on-return",
    family,
    does: "Changes the cookie on its way back",
    section: "RFC 9846 §4.3.2",
    ...withCookie,
    steps: [second({ flip: "extensions.cookie" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "retry-made-of-server-hello",
    family,
    does: "Gives a ServerHello the random of a HelloRetryRequest",
    section: "RFC 9846 §4.2.3",
    steps: [
      {
        from: "server",
        on: "server_hello",
        edit: [{ set: "random", to: helloRetryRequestRandom }],
      },
    ],
    expect: byClient("malformed", "decode_error"),
  },
  {
    name: "retry-dropped",
    family,
    does: "Drops the HelloRetryRequest",
    section: "RFC 9846 §4.2.4",
    ...retried,
    steps: [{ from: "server", on: "hello_retry_request", drop: true }],
    expect: { client: "waiting", server: "waiting", findings: [] },
  },
  {
    name: "first-hello-again",
    family,
    does: "Sends the first ClientHello again in place of the second",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [
      {
        from: "client",
        on: "client_hello",
        nth: 2,
        instead: [{ seen: { from: "client", on: "client_hello" } }],
      },
    ],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "second-hello-other-random",
    family,
    does: "Changes the random of the second ClientHello",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [second({ flip: "random" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "second-hello-other-suites",
    family,
    does: "Takes a suite out of the second ClientHello",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [second({ set: "cipherSuites", to: ["TLS_AES_128_GCM_SHA256"] })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "second-hello-extension-added",
    family,
    does: "Adds an extension to the second ClientHello",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [second({ set: "extensions.0xfe99", to: "00" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "second-hello-two-shares",
    family,
    does: "Adds a share to the second ClientHello",
    section: "RFC 9846 §4.3.8",
    ...retried,
    steps: [
      second({
        insert: "extensions.key_share",
        value: { group: "X25519MLKEM768", keyExchange: "00" },
      }),
    ],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "server-hello-other-group-after-retry",
    family,
    does: "Lets the ServerHello after the retry name the group of the first share",
    section: "RFC 9846 §4.3.8",
    ...retried,
    steps: [
      {
        from: "server",
        on: "server_hello",
        edit: [{ set: "extensions.key_share.group", to: "X25519MLKEM768" }],
      },
    ],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "server-hello-other-suite-after-retry",
    family,
    does: "Lets the ServerHello after the retry name another suite",
    section: "RFC 9846 §4.2.4",
    ...retried,
    steps: [
      {
        from: "server",
        on: "server_hello",
        edit: [{ set: "cipherSuite", to: "TLS_AES_256_GCM_SHA384" }],
      },
    ],
    expect: byClient("illegal_parameter"),
  },
];
