import { otherRole, type Role } from "../../schedule/index.ts";
import { concatAll, equal } from "../../wire/index.ts";
import { sentIn, type Trace, type TraceEvent } from "./trace.ts";

/** A trace as one place saw it: each transfer once. */
export interface TraceView extends Trace {
  readonly place: "between the ends" | "at the client" | "at the server";
}

/**
 * One view, if what each end was given is what the other sent, as far as it had arrived; else one of each end that has
 * a tap.
 */
export function viewsOf({ events, keyLog }: Trace): TraceView[] {
  const passed = (end: Role, direction: TraceEvent["direction"]): Uint8Array =>
    concatAll(
      events.flatMap((event) =>
        event.kind === "bytes" && event.end === end && event.direction === direction
          ? [event.bytes]
          : [],
      ),
    );
  const ends = roles.filter((role) => events.some(({ end }) => end === role));
  const isHonest = roles.every((role) => {
    const received = passed(otherRole(role), "received");
    return equal(received, passed(role, "sent").subarray(0, received.length));
  });
  if (ends.length < 2 || isHonest) {
    return [{ place: "between the ends", keyLog, events: sentIn(events) }];
  }
  return ends.map((end) => ({
    place: `at the ${end}`,
    keyLog: keyLog.filter((entry) => entry.end === end),
    events: events.filter((event) => event.end === end),
  }));
}

const roles: readonly Role[] = ["client", "server"];
