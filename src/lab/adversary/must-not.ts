/** What a mutated handshake must never come to. */
import type { Connection } from "../../connection/index.ts";
import { messages } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { concat, equal } from "../../wire/index.ts";
import { messageOf } from "./conversation.ts";
import type { OnPath } from "./on-path.ts";
import { brokenRule } from "./records.ts";
import { endsOf } from "./scenario.ts";
import { endsOfHandshake, type Handshake, kindOf } from "./settings.ts";
import type { Step, Unit } from "./step.ts";

export type Ends = Readonly<Record<Role, Connection>>;

/** A handshake, and what somebody between its ends has. */
type Setting = Handshake & { readonly keys: "none" | "traffic" };

const ours = ["internal", "misuse"];

/** The kind, a colon, and what it is; `undefined` if all is well. */
export function problemOf(
  ends: Ends,
  onPath: OnPath,
  setting: Setting,
  steps: readonly Step[],
): string | undefined {
  for (const role of endsOf) {
    const problem = untypedError(role, ends[role]);
    if (problem !== undefined) return problem;
  }
  return (
    acceptedServer(ends, setting) ??
    acceptedDifference(ends, onPath, setting) ??
    acceptedRecord(ends, setting, steps) ??
    acceptedData(ends, setting)
  );
}

/** A client that opened with a server that nobody should trust. */
export function acceptedServer({ client }: Ends, handshake: Handshake): string | undefined {
  if (!kindOf(handshake).refused || client.negotiated === undefined) return undefined;
  return `accepted: a server that is not to be trusted: ${handshake.kind}`;
}

/** Who is given what no record may be ends the connection, whatever it waits for. */
function acceptedRecord(
  ends: Ends,
  handshake: Handshake,
  steps: readonly Step[],
): string | undefined {
  const { client, server } = endsOfHandshake(handshake);
  const isLastThere = ({ from, on, nth }: Step, index: number) =>
    // What stands beside a unit goes where another step takes its place
    !steps
      .slice(index + 1)
      .some((each) => each.from === from && each.on === on && each.nth === nth);
  for (const { from, on, before = [], after = [], instead = [] } of steps.filter(isLastThere)) {
    const to = otherRole(from);
    // Nobody looks at what comes behind the end, nor a server at what it skips of a first flight
    const mayLookAway =
      on === "alert" ||
      client.close ||
      (to === "server" && (server.earlyData !== undefined || client.presentEarly));
    if (mayLookAway || ends[to].negotiated === undefined || ends[to].error !== undefined) continue;
    const [rule] = [...before, ...after, ...instead].flatMap((each) => brokenRule(each) ?? []);
    if (rule !== undefined)
      return `accepted: the ${to} goes on after ${rule.what} (${rule.section})`;
  }
  return undefined;
}

/** An error that no peer can be the cause of. */
export function untypedError(role: Role, { error }: Connection): string | undefined {
  const isTyped = error === undefined || (error instanceof TlsError && !ours.includes(error.code));
  return isTyped ? undefined : `untyped error: the ${role}: ${error.message}`;
}

/**
 * An end that opened has been given what the other sent, up to the Finished that it believed, and the
 * other its hellos (RFC 9846 §4.5.3). What comes behind is another matter.
 */
function acceptedDifference(ends: Ends, onPath: OnPath, setting: Handshake): string | undefined {
  const isHello = ({ name }: Unit) => name === "client_hello";
  const isFinished = ({ from, name }: Unit) => from === "client" && name === "finished";
  const { client } = endsOfHandshake(setting);
  // What a client says with its first flight is skipped behind a retry, whatever it is
  if (setting.retry && (client.earlyData !== undefined || client.presentEarly)) return undefined;
  const at = onPath.units.findIndex(isFinished);
  const covered = at < 0 ? onPath.units : onPath.units.slice(0, at + 1);
  const isGiven = (from: Role, units: readonly Unit[], isLast = isLastOfFlight): boolean =>
    beginsWith(onPath.deliveredTo(otherRole(from)), flightOf(from, units, isLast));
  if (ends.client.negotiated !== undefined) {
    const isSame = isGiven("server", onPath.units) && isGiven("client", onPath.units, isHello);
    if (!isSame) return "accepted: the client opened, and the messages are not the same";
  }
  if (ends.server.negotiated !== undefined) {
    // By AuthKEM the server's Finished is behind the client's
    const isSame = isGiven("client", covered) && isGiven("server", covered);
    if (!isSame) return "accepted: the server opened, and the messages are not the same";
  }
  return undefined;
}

const isLastOfFlight = ({ name }: Unit) => name === "finished" || name.endsWith("_hello");

/** What an end sent up to its first Finished, or up to its last hello where it came no further. */
function flightOf(role: Role, units: readonly Unit[], isLast: (unit: Unit) => boolean): Uint8Array {
  const sent = units.filter(({ from, name }) => from === role && name in messages);
  const finished = sent.findIndex(({ name }) => name === "finished");
  const upTo = finished < 0 ? sent : sent.slice(0, finished + 1);
  return concat(...upTo.slice(0, upTo.findLastIndex(isLast) + 1).map(({ raw }) => raw));
}

/** Without the keys nobody can say another thing than the other end said (RFC 9846 §5.2). */
function acceptedData(ends: Ends, setting: Setting): string | undefined {
  const plans = endsOfHandshake(setting);
  for (const role of setting.keys === "none" ? endsOf : []) {
    const sender = otherRole(role);
    const { records = 1, earlyData } = plans[sender];
    const times = records + (earlyData !== undefined ? 1 : 0);
    const whole = Array.from({ length: times }, () => messageOf[sender]);
    const data = ends[role]
      .takeEvents()
      .flatMap((event) => (event.type === "data" ? [event.data] : []));
    if (!beginsWith(concat(...whole), concat(...data))) {
      return `accepted: the ${role} was given data that the other end did not send`;
    }
  }
  return undefined;
}

const beginsWith = (whole: Uint8Array, begin: Uint8Array): boolean =>
  equal(whole.subarray(0, begin.length), begin);
