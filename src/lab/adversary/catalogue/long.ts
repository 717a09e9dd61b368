import type { AttackScenario } from "../scenario.ts";
import type { Step } from "../step.ts";
import { byClient, having } from "./expectations.ts";

const family = "records";
/** Records of the server before its data: EncryptedExtensions and the rest of its flight, in one. */
const before = 1;

/** What is done to a record of the server's data, by its number from 0; so many arrived. */
const at = (
  name: string,
  does: string,
  turn: number,
  record: number,
  action: Omit<Step, "from" | "on">,
): AttackScenario => ({
  name: `${name}-after-${turn}`,
  family,
  does: `${does}, number ${record} of its keys`,
  section: "RFC 9846 §5.3",
  server: { records: turn + 4 },
  steps: [{ from: "server", on: "sealed", nth: before + record + 1, ...action }],
  expect: having({ server: 1 }, byClient("bad_record_mac")),
});

const nth = (record: number) =>
  ({ from: "server", on: "sealed", nth: before + record + 1 }) as const;

/** Where a counter of one or of two bytes would begin again. */
const inBoth = (turn: number): AttackScenario[] => [
  at("flip-record", "Changes a bit of a record", turn, turn, { flip: { byte: 9 } }),
  at("old-record", "Sends the first record once more", turn, turn, { instead: [{ seen: nth(0) }] }),
];

export const long: readonly AttackScenario[] = [
  ...inBoth(2 ** 8),
  at("drop-record", "Drops a record", 2 ** 8, 2 ** 8 - 1, { drop: true }),
  at("replay-record", "Delivers a record two times", 2 ** 8, 2 ** 8 - 1, { duplicate: 1 }),
  at("swap-records", "Swaps two records", 2 ** 8, 2 ** 8 - 1, { hold: 1 }),
  ...inBoth(2 ** 16),
];
