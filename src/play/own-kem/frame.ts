/**
 * The sandboxed frame in which a visitor's own KEM runs: its origin is nobody's, its policy lets it load nothing, and the
 * code runs in a worker of the frame's own that is ended when its time is over.
 */
import { behave } from "../../lab/explained/page/behave.ts";

/** What the page gives to the frame. */
export interface Order {
  /** The text of `engine.ts`, which leaves a global `engine`. */
  readonly engine: string;
  /** The body of a function that returns a KEM. */
  readonly source: string;
  readonly joined: string;
}

const timeLimit = 10_000;

const out = document.querySelector<HTMLElement>("#out")!;
const status = document.querySelector<HTMLElement>("#status")!;
let stop = (): void => {};

addEventListener("message", ({ source, data }: MessageEvent<Order>) => {
  if (source === parent) run(data);
});
parent.postMessage("ready", "*");

function run({ engine, source, joined }: Order): void {
  stop();
  status.textContent = "It runs …";
  out.replaceChildren();
  // A file of its own: the error of one that cannot be read has a line, and in Firefox a message, only for who imports it
  const own = urlOf(`self.own = ({ noble, concat, InvalidKemInput }) => {
${source}
};
`);
  const url = urlOf(`${engine}
addEventListener("message", () => {
  importScripts(${JSON.stringify(own)});
  try {
    postMessage(engine.run(own, ${JSON.stringify(joined)}));
  } catch (error) {
    postMessage({ error: String(error?.message ?? error) });
  }
});
`);
  const worker = new Worker(url);
  const timer = setTimeout(() => end("It took more than ten seconds, and was ended."), timeLimit);
  const end = (says: string): void => {
    clearTimeout(timer);
    worker.terminate();
    for (const each of [url, own]) URL.revokeObjectURL(each);
    status.textContent = says;
  };
  worker.addEventListener("error", ({ message, lineno }) => {
    const line = lineno - 1;
    end(`${message || "The code does not load"}${line > 0 ? `, in line ${line}` : ""}`);
  });
  worker.addEventListener("message", ({ data }: MessageEvent<Result>) => {
    if (typeof data.error === "string") {
      end(data.error);
      return;
    }
    end(String(data.says));
    out.innerHTML = String(data.html);
    stop = behave(out);
  });
  worker.postMessage("run", []);
}

const urlOf = (script: string): string =>
  URL.createObjectURL(new Blob([script], { type: "text/javascript" }));

interface Result {
  readonly error?: unknown;
  readonly html?: unknown;
  readonly says?: unknown;
}
