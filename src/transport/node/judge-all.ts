import { setImmediate as turn } from "node:timers/promises";
import { checkJudging } from "./socket-options.ts";
import type { TlsSocket } from "./socket.ts";
import type { JudgeAgainOptions } from "./wiring.ts";

/** Milliseconds of verifying after which others get their turn. */
const slice = 5;

/** Judges sockets again, without holding up the process. @returns those that were ended */
export async function judgeAll(
  sockets: Iterable<TlsSocket>,
  options: JudgeAgainOptions,
): Promise<readonly TlsSocket[]> {
  checkJudging(options, "judgeAgain");
  const judged: Promise<readonly TlsSocket[]>[] = [];
  let began = performance.now();
  for (const socket of sockets) {
    judged.push(socket.judgeAgain(options).then((goesOn) => (goesOn ? [] : [socket])));
    if (performance.now() - began < slice) continue;
    await turn();
    began = performance.now();
  }
  return (await Promise.all(judged)).flat();
}
