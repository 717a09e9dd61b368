/** The playground's worker: the engine, away from the page. */
import { answer } from "./answer.ts";
import type { Numbered, Reply, Request } from "./protocol.ts";

addEventListener("message", ({ data }: MessageEvent<Numbered<Request>>) => void send(data));

async function send(request: Numbered<Request>): Promise<void> {
  postMessage(await reply(request));
}

async function reply({ id, ...request }: Numbered<Request>): Promise<Reply> {
  try {
    return { id, answer: await answer(request as Request) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
