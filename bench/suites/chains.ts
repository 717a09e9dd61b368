import {
  CertificateCache,
  createDevelopmentCa,
  createTrustStore,
  native,
  noble,
  type Provider,
  verifyChain,
} from "../../src/node.ts";
import type { Candidate } from "../measure.ts";
import { carryOut, type Comparison, type Suite } from "../suite.ts";

/** What a chain costs when it is new, and when it was seen before: no parsing, no signature on it. */
export const chains: Suite = {
  run(context) {
    const plans = [native, noble].flatMap((provider) =>
      (["secp256r1", "ML-DSA-65"] as const).map((algorithm) => planOf(provider, algorithm)),
    );
    return carryOut(
      {
        candidates: plans.flatMap(({ candidates }) => candidates),
        comparisons: plans.map(({ comparison }) => comparison),
      },
      context,
    );
  },
};

function planOf(provider: Provider, algorithm: "secp256r1" | "ML-DSA-65") {
  const name = `${provider.name}, ${algorithm}`;
  const dimensions = { provider: provider.name, algorithm };
  const candidate = (operation: string, cacheFor: () => () => CertificateCache): Candidate => ({
    name: `${name}, ${operation}`,
    dimensions: { ...dimensions, operation },
    setUp() {
      const read = reader(provider, algorithm);
      const cache = cacheFor();
      return { run: () => read(cache()) };
    },
  });
  const comparison: Comparison = {
    name: `seen ÷ new, ${name}`,
    dimensions,
    numerator: `${name}, seen`,
    denominator: `${name}, new`,
  };
  return {
    candidates: [
      candidate("new", () => () => new CertificateCache()),
      candidate("seen", () => {
        const known = new CertificateCache();
        return () => known;
      }),
    ],
    comparison,
  };
}

function reader(provider: Provider, algorithm: "secp256r1" | "ML-DSA-65") {
  const name = "localhost";
  const ca = createDevelopmentCa({ provider: native, algorithm, now: Date.now() });
  const { chain } = ca.issue({ names: [name] });
  const trust = createTrustStore([ca.certificate]);
  return (cache: CertificateCache): void => {
    const parsed = chain.map(({ der }) => cache.parse(der, "certificate"));
    const now = Date.now();
    verifyChain({ chain: parsed, trust, usage: "server", name, now, provider, cache });
  };
}
