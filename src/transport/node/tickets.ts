import type { Provider } from "../../crypto/index.ts";
import {
  sealedTickets,
  TicketKeys,
  type TicketOptions,
  ticketTable,
  type Tickets,
} from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";

/** How tickets are sealed by keys that change in time. */
export interface RotatingTicketOptions extends TicketOptions {
  /** Seconds for which one key seals. Default: 12 hours. */
  readonly rotateAfter?: number;
  /** Keys that still open, the one that seals included. Default: 3. */
  readonly keptKeys?: number;
}

export const rotatingTicketTable = {
  ...ticketTable,
  rotateAfter: check.number(1, Infinity, " seconds"),
  keptKeys: check.whole(1),
} satisfies check.OptionTable<RotatingTicketOptions>;

/**
 * Sealed tickets under keys of this process alone, which change as time goes by. There is no timer: the
 * first ticket after the time has come brings the new key.
 *
 * @param elapsed milliseconds of a clock that is never set. Default: the process's own; what the system's
 *   clock says does not matter
 * @throws RangeError if tickets would outlive the keys that open them
 */
export function rotatingTickets(
  provider: Provider,
  options: RotatingTicketOptions = {},
  elapsed: () => number = () => performance.now(),
): Tickets {
  check.checkOptions("rotatingTickets", options, rotatingTicketTable);
  const { rotateAfter = 43_200, keptKeys = 3, ...terms } = options;
  const keys = new TicketKeys(provider, keptKeys);
  const tickets = sealedTickets(keys, terms);
  if (!(rotateAfter * (keptKeys - 1) >= tickets.lifetime)) {
    throw new RangeError(
      `${keptKeys} keys of ${rotateAfter} seconds do not open tickets of ${tickets.lifetime} seconds`,
    );
  }
  const period = rotateAfter * 1000;
  let began = elapsed();
  const rotate = (): void => {
    const due = Math.floor((elapsed() - began) / period);
    if (due < 1) return;
    began += due * period;
    for (let i = Math.min(due, keptKeys); i > 0; i--) keys.rotate();
  };
  return {
    ...tickets,
    issue(psk) {
      rotate();
      return tickets.issue(psk);
    },
    redeem(ticket) {
      rotate();
      return tickets.redeem(ticket);
    },
  };
}
