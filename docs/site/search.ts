/** The site's search: all words, in titles first. It runs in the page, over an index that is loaded when it is wanted. */

import type { Row } from "./search-row.ts";

const root = document.body.dataset["root"] ?? "";
const input = document.querySelector<HTMLInputElement>("#search")!;
const found = document.querySelector<HTMLElement>("#found")!;
const contents = document.querySelector<HTMLDetailsElement>(".contents details")!;
// On a wide screen the contents stand beside the text
if (matchMedia("(min-width: 62rem)").matches) contents.open = true;

let loading: Promise<void> | undefined;
const load = (): Promise<void> =>
  (loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root}search-index.js`;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error("the index does not load")));
    document.head.append(script);
  }));

input.addEventListener("focus", () => void load());
input.addEventListener("input", () => void search());
input.addEventListener("keydown", (event) => {
  if (event.key === "Escape") found.hidden = true;
  if (event.key === "ArrowDown") {
    event.preventDefault();
    found.querySelector("a")?.focus();
  }
});
found.addEventListener("keydown", (event) => {
  const links = [...found.querySelectorAll("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  (next < 0 ? input : links[next])?.focus();
});

async function search(): Promise<void> {
  await load();
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = words.length === 0 ? [] : ranked(words).slice(0, 20);
  found.hidden = words.length === 0;
  found.replaceChildren(
    ...rows.map(([page, title, address]) => {
      const link = document.createElement("a");
      link.href = root + address;
      link.textContent = title === page ? page : `${page}: ${title}`;
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  if (rows.length === 0 && words.length > 0) found.textContent = "Nothing was found.";
}

function ranked(words: readonly string[]): Row[] {
  const scored = (
    (globalThis as { readonly searchIndex?: readonly Row[] }).searchIndex ?? []
  ).flatMap((row) => {
    const [page, title, , text] = row;
    const places = [title.toLowerCase(), page.toLowerCase(), text.toLowerCase()];
    const scores = words.map((word) => {
      if (places[0] === word) return 16;
      const at = places.findIndex((place) => place.includes(word));
      return at < 0 ? 0 : [8, 2, 1][at]!;
    });
    return scores.includes(0)
      ? []
      : [{ row, score: scores.reduce((sum, score) => sum + score, 0) }];
  });
  return scored.toSorted((a, b) => b.score - a.score).map(({ row }) => row);
}
