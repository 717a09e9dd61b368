/** Cipher suites and signature schemes: what the server takes, and in which order. */
import { suites as ours } from "../../crypto/index.ts";
import { knownSchemes } from "../../crypto/scheme.ts";
import { labelOf } from "../../lab/trace/names.ts";
import { CipherSuite } from "../../registry/index.ts";
import type { Answer } from "../answer.ts";
import { suiteCodes } from "../hello.ts";
import { question, unlessGroups } from "../question.ts";
import { inHandshake } from "./handshake.ts";
import { plainGroup } from "./ordinary.ts";

const chosen = (answer: Answer): number | undefined =>
  answer.kind === "server_hello" || answer.kind === "retry" ? answer.suite : undefined;

/** Taken out one by one. Both kinds of answer name the suite, so that nothing is computed without a share. */
export const suites = question({
  name: "suites",
  title: "which cipher suites are accepted, in which order",
  unless: unlessGroups,
  async ask(asker, known) {
    const { code } = plainGroup(known);
    const offer = async (codes: readonly number[]): Promise<number | undefined> =>
      chosen(await asker.hello({ suites: codes, groups: [code], shares: asker.shares(code) }));
    const order: number[] = [];
    for (let left = suiteCodes; left.length > 0;) {
      const suite = await offer(left);
      if (suite === undefined || !left.includes(suite)) break;
      order.push(suite);
      left = left.filter((each) => each !== suite);
    }
    const turned = order.length < 2 ? undefined : await offer(order.toReversed());
    return {
      accepted: order.map((each) => labelOf(CipherSuite, each)),
      preference: turned === undefined ? "unknown" : turned === order[0] ? "server" : "client",
    };
  },
});

/** Whole handshakes, since who signs how is only said behind the hellos. */
export const schemes = question({
  name: "schemes",
  title: "which signature schemes the server signs with",
  unless: unlessGroups,
  async ask(asker, known) {
    const group = plainGroup(known);
    const order: string[] = [];
    for (let left = inHandshake; left.length > 0;) {
      const { negotiated } = await asker.handshake({
        groups: [group],
        shares: [group],
        suites: ours,
        schemes: left,
        certificateSchemes: knownSchemes,
      });
      const scheme = negotiated?.peerSignatureScheme;
      if (scheme === undefined || order.includes(scheme)) break;
      order.push(scheme);
      left = left.filter(({ name }) => name !== scheme);
    }
    return order;
  },
});
