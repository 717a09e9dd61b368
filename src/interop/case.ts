/** A test of interoperability as data: what both ends are asked to do, what stands between them, what must be seen. */
import type { Step } from "../lab/adversary/step.ts";
import type { EndSetup } from "../peers/setup.ts";
import type { AlertName } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";
import type { SeenFacts } from "./facts.ts";

export interface InteropCase {
  /** In kebab case. */
  readonly name: string;
  /** Cases of one family stand in one table. */
  readonly family: Family;
  /** What happens, in one sentence. */
  readonly does: string;
  /** Where the standard says what has to happen. */
  readonly section: string;
  readonly both?: EndSetup;
  readonly client?: EndSetup;
  readonly server?: EndSetup;
  /** How bytes are carried. Default: as they come. */
  readonly carried?: Carriage;
  /** What an attacker between the two does to the first connection. */
  readonly steps?: readonly Step[];
  /** What each end says. Default: a line. */
  readonly says?: "a line" | "10 MB";
  /** How it ends. Default: the client closes. */
  readonly ends?: "client closes" | "client half-closes";
  readonly expect: Expected;
  /** There is a second connection, which must come out so. */
  readonly second?: Expected;
}

export const families = [
  "groups",
  "retries",
  "resumption",
  "authentication",
  "extensions",
  "after the handshake",
  "on the wire",
  "wrong shares",
  "downgrades",
] as const;
export type Family = (typeof families)[number];

export const carriages = [
  "byte by byte",
  "hello in two segments",
  "hello in three segments",
] as const;
export type Carriage = (typeof carriages)[number];

/** What must be seen of a connection; what is absent is not asked. */
export interface Expected extends Partial<Omit<SeenFacts, "serverSignature">> {
  /** One of these. */
  readonly serverSignature?: readonly string[];
  /** It fails, by an alert of this end: one of these. */
  readonly refusedBy?: { readonly end: Role; readonly alerts: readonly AlertName[] };
  /** It must not open, whoever notices. */
  readonly neverOpens?: true;
}

/** What an end of a case is asked for. */
export function setupOf({ both, client, server }: InteropCase, role: Role): EndSetup {
  return { ...both, ...(role === "client" ? client : server) };
}
