/** Sessions that are resumed, and what is said early. */
import type { InteropCase } from "../case.ts";

const family = "resumption";
const works = { opened: true, data: ["client", "server"] } as const;
const hybrid = "X25519MLKEM768";

export const resumption: readonly InteropCase[] = [
  {
    name: "resume",
    family,
    does: "A second connection resumes the first",
    section: "RFC 9846 §2.2",
    both: { resumption: true },
    expect: { ...works, resumed: false },
    second: { ...works, resumed: true },
  },
  {
    name: "resume-hybrid",
    family,
    does: "A resumed connection makes a hybrid key exchange too",
    section: "RFC 9846 §4.3.9",
    both: { resumption: true, groups: [hybrid] },
    expect: { ...works, resumed: false, group: hybrid },
    second: { ...works, resumed: true, group: hybrid },
  },
  {
    name: "resume-after-retry",
    family,
    does: "The server asks for another share in both connections, and takes the session in the second",
    section: "RFC 9846 §4.2.2",
    client: { resumption: true, groups: ["x25519", "secp256r1"], shares: ["x25519"] },
    server: { resumption: true, groups: ["secp256r1"] },
    expect: { ...works, resumed: false, retried: true },
    second: { ...works, resumed: true, retried: true },
  },
  {
    name: "early-data",
    family,
    does: "The client says its request early, and the server takes it",
    section: "RFC 9846 §4.3.10",
    both: { resumption: true, earlyData: true, groups: ["x25519"] },
    expect: { ...works, earlyData: "not offered" },
    second: { ...works, resumed: true, earlyData: "accepted" },
  },
  {
    name: "early-data-hybrid",
    family,
    does: "The same over a hybrid key exchange",
    section: "RFC 9846 §4.3.10",
    both: { resumption: true, earlyData: true, groups: [hybrid] },
    expect: { ...works, group: hybrid },
    second: { ...works, resumed: true, earlyData: "accepted", group: hybrid },
  },
  {
    name: "early-data-refused",
    family,
    does: "The server refuses what was said early, and goes on",
    section: "RFC 9846 §4.3.10",
    client: { resumption: true, earlyData: true, groups: ["x25519"] },
    server: { resumption: true, earlyDataRefused: true, groups: ["x25519"] },
    expect: { ...works, earlyData: "not offered" },
    second: { opened: true, earlyData: "refused" },
  },
  {
    name: "early-data-after-retry",
    family,
    does: "The server asks for another share, so that it must refuse what was said early",
    section: "RFC 9846 §4.3.10",
    client: {
      resumption: true,
      earlyData: true,
      groups: ["x25519", "secp256r1"],
      shares: ["x25519"],
    },
    server: { resumption: true, earlyData: true, groups: ["secp256r1"] },
    expect: { ...works, retried: true },
    second: { opened: true, retried: true, earlyData: "refused" },
  },
];
