import { groups, native, schemes } from "../../src/node.ts";
import { ledgerOf, runHandshake, setUp } from "../../src/lab.ts";
import { type Mode, modes, scenarioOf } from "../modes.ts";
import type { Figure } from "../results.ts";
import { onlyFigures, type Suite } from "../suite.ts";

interface Point {
  readonly group: string;
  readonly signature: string;
  readonly mode: Mode;
}

/** How many bytes go over the wire: exact, and the same on all machines. Providers do not matter. */
export const size: Suite = {
  async run({ options, wants, progress, signal }) {
    const all = options.profile === "full" ? product() : cross();
    const points = all.filter((point) => wants({ name: nameOf(point), dimensions: { ...point } }));
    const figures: Figure[] = [];
    for (const [at, point] of points.entries()) {
      figures.push(...figuresOf(point));
      progress((at + 1) / points.length);
      // A signal gets its turn
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) break;
    }
    return onlyFigures(figures, [
      "bytes of flights are those on the wire, record headers included, TCP and IP not; of messages, their own, with their headers",
      "one certificate in a chain, by a CA that is not sent; an ECDSA signature has a byte or two more or less each time",
    ]);
  },
};

const middle = { group: "X25519MLKEM768", signature: "ecdsa_secp256r1_sha256" };
const classical = "x25519";

const signatures = schemes.filter(({ inHandshake }) => inHandshake).map(({ name }) => name);

/** All groups and all signatures, one by one, and the modes of a hybrid and a classical group. */
function cross(): Point[] {
  const points: Point[] = [
    ...groups.map(({ name }): Point => ({ ...middle, group: name, mode: "full" })),
    ...signatures.map((signature): Point => ({ ...middle, signature, mode: "full" })),
    ...[middle.group, classical].flatMap((group) =>
      modes.map((mode): Point => ({ ...middle, group, mode })),
    ),
  ];
  return [...new Map(points.map((point) => [nameOf(point), point])).values()];
}

const product = (): Point[] =>
  groups.flatMap(({ name: group }) =>
    signatures.flatMap((signature) => modes.map((mode) => ({ group, signature, mode }))),
  );

const nameOf = ({ group, signature, mode }: Point): string => `${group}, ${signature}, ${mode}`;

function figuresOf(point: Point): Figure[] {
  const run = runHandshake(
    setUp({
      provider: native,
      group: point.group,
      scheme: point.signature,
      ...scenarioOf[point.mode],
    }),
  );
  if (run.error !== undefined) throw run.error;
  const { flights, totals } = ledgerOf(run);
  const figure = (what: string, value: number, more: Record<string, string>): Figure => ({
    name: `${nameOf(point)}: ${what}`,
    dimensions: { ...point, ...more },
    value,
    unit: "B",
  });
  return [
    ...flights.flatMap(({ number, from, bytes, messages }) => {
      const flight = { flight: String(number), role: from };
      return [
        figure(`flight ${number}, ${from}`, bytes, flight),
        ...messages.map((message) =>
          figure(`flight ${number}, ${message.type}`, message.bytes, {
            ...flight,
            message: message.type,
          }),
        ),
      ];
    }),
    figure("both ends", totals.both.bytes, { role: "both" }),
  ];
}
