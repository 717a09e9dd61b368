import { native, noble, type Provider, suites } from "../../src/node.ts";
import type { Candidate, Subject } from "../measure.ts";
import { handshake } from "../subjects/ours.ts";
import { carryOut, type Suite } from "../suite.ts";

const sizes = [64, 1024, 16_384] as const;
const operations = { seal, open };

interface Terms {
  readonly provider: Provider;
  readonly suite: string;
  readonly size: number;
}

/** What one record costs whoever sends it, and whoever receives it. */
export const records: Suite = {
  run: (context) =>
    carryOut(
      {
        candidates: [native, noble].flatMap((provider) =>
          suites.flatMap(({ name: suite }) =>
            sizes.flatMap((size) => candidatesOf({ provider, suite, size })),
          ),
        ),
      },
      context,
    ),
};

const candidatesOf = (terms: Terms): Candidate[] =>
  (["seal", "open"] as const).map((operation) => {
    const { provider, suite, size } = terms;
    return {
      name: `${provider.name}, ${suite}, ${size} B, ${operation}`,
      dimensions: { provider: provider.name, suite, size: String(size), operation },
      bytes: size,
      setUp: () => operations[operation](terms),
    };
  });

const connected = ({ provider, suite }: Terms) => handshake({ provider, group: "x25519", suite })();

function seal(terms: Terms): Subject {
  const { client } = connected(terms);
  const data = new Uint8Array(terms.size).fill(7);
  return {
    run() {
      client.write(data);
      client.takeOutput();
    },
  };
}

function open(terms: Terms): Subject {
  const { client, server } = connected(terms);
  const data = new Uint8Array(terms.size).fill(7);
  const sealOne = (): Uint8Array => {
    server.write(data);
    return Buffer.concat(server.takeOutput());
  };
  let waiting: Uint8Array[] = [];
  return {
    prepare(count) {
      waiting = Array.from({ length: count }, sealOne).toReversed();
    },
    run() {
      client.receive(waiting.pop()!);
      if (client.takeEvents()[0]?.type !== "data") throw new Error("no data came");
    },
  };
}
