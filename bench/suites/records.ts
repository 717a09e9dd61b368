import { native, noble, type Provider, suites } from "../../src/node.ts";
import type { Candidate } from "../measure.ts";
import { handshake } from "../subjects/ours.ts";
import { carryOut, type Suite } from "../suite.ts";

const sizes = [64, 1024, 16_384] as const;

/** What one record costs whoever sends it, and whoever receives it. */
export const records: Suite = {
  name: "records",
  title: "One record of application data through write() and receive()",
  run: (options) =>
    carryOut(
      {
        candidates: [native, noble].flatMap((provider) =>
          suites.flatMap(({ name: suite }) =>
            sizes.flatMap((size) => candidatesFor(provider, suite, size)),
          ),
        ),
      },
      options,
    ),
};

function candidatesFor(provider: Provider, suite: string, size: number): Candidate[] {
  const { client, server } = handshake({ provider, group: "x25519", suite })();
  const data = new Uint8Array(size).fill(7);
  const name = `${provider.name}, ${suite}, ${size} B`;
  const sealOne = (): Uint8Array => {
    server.write(data);
    return Buffer.concat(server.takeOutput());
  };
  let waiting: Uint8Array[] = [];
  return [
    {
      name: `${name}, seal`,
      bytes: size,
      run() {
        client.write(data);
        client.takeOutput();
      },
    },
    {
      name: `${name}, open`,
      bytes: size,
      prepare(count) {
        waiting = Array.from({ length: count }, sealOne).toReversed();
      },
      run() {
        client.receive(waiting.pop()!);
        if (client.takeEvents()[0]?.type !== "data") throw new Error("no data came");
      },
    },
  ];
}
