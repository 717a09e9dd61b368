/** Small parts of the page. */
import { type Markup, markup } from "../../report/html.ts";

/** @throws Error if the page lacks it */
export const byId = (id: string): HTMLElement => elementOf(id, HTMLElement);

/** The same, of a kind. @throws Error if the page lacks it */
export function elementOf<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

export function put(into: Element, content: Markup): void {
  into.innerHTML = content.text;
}

/** A line below the title, which is read out. */
export function say(text: string, how: "right" | "wrong" = "right"): void {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("wrong", how === "wrong");
}

/** What somebody can choose some of. */
export const checkboxes = (
  name: string,
  all: readonly string[],
  chosen: readonly string[],
): Markup =>
  markup`${all.map(
    (value) =>
      markup`<label><input type="checkbox" name="${name}" value="${value}"${
        chosen.includes(value) ? markup` checked` : ""
      }> ${value}</label>`,
  )}`;
