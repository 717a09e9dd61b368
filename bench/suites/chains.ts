import {
  CertificateCache,
  createDevelopmentCa,
  createTrustStore,
  native,
  noble,
  verifyChain,
} from "../../src/node.ts";
import { serverName } from "../subjects/identity.ts";
import { carryOut, type Suite } from "../suite.ts";

/** What a chain costs when it is new, and when it was seen before: no parsing, no signature on it. */
export const chains: Suite = {
  name: "chains",
  title: "Reading and verifying a server's chain, new and seen before",
  run(options) {
    const plans = [native, noble].flatMap((provider) =>
      (["secp256r1", "ML-DSA-65"] as const).map((algorithm) => {
        const name = `${provider.name}, ${algorithm}`;
        const ca = createDevelopmentCa({ provider, algorithm, now: Date.now() });
        const { chain } = ca.issue({ names: [serverName] });
        const trust = createTrustStore([ca.certificate]);
        const read = (cache: CertificateCache): void => {
          const parsed = chain.map(({ der }) => cache.parse(der, "certificate"));
          const now = Date.now();
          verifyChain({
            chain: parsed,
            trust,
            usage: "server",
            name: serverName,
            now,
            provider,
            cache,
          });
        };
        const known = new CertificateCache();
        return {
          candidates: [
            { name: `${name}, new`, run: () => read(new CertificateCache()) },
            { name: `${name}, seen`, run: () => read(known) },
          ],
          comparison: {
            name: `seen ÷ new, ${name}`,
            numerator: `${name}, seen`,
            denominator: `${name}, new`,
          },
        };
      }),
    );
    return carryOut(
      {
        candidates: plans.flatMap(({ candidates }) => candidates),
        comparisons: plans.map(({ comparison }) => comparison),
      },
      options,
    );
  },
};
