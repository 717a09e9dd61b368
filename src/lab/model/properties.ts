/** What must hold after every step, said of what really happened and not of what an end remembers. */
import type { PolicyName } from "../../policy/index.ts";
import type { Move } from "./moves.ts";
import type { Outcome, World } from "./world.ts";

export interface Property {
  readonly name: string;
  readonly says: string;
  /** In words, what is wrong. */
  broken(step: Taken, policy: PolicyName): string | undefined;
}

export interface Taken {
  readonly before: World;
  readonly move: Move;
  readonly after: World;
  /** The last connection of the step. */
  readonly outcome: Outcome;
}

const hour = 60 * 60 * 1000;
const isHybrid = (group: string | undefined): boolean => group === "X25519MLKEM768";

export const properties: readonly Property[] = [
  {
    name: "no silent fallback",
    says: "A client that offered a hybrid within the last hour, and opens without one, has a finding.",
    broken({ before, after, outcome: { client } }) {
      const offered = [...before.sent, ...after.sent].some(
        ({ at, offer }) => offer !== "classical" && after.now - at < hour,
      );
      if (!client.isOpen || isHybrid(client.group) || !offered || client.findings.length > 0) {
        return undefined;
      }
      return `the client opened with ${client.group} and has no finding`;
    },
  },
  {
    name: "a policy is kept",
    says: "With require-post-quantum no connection opens without a hybrid.",
    broken({ outcome: { client } }, policy) {
      if (policy !== "require-post-quantum" || !client.isOpen || isHybrid(client.group)) {
        return undefined;
      }
      return `the client opened with ${client.group}`;
    },
  },
  {
    name: "the server is who it is",
    says: "A client that opens shares its secrets with the server whose name it wanted (injective on this step).",
    broken({ outcome: { client, server } }) {
      if (!client.isOpen || client.exporter === server.exporter) return undefined;
      return "the client opened, and the server of that name has no such secret";
    },
  },
  {
    name: "the ends agree",
    says: "Two ends that are open have the same group, suite and secrets.",
    broken({ outcome: { client, server } }) {
      if (!client.isOpen || !server.isOpen) return undefined;
      const parts = ["group", "suite", "exporter"] as const;
      const different = parts.filter((part) => client[part] !== server[part]);
      return different.length === 0 ? undefined : `they differ in ${different.join(", ")}`;
    },
  },
  {
    name: "early data once",
    says: "What the client sends as early data reaches the server's application at most once.",
    broken({ outcome: { earlyData } }) {
      return earlyData > 1 ? `it arrived ${earlyData} times` : undefined;
    },
  },
  {
    name: "nothing without an attack",
    says: "Where nobody interferes the connection opens, unless the policy refuses it.",
    broken({ move, outcome: { client, server } }, policy) {
      const isRefused = policy === "require-post-quantum" && move.offer === "classical";
      if (move.attack.kind !== "none" || isRefused || (client.isOpen && server.isOpen)) {
        return undefined;
      }
      return `the client: ${client.error ?? "waits"}; the server: ${server.error ?? "waits"}`;
    },
  },
];
