/**
 * What an explained handshake does when it is used. A page of one file holds this function as text, so it uses nothing
 * from outside of itself.
 *
 * @param root what the explained handshake stands in
 * @returns ends it
 */
export function behave(root: HTMLElement): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const inRoot = (selector: string): HTMLElement[] => [
    ...root.querySelectorAll<HTMLElement>(selector),
  ];

  /** Lights up a field and its bytes, and says what they are beside the bytes. */
  const light = (part: Element): void => {
    const item = part.closest(".item");
    if (item === null) return;
    for (const lit of item.querySelectorAll(".lit")) lit.classList.remove("lit");
    const first = Number(part.getAttribute("data-f"));
    const row = item.querySelector(`.fields [data-f="${first}"]`) ?? part;
    const last = Number(row.getAttribute("data-last") ?? first);
    row.classList.add("lit");
    const spans = [...item.querySelectorAll<HTMLElement>(".hex [data-f]")].filter((span) => {
      const at = Number(span.getAttribute("data-f"));
      return at >= first && at <= last;
    });
    for (const span of spans) span.classList.add("lit");
    const hex = item.querySelector<HTMLElement>(".hex");
    const top = spans[0];
    if (hex === null) return;
    const caption = hex.querySelector(".caption");
    if (caption !== null) {
      const says = row.querySelector(".says") ?? row.closest(".entries")?.querySelector(".says");
      const name = document.createElement("b");
      const key = row.querySelector("a.key");
      name.textContent = key?.getAttribute("data-path") ?? "";
      caption.replaceChildren(name, " ", says?.textContent ?? "");
    }
    if (top !== undefined && !part.closest(".hex")) {
      hex.scrollTop += top.getBoundingClientRect().top - hex.getBoundingClientRect().top - 72;
    }
  };
  const lightFrom = ({ target }: Event): void => {
    const part = target instanceof Element ? target.closest(".item [data-f]") : null;
    if (part !== null) light(part);
  };
  root.addEventListener("pointerover", lightFrom, { signal });
  root.addEventListener("focusin", lightFrom, { signal });

  /** A byte leads to its field. */
  root.addEventListener(
    "click",
    ({ target }) => {
      const span = target instanceof Element ? target.closest(".hex [data-f]") : null;
      const at = span?.getAttribute("data-f");
      const row = span?.closest(".item")?.querySelector(`.fields [data-f="${at}"]`);
      row?.scrollIntoView({ block: "nearest" });
      row?.querySelector<HTMLElement>("a.key")?.focus({ preventScroll: true });
    },
    { signal },
  );

  /** Of a message's fields one is reached by Tab, the others by arrows. */
  for (const fields of inRoot(".fields")) {
    // What scrolls would be a stop of its own in Firefox
    fields.tabIndex = -1;
    fields
      .querySelectorAll("a.key")
      .forEach((key, at) => key.setAttribute("tabindex", at === 0 ? "0" : "-1"));
  }
  root.addEventListener(
    "keydown",
    (event) => {
      const here =
        event.target instanceof Element ? event.target.closest<HTMLElement>(".fields a.key") : null;
      if (here === null) return;
      const keys = [...here.closest(".fields")!.querySelectorAll<HTMLElement>("a.key")];
      const at = keys.indexOf(here);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: keys.length - 1 }[event.key];
      const next = to === undefined ? undefined : keys[to];
      if (next === undefined) return;
      event.preventDefault();
      here.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    },
    { signal },
  );

  /** What went into a secret lights up with it, and what went into that. */
  const showSecret = ({ target }: Event): void => {
    const node = target instanceof Element ? target.closest(".node") : null;
    const figure = node?.closest(".schedule");
    const drawing = node?.closest("svg");
    if (!node || !figure || !drawing) return;
    const all = new Set<string>();
    const open = [node.getAttribute("data-secret") ?? ""];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      all.add(id);
      const from = drawing.querySelector(`[data-secret="${id}"]`)?.getAttribute("data-from") ?? "";
      open.push(...from.split(" ").filter((each) => each !== "" && !all.has(each)));
    }
    for (const each of drawing.querySelectorAll(".node")) {
      each.classList.toggle("lit", all.has(each.getAttribute("data-secret") ?? ""));
    }
    for (const each of drawing.querySelectorAll(".edge")) {
      const edge = (each.getAttribute("data-edge") ?? "").split(" ");
      each.classList.toggle(
        "lit",
        edge.every((id) => all.has(id)),
      );
    }
    const says = figure.querySelector(`#secret-${node.getAttribute("data-secret")}`);
    const copy = [...(says?.children ?? [])].map((each) => each.cloneNode(true));
    figure.querySelector(".detail")?.replaceChildren(...copy);
  };
  root.addEventListener("pointerover", showSecret, { signal });
  root.addEventListener("focusin", showSecret, { signal });

  /** The address names a field: `#client_hello.key_share`. */
  const follow = (): void => {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const target = inRoot("[id]").find((each) => each.id === id);
    const item = target?.closest<HTMLDetailsElement>("details.item");
    if (!target || !item) return;
    const ends = root.querySelector<HTMLInputElement>("#view-ends");
    if (ends !== null) ends.checked = true;
    item.open = true;
    target.scrollIntoView({ block: target === item ? "start" : "center" });
    if (target.hasAttribute("data-f")) {
      light(target);
      target.querySelector<HTMLElement>("a.key")?.focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", follow, { signal });
  follow();
  return () => ended.abort();
}
