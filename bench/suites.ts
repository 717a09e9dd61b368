import type { Suite } from "./suite.ts";

/** A suite is one file in `suites/` and one entry here. */
export interface SuiteEntry {
  readonly name: string;
  readonly title: string;
  /** Seconds of the clock that a quick run gives it, about. */
  readonly seconds: number;
  /** It only counts or weighs: one process is enough. */
  readonly isCounted?: true;
  /** Only what runs is loaded: a suite may need packages that are not there. */
  load(): Promise<Suite>;
}

/** All suites, in the order in which they run. */
export const suites: readonly SuiteEntry[] = [
  {
    name: "floor",
    title: "Handshakes in memory, and the floor of cryptography under them",
    seconds: 10,
    load: async () => (await import("./suites/floor.ts")).floor,
  },
  {
    name: "peers",
    title: "Handshakes by other stacks, and by this one",
    seconds: 16,
    load: async () => (await import("./suites/peers.ts")).peers,
  },
  {
    name: "bulk",
    title: "Application data over loopback TCP",
    seconds: 5,
    load: async () => (await import("./suites/bulk.ts")).bulk,
  },
  {
    name: "size",
    title: "Bytes on the wire, by message and flight",
    seconds: 1,
    isCounted: true,
    load: async () => (await import("./suites/size.ts")).size,
  },
  {
    name: "start-up",
    title: "New processes, up to their first handshake",
    seconds: 7,
    load: async () => (await import("./suites/start-up.ts")).startUp,
  },
  {
    name: "memory",
    title: "Heap that connections keep, and that handshakes throw away",
    seconds: 6,
    isCounted: true,
    load: async () => (await import("./suites/memory.ts")).memory,
  },
  {
    name: "many",
    title: "Many connections at one server process",
    seconds: 10,
    isCounted: true,
    load: async () => (await import("./suites/many.ts")).many,
  },
  {
    name: "primitives",
    title: "Each operation of cryptography by itself",
    seconds: 8,
    load: async () => (await import("./suites/primitives.ts")).primitives,
  },
  {
    name: "handshake",
    title: "Handshakes in memory, both ends, chain verified",
    seconds: 8,
    load: async () => (await import("./suites/handshake.ts")).handshakes,
  },
  {
    name: "record",
    title: "One record of application data through write() and receive()",
    seconds: 4,
    load: async () => (await import("./suites/record.ts")).records,
  },
  {
    name: "simulation",
    title: "Handshakes over networks in virtual time",
    seconds: 8,
    isCounted: true,
    load: async () => (await import("./suites/simulation.ts")).simulation,
  },
  {
    name: "captures",
    title: "Reading a capture file, with and without its secrets",
    seconds: 4,
    load: async () => (await import("./suites/captures.ts")).captures,
  },
  {
    name: "chains",
    title: "Reading and verifying a server's chain, new and seen before",
    seconds: 3,
    load: async () => (await import("./suites/chains.ts")).chains,
  },
];
