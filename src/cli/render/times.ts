import type { Ledger, Role } from "../../lab.ts";
import { style } from "../style.ts";
import { pad } from "./pad.ts";

const nameWidth = 28;
const timeWidth = 10;

type Times = Record<Role, number>;
interface Row {
  readonly name: string;
  readonly backends: Set<string>;
  readonly times: Times;
}

/** Where the time of a measured handshake went, in milliseconds; nothing for one that was not. */
export function renderTimes({ milliseconds, operations }: Ledger): string {
  if (milliseconds === null || operations === null) return "";
  const rows = new Map<string, Row>();
  const engine: Times = { ...milliseconds };
  for (const role of ["client", "server"] as const) {
    for (const { slot, operation, backend, milliseconds: time } of operations[role]) {
      const name = nameOf(slot, operation);
      const row = rows.get(name) ?? { name, backends: new Set(), times: { client: 0, server: 0 } };
      rows.set(name, row);
      row.backends.add(backend);
      row.times[role] += time;
      engine[role] -= time;
    }
  }
  const inOrder = [...rows.values()].toSorted((a, b) => rankOf(a.name) - rankOf(b.name));
  const measured = inOrder.map(({ name, backends, times }) =>
    line(`   ${name}`, times, [...backends].join(", ")),
  );
  return [
    style(
      "dim",
      `${pad("wall milliseconds, warm", nameWidth)}${pad("client", -timeWidth)}${pad("server", -timeWidth)}`,
    ),
    ...measured,
    line("   the rest", engine, "the engine itself"),
    style("bold", line("in all", milliseconds, "")),
  ].join("\n");
}

const manyCalls = ["hashes and HMAC", "AEAD", "random"];

/** KEMs and signatures stand alone; what is called dozens of times is summed up. */
function nameOf(slot: string, operation: string): string {
  const [kind = "", algorithm = ""] = slot.split(" ");
  if (kind === "hash") return "hashes and HMAC";
  if (kind === "aead") return "AEAD";
  if (kind === "kem") return `${algorithm} ${operation}`;
  // Importing a key is part of using it
  if (kind === "signature")
    return `${algorithm} ${operation.startsWith("sign") ? "sign" : "verify"}`;
  return kind;
}

/** Asymmetric cryptography first: it costs most. */
const rankOf = (name: string): number => (manyCalls.includes(name) ? 1 : 0);

function line(name: string, { client, server }: Times, detail: string): string {
  return `${pad(name, nameWidth)}${time(client)}${time(server)}  ${style("dim", detail)}`.trimEnd();
}

const time = (milliseconds: number): string =>
  pad(milliseconds === 0 ? "" : milliseconds.toFixed(2), -timeWidth);
