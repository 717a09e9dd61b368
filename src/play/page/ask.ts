/** Questions to the worker, one at a time answered in order. */
import type { Answers, Numbered, Reply, Request } from "../protocol.ts";

const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map<number, (reply: Reply) => void>();
let asked = 0;
worker.addEventListener("error", ({ message }) => {
  for (const [id, answer] of waiting) answer({ id, error: message || "the engine does not load" });
  waiting.clear();
});
worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
  waiting.get(data.id)?.(data);
  waiting.delete(data.id);
});

/** @throws Error with what the worker says is wrong */
export async function ask<R extends Request>(request: R): Promise<Answers[R["kind"]]> {
  const numbered: Numbered<R> = { ...request, id: asked++ };
  const reply = await new Promise<Reply>((resolve) => {
    waiting.set(numbered.id, resolve);
    worker.postMessage(numbered, []);
  });
  if ("error" in reply) throw new Error(reply.error);
  return reply.answer as Answers[R["kind"]];
}
