import { native, noble, type Provider } from "../../src/node.ts";
import {
  experimentOf,
  NetworkMedium,
  resolveExperiment,
  runExperiment,
  studyOf,
  symmetric,
} from "../../src/lab.ts";
import { cpuTime } from "../cpu-time.ts";
import type { Figure } from "../results.ts";
import { simulatedHandshake } from "../subjects/ours.ts";
import { onlyFigures, type Suite } from "../suite.ts";

/** How many handshakes the laboratory comes to. */
export const simulation: Suite = {
  async run({ options, wants, progress, signal, budget }) {
    const wanted = measured.filter(
      ({ figure, isLong }) => wants(figure) && !(isLong === true && options.profile === "quick"),
    );
    const figures: Figure[] = [];
    for (const [at, { figure, isLong, setUp, of }] of wanted.entries()) {
      const work = setUp();
      if (work !== undefined) {
        const least = isLong === true ? 0 : (budget * 1e6) / (2 * wanted.length);
        figures.push({ ...figure, value: of(timed(work, least)) });
      }
      progress((at + 1) / wanted.length);
      // A signal gets its turn
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) break;
    }
    return onlyFigures(figures, [
      "a replayed handshake was recorded once, by the engine, and is replayed by sizes and times; recordings count",
      "a live handshake is the engine's own at both ends, with a network in virtual time between them that loses 1 % of its packets",
    ]);
  },
};

/** What was done, in so many microseconds of CPU time. */
interface Done {
  readonly handshakes: number;
  readonly cpu: number;
}

/** Warm: half of the time comes before. */
function timed(work: () => number, least: number): Done {
  const repeat = (): Done => {
    const start = cpuTime();
    let handshakes = 0;
    do handshakes += work();
    while (cpuTime() - start < least / 2);
    return { handshakes, cpu: cpuTime() - start };
  };
  if (least > 0) repeat();
  return repeat();
}

const perSecond = ({ handshakes, cpu }: Done): number => Math.round((handshakes * 1e6) / cpu);
const rows = (experiment: Parameters<typeof runExperiment>[0]): number =>
  [...runExperiment(experiment)].reduce((sum, { ms }) => sum + ms.length, 0);

interface Measured {
  readonly figure: Omit<Figure, "value">;
  /** Runs once, however long it takes, and not in a quick profile. */
  readonly isLong?: true;
  /** @returns what says how many handshakes it did; undefined: not here */
  readonly setUp: () => (() => number) | undefined;
  readonly of: (done: Done) => number;
}

const live = (provider: Provider, group: string): Measured => ({
  figure: {
    name: `live handshakes in a CPU second, ${provider.name}, ${group}`,
    dimensions: { provider: provider.name, group, mode: "full", operation: "live" },
    unit: "",
    // Of OpenSSL 3.5, which has ML-KEM
    ...(provider === native && group !== "x25519" && { goal: { atLeast: 1000 } }),
  },
  setUp: () => {
    if (group !== "x25519" && provider.kems["ML-KEM-768"] === undefined) return undefined;
    const network = symmetric({ rtt: 30, loss: { kind: "bernoulli", probability: 0.01 } });
    let seed = 0;
    const handshake = simulatedHandshake({ provider, group }, () => {
      return new NetworkMedium(network, { seed: seed++ });
    });
    return () => {
      handshake();
      return 1;
    };
  },
  of: perSecond,
});

const measured: readonly Measured[] = [
  {
    figure: {
      name: "replayed handshakes in a CPU second, mixed, with loss",
      dimensions: { operation: "replay" },
      unit: "",
      goal: { atLeast: 100_000 },
    },
    setUp: () => {
      const experiment = resolveExperiment(
        experimentOf({
          name: "mixed",
          repetitions: 2000,
          factors: {
            group: ["x25519", "X25519MLKEM768"],
            signature: ["ecdsa_secp256r1_sha256", "mldsa65", "Picnic-L1-FS"],
            rtt: [5, 100],
            loss: [0.01, 0.05, 0.2],
          },
        }),
      );
      return () => rows(experiment);
    },
    of: perSecond,
  },
  {
    figure: {
      name: "the whole study paquin2020, CPU time",
      dimensions: { operation: "study" },
      unit: "s",
      goal: { atMost: 60 },
    },
    isLong: true,
    setUp: () => {
      const experiment = resolveExperiment(studyOf("paquin2020"));
      return () => rows(experiment);
    },
    of: ({ cpu }) => cpu / 1e6,
  },
  ...[native, noble].flatMap((provider) =>
    ["x25519", "X25519MLKEM768"].map((group) => live(provider, group)),
  ),
];
