import { type Markup, markup } from "../../report/html.ts";
import { significant } from "../../report/numbers.ts";
import type { Offer } from "../protocol.ts";
import { ask } from "./ask.ts";
import { byId, elementOf, put } from "./parts.ts";

/** Measures when it is asked to, a group after the other. */
export function measureCosts({ groups }: Offer): void {
  const button = elementOf("measure", HTMLButtonElement);
  const measure = async (): Promise<void> => {
    button.disabled = true;
    try {
      const rows: Markup[] = [];
      for (const { name } of groups) {
        const cost = await ask({ kind: "cost", group: name });
        const cells = [cost.generate, cost.encapsulate, cost.decapsulate, cost.handshake];
        rows.push(
          markup`<tr><th scope="row">${name}</th>${cells.map((ms) => markup`<td>${significant(ms)}</td>`)}</tr>`,
        );
        put(byId("measured"), markup`${rows}`);
      }
    } finally {
      button.disabled = false;
    }
  };
  button.addEventListener("click", () => void measure());
}
