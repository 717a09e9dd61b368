/**
 * Two network namespaces with a path between them. A namespace belongs to the process that was started in it, and the
 * devices to the namespace: when the processes end, nothing is left.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { platform } from "node:os";
import { otherRole, type Role } from "../../schedule/index.ts";

/** IPv4 and TCP with timestamps, in bytes. */
const headers = 52;

/** Of all that is measured on it. */
export interface PathOptions {
  readonly mss: number;
  readonly initialWindow: Readonly<Record<Role, number>>;
  /** Acknowledges at once, always. */
  readonly quickAcks: boolean;
  readonly congestionControl: string;
}

/**
 * Addresses for measurements (RFC 2544 §C.2.2). Every connection has one of its own, so that the kernel remembers
 * nothing of those before it.
 */
export const networks = { client: "198.18.0.0/16", server: "198.19.0.0/17" } as const;
export const serverAddress = "198.19.0.1";
export const clientAddress = (connection: number): string =>
  `198.18.${1 + (Math.floor(connection / 250) % 250)}.${1 + (connection % 250)}`;

/** The addresses of a pair of devices: one in the relay's namespace, and one in the end's. */
export interface Carrier {
  readonly relay: string;
  readonly end: string;
}

/** What carries the tunnels of the two ends. Two programs on one machine hardly have the same. */
export function carriersOf(pid: number): Readonly<Record<Role, Carrier>> {
  const first = (pid % 4096) * 8;
  const address = (at: number): string =>
    `198.19.${128 + ((first + at) >> 8)}.${(first + at) & 0xff}`;
  return {
    client: { relay: address(1), end: address(2) },
    server: { relay: address(5), end: address(6) },
  };
}
/** VXLAN's (RFC 7348 §5). */
export const tunnelPort = 4789;

const hosts = { client: "198.18.0.1", server: serverAddress } as const;
const hardware = { client: "02:6b:65:6d:00:01", server: "02:6b:65:6d:00:02" } as const;
const device = "kemistry";

/** Why there can be no such path on this machine; undefined: there can. */
export function whyNoPath(): string | undefined {
  if (platform() !== "linux") return `it needs Linux, and this is ${platform()}`;
  if (process.getuid?.() !== 0) return "it needs root: network namespaces and their devices";
  for (const [program, ...rest] of [
    ["ip", "-V"],
    ["nsenter", "-V"],
    ["unshare", "-V"],
  ] as const) {
    if (spawnSync(program, rest).status !== 0) return `it needs the program ${program}`;
  }
  const probe = `kem${process.pid}`;
  const made = spawnSync("ip", ["link", "add", probe, "type", "vxlan", "id", "1", "dstport", "0"], {
    encoding: "utf8",
  });
  spawnSync("ip", ["link", "del", probe]);
  if (made.status === 0) return undefined;
  return `the kernel gives no VXLAN device: ${made.stderr.trim()}`;
}

/** @throws Error with the command that failed, and what it said */
function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")}: ${(error?.message ?? stderr).trim()}`);
}

/** Gives the namespace of a process its devices, which send to the relay. The names end with that process. */
export function addDevices(role: Role, pid: number, { relay, end }: Carrier): void {
  const inside = insideOf(pid);
  const carrier = carrierOf(pid);
  run("ip", "link", "add", carrier, "type", "veth", "peer", "name", "under", "netns", `${pid}`);
  run("ip", "addr", "add", `${relay}/30`, "dev", carrier);
  run("ip", "link", "set", carrier, "mtu", "65535", "up");
  inside("link", "set", "lo", "up");
  inside("addr", "add", `${end}/30`, "dev", "under");
  inside("link", "set", "under", "mtu", "65535", "up");
  const tunnel = ["id", "7", "remote", relay, "dstport", `${tunnelPort}`];
  inside("link", "add", device, "address", hardware[role], "type", "vxlan", ...tunnel);
  inside("addr", "add", `${hosts[role]}/32`, "dev", device);
  // What the kernel hands down is then one segment, and what the relay sees is what it handed down
  inside("link", "set", device, "gso_max_segs", "1", "up");
  // All addresses of the network are its own
  inside("route", "add", "local", networks[role], "dev", "lo");
  const other = otherRole(role);
  inside("neigh", "add", hosts[other], "lladdr", hardware[other], "dev", device);
}

/** At once; with the namespace they would go too, a moment later. */
export const removeDevices = (pid: number): void => {
  spawnSync("ip", ["link", "del", carrierOf(pid)]);
};

const carrierOf = (pid: number): string => `kem${pid}`;

const insideOf =
  (pid: number) =>
  (...args: readonly string[]): string =>
    run("nsenter", "-t", `${pid}`, "-n", "ip", ...args);

/** What holds for connections from now on. */
export function setPath(role: Role, pid: number, options: PathOptions): void {
  const inside = insideOf(pid);
  const other = otherRole(role);
  inside("link", "set", device, "mtu", `${options.mss + headers}`);
  const to = ["via", hosts[other], "dev", device, "onlink", "src", hosts[role]];
  const how = ["initcwnd", `${options.initialWindow[role]}`, "congctl", "lock"];
  const quickly = options.quickAcks ? ["quickack", "1"] : [];
  inside("route", "replace", networks[other], ...to, ...quickly, ...how, options.congestionControl);
}

/** Whether this kernel has it. */
export const hasCongestionControl = (name: string): boolean =>
  existsSync(`/proc/sys/net/ipv4/tcp_congestion_control`) &&
  run("cat", "/proc/sys/net/ipv4/tcp_available_congestion_control").split(/\s+/).includes(name);
