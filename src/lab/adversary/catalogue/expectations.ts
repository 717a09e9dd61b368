import type { Role } from "../../../schedule/index.ts";
import { type Agreement, type Expectation, endsOf } from "../scenario.ts";

/** The server refuses with that code, and the client is told. */
export const byServer = (code: string, alert = code): Expectation => ({
  server: code,
  client: `told ${alert}`,
});

/** The client refuses with that code, and the server is told. */
export const byClient = (code: string, alert = code): Expectation => ({
  client: code,
  server: `told ${alert}`,
});

/** Both open, and agree on what is usual but for this. */
export const opened = (
  agreed: Partial<Agreement> = {},
  ...findings: NonNullable<Expectation["findings"]>
): Expectation => ({ client: "open", server: "open", agreed, findings });

/** A signature, a Finished, a binder or a key of the handshake is wrong, which is a finding. */
export const tampered = (expected: Expectation): Expectation => ({
  ...expected,
  findings: ["tampered"],
});

/** The two transcripts differ, and so do the keys. */
export const noticed: Expectation = tampered({
  client: "bad_record_mac",
  server: "bad_record_mac",
});

/** Data arrived before it ended: how often at which end. */
export function having(
  data: Readonly<Partial<Record<Role, number>>>,
  expected: Expectation,
): Expectation {
  const ends = endsOf.map((role) => {
    const end = expected[role];
    const full = typeof end === "string" ? { outcome: end } : end;
    return [role, data[role] === undefined ? full : { ...full, data: data[role] }];
  });
  return { ...expected, ...(Object.fromEntries(ends) as Pick<Expectation, Role>) };
}
