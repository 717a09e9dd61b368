/** Parts of the page are drawn anew; who uses it is to stay where they were. */

/** What has the focus in an element. */
export function focusedIn(root: HTMLElement): HTMLElement | undefined {
  const { activeElement: focused } = document;
  return focused instanceof HTMLElement && root.contains(focused) ? focused : undefined;
}

/** Of an explained handshake: what is open and which field has the focus. @returns restores it in the next one */
export function placeIn(result: HTMLElement): () => void {
  const open = [...result.querySelectorAll<HTMLElement>("details.item[open]")].map(({ id }) => id);
  const focused = focusedIn(result);
  const item = focused?.closest(".item")?.id;
  const path = focused?.closest("li")?.querySelector<HTMLElement>(".key")?.dataset["path"];
  return () => {
    const itemOf = (id: string): HTMLDetailsElement | undefined =>
      [...result.querySelectorAll<HTMLDetailsElement>("details.item")].find(
        (each) => each.id === id,
      );
    for (const id of open) itemOf(id)?.toggleAttribute("open", true);
    const again = item === undefined ? undefined : itemOf(item);
    const keys = [...(again?.querySelectorAll<HTMLElement>(".key") ?? [])];
    const place = keys.find(({ dataset }) => dataset["path"] === path);
    (place ?? again?.querySelector("summary"))?.focus();
  };
}

/** The same of a form, by names and values. */
export function fieldIn(form: HTMLFormElement): () => void {
  const focused = focusedIn(form);
  const find = (selector: string): HTMLElement[] => [
    ...form.querySelectorAll<HTMLElement>(selector),
  ];
  let selector = "";
  if (focused instanceof HTMLInputElement) {
    selector = `[name="${CSS.escape(focused.name)}"][value="${CSS.escape(focused.value)}"]`;
  } else if (focused instanceof HTMLSelectElement) {
    selector = `select[name="${CSS.escape(focused.name)}"]`;
  } else if (focused?.tagName === "BUTTON") selector = "button";
  else return () => {};
  const at = find(selector).indexOf(focused);
  return () => (find(selector)[at] ?? find("button").at(-1))?.focus();
}
