/** The tab in which a visitor's own KEM runs. */
import { example } from "../own-kem/example.ts";
import type { Order } from "../own-kem/frame.ts";
import type { Experiment } from "../address.ts";
import { byId, elementOf } from "./parts.ts";

type OwnKem = Pick<Experiment, "kem" | "joined">;

/** Shows the code of an address. Nothing runs before somebody says so. */
export function showKem({ kem, joined }: OwnKem): void {
  elementOf("source", HTMLTextAreaElement).value = kem === "" ? example : kem;
  elementOf("joined", HTMLSelectElement).value = joined;
}

/** @param tell is told what is run */
export function ownKem(tell: (own: OwnKem) => void): void {
  const source = elementOf("source", HTMLTextAreaElement);
  const run = async (): Promise<void> => {
    const engine = await (await fetch("kem-engine.js")).text();
    const joined = elementOf("joined", HTMLSelectElement).value;
    tell({ kem: source.value === example ? "" : source.value, joined });
    const frame = document.createElement("iframe");
    frame.title = "A handshake with your own KEM";
    // No origin, so no storage, no cookies, and nothing of this page's
    frame.setAttribute("sandbox", "allow-scripts");
    frame.src = "kem.html";
    byId("frame").replaceChildren(frame);
    const order: Order = { engine, source: source.value, joined };
    addEventListener("message", function send(event) {
      if (event.source !== frame.contentWindow) return;
      removeEventListener("message", send);
      frame.contentWindow?.postMessage(order, "*");
    });
  };
  byId("run-kem").addEventListener("click", () => void run());
}
