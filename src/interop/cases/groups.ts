/** Every group that others have too, at once and by a retry. */
import { groups, isHybrid, isPostQuantum } from "../../groups/index.ts";
import type { InteropCase } from "../case.ts";

/** Without drafts, whose code points others do not know. */
const published = groups.filter((group) => !group.draft);
const hybrids = published.filter((group) => isHybrid(group) && isPostQuantum(group));

const works = { opened: true, data: ["client", "server"] } as const;

export const groupCases: readonly InteropCase[] = [
  {
    name: "group-by-default",
    family: "groups",
    does: "Nobody says anything about groups, and both ends come to X25519MLKEM768",
    section: "RFC 10024 §4",
    both: { hybridByDefault: true },
    expect: { ...works, group: "X25519MLKEM768" },
  },
  ...published.map(({ name }): InteropCase => ({
    name: `group-${name.toLowerCase()}`,
    family: "groups",
    does: `Both ends have ${name} alone`,
    section: "RFC 9846 §4.3.8",
    both: { groups: [name] },
    expect: { ...works, group: name, retried: false },
  })),
];

export const retries: readonly InteropCase[] = [
  ...hybrids.map(({ name }): InteropCase => ({
    name: `retry-to-${name.toLowerCase()}`,
    family: "retries",
    does: `The client's only share is of x25519, the server has ${name} alone`,
    section: "RFC 9846 §4.2.4",
    client: { groups: ["x25519", name], shares: ["x25519"] },
    server: { groups: [name] },
    expect: { ...works, group: name, retried: true },
  })),
  {
    name: "retry-to-classical",
    family: "retries",
    does: "The client's only share is of X25519MLKEM768, the server has secp256r1 alone",
    section: "RFC 9846 §4.2.4",
    client: { groups: ["X25519MLKEM768", "secp256r1"], shares: ["X25519MLKEM768"] },
    server: { groups: ["secp256r1"] },
    expect: { ...works, group: "secp256r1", retried: true },
  },
  {
    name: "retry-with-cookie",
    family: "retries",
    does: "The server sends a cookie with its HelloRetryRequest",
    section: "RFC 9846 §4.3.2",
    client: { groups: ["x25519", "secp256r1"], shares: ["x25519"] },
    server: { groups: ["secp256r1"], retryCookie: true },
    expect: { ...works, group: "secp256r1", retried: true, cookie: true },
  },
  {
    name: "two-shares",
    family: "retries",
    does: "The client has shares of X25519MLKEM768 and x25519, the server has x25519 alone: no retry is needed",
    section: "RFC 9846 §4.3.8",
    client: { groups: ["X25519MLKEM768", "x25519"], shares: ["X25519MLKEM768", "x25519"] },
    server: { groups: ["x25519"] },
    expect: { ...works, group: "x25519", retried: false, shares: ["X25519MLKEM768", "x25519"] },
  },
  {
    name: "no-common-group",
    family: "retries",
    does: "The client has x25519 alone, the server secp256r1",
    section: "RFC 9846 §4.2.1",
    client: { groups: ["x25519"] },
    server: { groups: ["secp256r1"] },
    expect: {
      opened: false,
      refusedBy: { end: "server", alerts: ["handshake_failure", "insufficient_security"] },
    },
  },
];
