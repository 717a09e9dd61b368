/** Extensions, what follows the handshake, and how bytes may come. */
import { carriages, type InteropCase } from "../case.ts";

const works = { opened: true, data: ["client", "server"] } as const;

export const extensions: readonly InteropCase[] = [
  {
    name: "server-name",
    family: "extensions",
    does: "The client says for whom it asks",
    section: "RFC 6066 §3",
    expect: { ...works, serverName: "localhost" },
  },
  {
    name: "alpn",
    family: "extensions",
    does: "Both ends have http/1.1",
    section: "RFC 7301 §3.2",
    both: { alpn: ["http/1.1"] },
    expect: { ...works, alpn: "http/1.1" },
  },
  {
    name: "alpn-none-in-common",
    family: "extensions",
    does: "The client has http/1.1, the server another protocol",
    section: "RFC 7301 §3.2",
    client: { alpn: ["http/1.1"] },
    server: { alpn: ["imap"] },
    expect: {
      opened: false,
      refusedBy: { end: "server", alerts: ["no_application_protocol"] },
    },
  },
  {
    name: "compressed-certificate",
    family: "extensions",
    does: "The server's certificate comes compressed",
    section: "RFC 8879 §4",
    both: { compression: true },
    expect: { ...works, compressed: true },
  },
  {
    name: "record-size-limit",
    family: "extensions",
    does: "Neither end takes more than some 512 bytes in a record",
    section: "RFC 8449 §4",
    both: { recordSizeLimit: 512 },
    expect: { ...works, limits: ["client", "server"] },
  },
  {
    name: "exporter",
    family: "extensions",
    does: "Both ends export the same keying material",
    section: "RFC 9846 §7.5",
    both: { exporter: "EXPERIMENTAL kemistry" },
    expect: works,
  },
  ...(["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"] as const).map(
    (cipherSuite): InteropCase => ({
      name: `suite-${cipherSuite.slice(4, cipherSuite.lastIndexOf("_")).toLowerCase().replaceAll("_", "-")}`,
      family: "extensions",
      does: `Both ends have ${cipherSuite} alone`,
      section: "RFC 9846 Appendix B.4",
      both: { suites: [cipherSuite] },
      expect: { ...works, cipherSuite },
    }),
  ),
];

export const later: readonly InteropCase[] = [
  {
    name: "key-update",
    family: "after the handshake",
    does: "Both ends update their keys, and speak under the new ones",
    section: "RFC 9846 §4.7.3",
    both: { keyUpdate: true },
    expect: { ...works, keyUpdates: ["client", "server"] },
  },
  {
    name: "bulk",
    family: "after the handshake",
    does: "10 MB in both directions",
    section: "RFC 9846 §5.1",
    both: { bulk: true },
    says: "10 MB",
    expect: works,
  },
  {
    name: "close",
    family: "after the handshake",
    does: "The client says close_notify, and so does the server",
    section: "RFC 9846 §6.1",
    expect: { ...works, closed: ["client", "server"] },
  },
  {
    name: "half-close",
    family: "after the handshake",
    does: "The client ends its direction, and is answered after that",
    section: "RFC 9846 §6.1",
    both: { halfClose: true },
    ends: "client half-closes",
    expect: works,
  },
];

export const onTheWire: readonly InteropCase[] = [
  ...carriages.map((carried): InteropCase => ({
    name: carried.replaceAll(" ", "-"),
    family: "on the wire",
    does:
      carried === "byte by byte"
        ? "Every byte comes in a segment of its own"
        : `The ClientHello comes ${carried.slice(6)}`,
    section: "RFC 9846 §5.1",
    both: { groups: ["X25519MLKEM768"] },
    carried,
    expect: { ...works, group: "X25519MLKEM768" },
  })),
  {
    name: "hello-in-small-records",
    family: "on the wire",
    does: "The ClientHello comes in a record of one byte and several others",
    section: "RFC 9846 §5.1",
    both: { groups: ["X25519MLKEM768"] },
    steps: [{ from: "client", on: "client_hello", split: [1, 2, 3, 100, 400] }],
    expect: { ...works, group: "X25519MLKEM768" },
  },
];
