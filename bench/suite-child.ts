/** The process of one suite: it is told which, says how far it is, and ends with what it found. */
import { endWithParent } from "./child.ts";
import { here, type Said, type Told } from "./suite-process.ts";
import { suites } from "./suites.ts";

/** Milliseconds between two words on how far it is: they cost time that would be measured. */
const interval = 250;

const stop = new AbortController();
const say = (said: Said): void => void process.send?.(said);

let last = 0;
function progress(share: number): void {
  const now = performance.now();
  if (now - last < interval) return;
  last = now;
  say({ progress: share });
}

process.on("message", (told: Told) => {
  if ("stop" in told) return stop.abort();
  const entry = suites.find(({ name }) => name === told.suite);
  if (entry === undefined) return say({ error: "there is no such suite" });
  here(entry, told.order, { signal: stop.signal, progress }).then(
    (findings) => say({ findings }),
    (error: unknown) =>
      say({ error: error instanceof Error ? String(error.stack) : String(error) }),
  );
  return undefined;
});
endWithParent();
