/** What a mutated handshake must never come to. */
import type { Connection } from "../../connection/index.ts";
import { messages } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { concat, equal } from "../../wire/index.ts";
import { messageOf } from "./conversation.ts";
import type { OnPath } from "./on-path.ts";
import { endsOf } from "./scenario.ts";
import type { Unit } from "./step.ts";

export type Ends = Readonly<Record<Role, Connection>>;

const ours = ["internal", "misuse"];

/** The kind, a colon, and what it is; `undefined` if all is well. */
export function problemOf(
  ends: Ends,
  onPath: OnPath,
  setting: { readonly keys: "none" | "traffic" },
): string | undefined {
  for (const role of endsOf) {
    const problem = untypedError(role, ends[role]);
    if (problem !== undefined) return problem;
  }
  return acceptedDifference(ends, onPath) ?? acceptedData(ends, setting);
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
function acceptedDifference(ends: Ends, onPath: OnPath): string | undefined {
  const sentBy = (role: Role, upTo: (unit: Unit) => boolean): Uint8Array => {
    const sent = onPath.units.filter(({ from, name }) => from === role && name in messages);
    const last = sent.findLastIndex(upTo);
    return concat(...sent.slice(0, last + 1).map(({ raw }) => raw));
  };
  const isHello = ({ name }: Unit) => name === "client_hello";
  const isLast = ({ name }: Unit) => name === "finished" || name.endsWith("_hello");
  const serverFlight = sentBy("server", isLast);
  if (ends.client.negotiated !== undefined) {
    const isSame =
      beginsWith(onPath.deliveredTo("client"), serverFlight) &&
      beginsWith(onPath.deliveredTo("server"), sentBy("client", isHello));
    if (!isSame) return "accepted: the client opened, and the messages are not the same";
  }
  if (ends.server.negotiated !== undefined) {
    const isSame =
      beginsWith(onPath.deliveredTo("server"), sentBy("client", isLast)) &&
      beginsWith(onPath.deliveredTo("client"), serverFlight);
    if (!isSame) return "accepted: the server opened, and the messages are not the same";
  }
  return undefined;
}

/** Without the keys nobody can say another thing than the other end said (RFC 9846 §5.2). */
function acceptedData(
  ends: Ends,
  { keys }: { readonly keys: "none" | "traffic" },
): string | undefined {
  for (const role of keys === "none" ? endsOf : []) {
    const data = ends[role]
      .takeEvents()
      .flatMap((event) => (event.type === "data" ? [event.data] : []));
    if (!beginsWith(messageOf[otherRole(role)], concat(...data))) {
      return `accepted: the ${role} was given data that the other end did not send`;
    }
  }
  return undefined;
}

const beginsWith = (whole: Uint8Array, begin: Uint8Array): boolean =>
  equal(whole.subarray(0, begin.length), begin);
