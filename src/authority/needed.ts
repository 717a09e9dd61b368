/** What of a journal is still needed, once what has ended is gone: who reads only that knows what counts. */
import type { Audited, Line } from "./lines.ts";
import { Records } from "./records.ts";

/**
 * Of lines that a journal begins with those that say what there still is: certificates that are kept, with their
 * revocations, so that compromised keys stay blocked; registrations and successions; the last numbers of lists;
 * admissions that have not ended, or whose certificate is kept.
 */
export function needed<L extends Audited>(lines: readonly L[]): readonly L[] {
  const records = new Records();
  for (const { event } of lines) records.apply(event);
  const now = lines.at(-1)?.when ?? "";
  const pending = new Set(records.pending.map(({ serial }) => serial));
  const isKept = (serial: string): boolean =>
    pending.has(serial) || records.find(serial) !== undefined;

  /** Whoever it has let in needs it no more. */
  const isOpen = (id: string): boolean => {
    const { until = "", serial } = records.admission(id) ?? {};
    return until >= now || (serial !== undefined && isKept(serial));
  };

  const kept = (line: Line): Line | undefined => {
    switch (line.type) {
      case "issuing":
      case "issued":
        return isKept(line.serial) ? line : undefined;
      case "revoked": {
        const serials = line.serials.filter(isKept);
        return serials.length > 0 ? { ...line, serials } : undefined;
      }
      case "list": {
        const { last, complete } = records.listsOf(line.issuer);
        return line.number === last || line.number === complete?.number ? line : undefined;
      }
      case "succeeded":
        return line;
      case "registered":
        return records.registration(line.name) === line ? line : undefined;
      case "admission":
        return isOpen(line.id) ? line : undefined;
      case "admitted": {
        // Not one that came to nothing
        const { serial } = records.admission(line.admission) ?? {};
        return isOpen(line.admission) && serial === line.serial ? line : undefined;
      }
      case "void":
      case "pruned":
      case "unregistered":
      case "cutting":
      case "cut":
        return undefined;
    }
  };
  return lines.flatMap((line) => {
    const event = kept(line.event);
    return event === undefined ? [] : [{ ...line, event }];
  });
}
