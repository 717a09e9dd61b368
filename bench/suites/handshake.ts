import {
  groups,
  isPostQuantum,
  native,
  noble,
  type Provider,
  schemes,
  suites,
} from "../../src/node.ts";
import { Account } from "../clock.ts";
import { type Candidate, Unavailable } from "../measure.ts";
import type { RunOptions } from "../results.ts";
import { type Mode, modes } from "../modes.ts";
import { accountedHandshake, type Terms } from "../subjects/ours.ts";
import { carryOut, type Comparison, type Suite } from "../suite.ts";

/** Where the matrix is cut through: one thing is another at a time. */
const middle = {
  group: "X25519MLKEM768",
  suite: "TLS_AES_128_GCM_SHA256",
  signature: "ecdsa_secp256r1_sha256",
  mode: "full",
} as const;

type Point = Readonly<Record<keyof typeof middle, string>>;

const axes: Readonly<Record<keyof Point, readonly string[]>> = {
  group: groups.map(({ name }) => name),
  suite: suites.map(({ name }) => name),
  signature: schemes.filter(({ inHandshake }) => inHandshake).map(({ name }) => name),
  mode: modes,
};

/** What a handshake costs each end, by what it is made of. */
export const handshakes: Suite = {
  async run(context) {
    const providers = [native, noble, ...(await withLiboqs(context.options))];
    const candidatesAt = (points: readonly Point[]): Candidate[] =>
      providers.flatMap((provider) => points.map((point) => candidateOf(provider, point)));
    const { profile, filter } = context.options;
    const chosen = chosenAxes(context.options);
    const few = candidatesAt(chosen === undefined ? cut() : crossed(chosen));
    // A filter may mean a point that differs from the middle in two things
    const isElsewhere = filter !== undefined && !few.some((candidate) => context.wants(candidate));
    return carryOut(
      {
        candidates:
          chosen === undefined && (profile === "full" || isElsewhere)
            ? candidatesAt(product())
            : few,
        comparisons: providers.flatMap(priceOfHybrids),
        notes: [
          `what a name does not say is ${middle.suite}, ${middle.signature}, full`,
          "chains are verified in every handshake that has any; certificates are parsed once",
          "client and server are shares of the whole; reading the clock between them belongs to neither",
        ],
      },
      context,
    );
  },
};

/** Native over liboqs where that was asked for by its name. */
async function withLiboqs({ providers }: RunOptions): Promise<Provider[]> {
  if (!providers.includes(liboqs)) return [];
  const { oqsProvider } = await import("../../src/oqs/index.ts");
  return [await oqsProvider({ base: native })];
}

/** What a provider of liboqs over Node's cryptography is called. */
const liboqs = "native with liboqs";

const isRegistered = (name: string): boolean =>
  [...groups, ...schemes].some((each) => each.name === name);

/** What names stand for: those that are registered for themselves, others for candidates of liboqs. */
async function algorithmsOf({ group, signature }: Point): Promise<Pick<Terms, "group" | "scheme">> {
  const candidates = [group, signature].filter((name) => !isRegistered(name));
  if (candidates.length === 0) return { group, scheme: signature };
  const { loadOqs } = await import("../../src/oqs/index.ts");
  const oqs = await loadOqs(candidates);
  return {
    group: oqs.groups.find(({ name }) => name === group) ?? group,
    scheme: oqs.schemes.find(({ name }) => name === signature) ?? signature,
  };
}

/** What the user chose by name; undefined: nothing but groups that are registered, if that. */
function chosenAxes({
  groups: group,
  signatures: signature,
  cipherSuites: suite,
  modes: mode,
}: RunOptions): Partial<typeof axes> | undefined {
  const isUsual = group === undefined || group.every(isRegistered);
  if (isUsual && [signature, suite, mode].every((names) => names === undefined)) return undefined;
  return {
    ...(group && { group }),
    ...(signature && { signature }),
    ...(suite && { suite }),
    ...(mode && { mode }),
  };
}

/** Everything that was chosen with everything else; where nothing was, it is the middle. */
const crossed = (chosen: Partial<typeof axes>): Point[] =>
  Object.entries(middle).reduce<Point[]>(
    (points, [axis, usual]) =>
      points.flatMap((point) =>
        (chosen[axis as keyof Point] ?? [usual]).map((value) => ({ ...point, [axis]: value })),
      ),
    [middle],
  );

/** All points that differ from the middle in one thing at most. */
function cut(): Point[] {
  const points = Object.entries(axes).flatMap(([axis, values]) =>
    values.map((value) => ({ ...middle, [axis]: value })),
  );
  return [...new Map(points.map((point) => [nameOf(point), point])).values()];
}

function product(): Point[] {
  return axes.group.flatMap((group) =>
    axes.suite.flatMap((suite) =>
      axes.signature.flatMap((signature) =>
        axes.mode
          // Nothing is signed where a session is resumed
          .filter((mode) => mode !== "resumed" || signature === middle.signature)
          .map((mode) => ({ group, suite, signature, mode })),
      ),
    ),
  );
}

/** The group, and what is not as in the middle. */
const nameOf = ({ group, ...rest }: Point): string =>
  [
    group,
    ...Object.entries(rest)
      .filter(([axis, value]) => value !== middle[axis as keyof Point])
      .map(([, value]) => value),
  ].join(", ");

function candidateOf(provider: Provider, point: Point): Candidate {
  const name = `${provider.name}, ${nameOf(point)}`;
  const dimensions = { provider: provider.name, ...point };
  return {
    name,
    dimensions: { ...dimensions, role: "both" },
    async setUp() {
      const scheme = schemes.find(({ name: each }) => each === point.signature);
      if (scheme !== undefined && provider.signatures[scheme.algorithm].signer === undefined) {
        throw new Unavailable(`${provider.name} does not sign with ${scheme.keyType} keys`);
      }
      const accounts = { client: new Account(), server: new Account() };
      const { suite, mode } = point;
      const terms = { provider, suite, ...(await algorithmsOf(point)), mode: mode as Mode };
      return {
        run: accountedHandshake(terms, accounts),
        parts: Object.entries(accounts).map(([role, { take }]) => ({
          name: `${name}, ${role}`,
          dimensions: { ...dimensions, role },
          take,
        })),
      };
    },
  };
}

/** Every hybrid against the classical group that is part of it. */
function priceOfHybrids(provider: Provider): Comparison[] {
  return groups
    .filter(({ kems }) => kems.length > 1)
    .flatMap((hybrid) => {
      const classical = groups.find(
        (group) =>
          group.kems.length === 1 &&
          group.kems.every((kem) => hybrid.kems.includes(kem)) &&
          !isPostQuantum(group),
      );
      if (classical === undefined) return [];
      const at = (group: string): string => `${provider.name}, ${nameOf({ ...middle, group })}`;
      return [
        {
          name: `${hybrid.name} ÷ ${classical.name}, ${provider.name}`,
          dimensions: { provider: provider.name, group: hybrid.name, mode: "full" },
          numerator: at(hybrid.name),
          denominator: at(classical.name),
        },
      ];
    });
}
