import { groups, native, noble } from "../../src/node.ts";
import { handshake } from "../subjects/ours.ts";
import { carryOut, type Suite } from "../suite.ts";

/** What a full handshake costs with each group, on each provider. */
export const handshakes: Suite = {
  name: "handshake",
  title: "A full handshake in memory, both ends, ECDSA P-256, chain verified",
  run: (options) =>
    carryOut(
      {
        candidates: [native, noble].flatMap((provider) =>
          groups.map(({ name: group }) => ({
            name: `${provider.name}, ${group}`,
            run: handshake({ provider, group }),
          })),
        ),
      },
      options,
    ),
};
