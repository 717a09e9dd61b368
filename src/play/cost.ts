/** What a group costs where this runs. */
import type { Provider } from "../crypto/index.ts";
import { groups } from "../groups/index.ts";
import { runHandshake } from "../lab/run.ts";
import { setUp } from "../lab/scenario.ts";
import type { Cost } from "./protocol.ts";

/** Medians of some runs, after some that warm up. @throws RangeError for a group that is not there */
export function measureCost(provider: Provider, name: string): Cost {
  const group = groups.find((each) => each.name === name);
  if (group === undefined) throw new RangeError(`there is no group ${name}`);
  const kems = group.kems.map((kem) => (typeof kem === "string" ? provider.kems[kem] : kem));
  const pairs = kems.map((kem) => kem.generate());
  const ciphertexts = kems.map((kem, at) => kem.encapsulate(pairs[at]!.publicKey).ciphertext);
  const experiment = setUp({ provider, group });
  return {
    group: name,
    generate: median(() => kems.map((kem) => kem.generate())),
    encapsulate: median(() => kems.map((kem, at) => kem.encapsulate(pairs[at]!.publicKey))),
    decapsulate: median(() => pairs.map((pair, at) => pair.decapsulate(ciphertexts[at]!))),
    handshake: median(() => runHandshake(experiment)),
  };
}

/** Browsers' clocks are coarse, so it counts rounds of at least so many milliseconds. */
const roundTime = 4;

function median(work: () => unknown): number {
  for (let i = 0; i < 3; i++) work();
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now();
    let count = 0;
    let now = start;
    do {
      work();
      count++;
      now = performance.now();
    } while (now - start < roundTime);
    return (now - start) / count;
  });
  return times.toSorted((a, b) => a - b)[3]!;
}
