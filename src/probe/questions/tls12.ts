import { labelOf } from "../../lab/trace/names.ts";
import { CipherSuite, ProtocolVersion } from "../../registry/index.ts";
import { question } from "../question.ts";
import { allSuitesOfTls12 } from "../tls12.ts";
import { offer } from "./versions.ts";

const version = ProtocolVersion["TLS 1.2"];

/** Taken out one by one: the ServerHello names the suite, so that nothing is computed. */
export const tls12 = question({
  name: "tls12",
  title: "which cipher suites of TLS 1.2 are accepted",
  unless: ({ versions }) =>
    versions?.some((each) => each.version === "TLS 1.2" && each.accepted) === true
      ? undefined
      : "the server does not speak TLS 1.2",
  async ask(asker) {
    const chosen = async (codes: readonly number[]): Promise<number | undefined> => {
      const answer = await offer(asker, version, codes);
      return answer.kind === "server_hello" && answer.version === version
        ? answer.suite
        : undefined;
    };
    const order: number[] = [];
    for (let left = allSuitesOfTls12; left.length > 0;) {
      const suite = await chosen(left);
      if (suite === undefined || !left.includes(suite)) break;
      order.push(suite);
      left = left.filter((each) => each !== suite);
    }
    const turned = order.length < 2 ? undefined : await chosen(order.toReversed());
    return {
      accepted: order.map((code) => labelOf(CipherSuite, code)),
      preference: turned === undefined ? "unknown" : turned === order[0] ? "server" : "client",
    };
  },
});
