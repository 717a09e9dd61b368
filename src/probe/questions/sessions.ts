import { randomBytes } from "node:crypto";
import type { ClientOptions } from "../../connection/index.ts";
import { createNoble, seededRandom } from "../../crypto/index.ts";
import type { OfferedPsk } from "../../handshake/index.ts";
import { isPostQuantum } from "../../groups/index.ts";
import type { Asker } from "../asker.ts";
import type { ServerFacts, SessionFacts } from "../facts.ts";
import { question, unlessGroups } from "../question.ts";
import { bestGroup, ordinaryOffer } from "./ordinary.ts";

/** Milliseconds in which tickets come after a handshake. */
const ticketTime = 300;

/** What a session is worth when it is resumed. No application data is sent, early or late. */
export const sessions = question({
  name: "sessions",
  title: "tickets, and what a resumed session keeps",
  unless: unlessGroups,
  async ask(asker, known): Promise<SessionFacts> {
    const { sessions: tickets } = await asker.handshake(ordinaryOffer(known), {
      linger: ticketTime,
    });
    const [first] = tickets;
    if (first === undefined) return { tickets: 0, resumed: false };
    const again = await resume(asker, known, first);
    const origin = first.origin;
    const keeps = isPostQuantum(bestGroup(known))
      ? { keepsHybrid: again.negotiated?.postQuantum === true }
      : {};
    const resumed = again.negotiated?.resumed === true;
    return {
      tickets: tickets.length,
      lifetime: origin?.lifetime ?? 0,
      maxEarlyData: origin?.maxEarlyData ?? 0,
      resumed,
      from: origin?.group ?? null,
      ...(resumed ? { group: again.negotiated?.group ?? null, ...keeps } : {}),
      ...(resumed ? await more(asker, known, tickets) : {}),
    };
  },
});

const resume = (
  asker: Asker,
  known: ServerFacts,
  session: OfferedPsk,
  further: Partial<ClientOptions> = {},
) => asker.handshake({ ...ordinaryOffer(known), psks: [session], ...further });

/** A ticket that was used may be used up, so each question takes the next. */
async function more(
  asker: Asker,
  known: ServerFacts,
  tickets: readonly OfferedPsk[],
): Promise<Partial<SessionFacts>> {
  const fresh = async (): Promise<OfferedPsk | undefined> => {
    const { sessions: made } = await asker.handshake(ordinaryOffer(known), {
      linger: ticketTime,
      until: (_, all) => all.length > 0,
    });
    return made[0];
  };
  const second = tickets[1] ?? (await fresh());
  if (second === undefined) return {};
  const alone = await resume(asker, known, second, { allowPskOnly: true });
  const { negotiated } = alone;
  const pskOnly = negotiated?.resumed === true && negotiated.group === undefined;
  if ((second.origin?.maxEarlyData ?? 0) === 0) return { pskOnly };
  const third = await fresh();
  if (third === undefined) return { pskOnly };
  // From one seed at one time comes the same flight, byte by byte: that is what an attacker sends again
  const [seed, now] = [randomBytes(16).toString("hex"), Date.now()];
  const replayable = (): Partial<ClientOptions> => ({
    earlyData: "safe-to-replay",
    provider: createNoble({ random: seededRandom(seed) }),
    now: () => now,
  });
  const once = await resume(asker, known, third, replayable());
  const twice = await resume(asker, known, third, replayable());
  return {
    pskOnly,
    earlyData: once.negotiated?.earlyData ?? "failed",
    earlyDataAgain: twice.negotiated?.earlyData ?? "failed",
  };
}
