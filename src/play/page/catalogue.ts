/** The adversary's catalogue, to click through. */
import { markup } from "../../report/html.ts";
import { ask } from "./ask.ts";
import { byId, elementOf, put } from "./parts.ts";

/** @param look shows the handshake of a scenario */
export async function drawCatalogue(look: (name: string) => void): Promise<void> {
  const attacks = await ask({ kind: "catalogue" });
  const families = [...new Set(attacks.map(({ family }) => family))];
  const list = byId("catalogue");
  put(
    list,
    markup`${families.map(
      (family) =>
        markup`<div class="family"><h3>${family}</h3><ul>${attacks
          .filter((attack) => attack.family === family)
          .map(
            ({ name, does, section }) =>
              markup`<li data-name="${name}"><span class="name">${name}</span> ${does}. <cite>${section}</cite>
<button type="button" data-run="${name}">Run</button><button type="button" data-look="${name}">Look at it</button><span class="came"></span></li>`,
          )}</ul></div>`,
    )}`,
  );
  list.addEventListener("click", ({ target }) => {
    const { run, look: seen } = target instanceof HTMLElement ? target.dataset : {};
    if (run !== undefined) void judge(run);
    if (seen !== undefined) look(seen);
  });
  const search = elementOf("search", HTMLInputElement);
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    for (const item of items())
      item.hidden = !(item.textContent ?? "").toLowerCase().includes(wanted);
    for (const family of list.querySelectorAll<HTMLElement>(".family")) {
      family.hidden = family.querySelector("li:not([hidden])") === null;
    }
  });
  byId("run-all").addEventListener("click", () => void runAll());
}

const items = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("#catalogue li")];

async function runAll(): Promise<void> {
  const names = items().flatMap((item) => (item.hidden ? [] : (item.dataset["name"] ?? [])));
  let right = 0;
  for (const [index, name] of names.entries()) {
    if (await judge(name)) right++;
    byId("tally").textContent =
      `${right} of ${index + 1} came as predicted; ${names.length} in all`;
  }
}

/** Says beside it what came of it. */
async function judge(name: string): Promise<boolean> {
  const came = items()
    .find((item) => item.dataset["name"] === name)
    ?.querySelector(".came");
  try {
    const { asPredicted, client, server, predicted, problems } = await ask({
      kind: "attack",
      name,
    });
    if (came) {
      put(
        came,
        markup`<span class="${asPredicted ? "reached" : "missed"}">${asPredicted ? "As predicted." : problems.join("; ")}</span> Predicted: ${predicted}. Came: client ${client}; server ${server}.`,
      );
    }
    return asPredicted;
  } catch (error) {
    if (came)
      put(came, markup`<span class="missed">${error instanceof Error ? error.message : ""}</span>`);
    return false;
  }
}
