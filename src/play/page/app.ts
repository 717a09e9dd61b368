/** The playground's page. Everything that can be chosen stands in the address. */
import { behave } from "../../lab/explained/page/behave.ts";
import { markup, Markup } from "../../report/html.ts";
import { addressOf, type AddressedStep, type Experiment, experimentOf, usual } from "../address.ts";
import type { Offer, Ran } from "../protocol.ts";
import { ask } from "./ask.ts";
import { drawCatalogue } from "./catalogue.ts";
import { offerChanges } from "./change.ts";
import { chooseChain, drawControls, readControls } from "./controls.ts";
import { measureCosts } from "./costs.ts";
import { drawLink } from "./link.ts";
import { ownKem, showKem } from "./own-kem.ts";
import { byId, elementOf, put, say } from "./parts.ts";
import { focusedIn, placeIn } from "./place.ts";
import { wordsOf } from "./step-words.ts";

let offer: Offer;
let experiment = usual;
let ran: Ran | undefined;
let stop = (): void => {};
/** Only the last that was asked for is shown. */
let turn = 0;
let isListed = false;

async function begin(): Promise<void> {
  // On a phone the handshake comes first
  const narrow = matchMedia("(max-width: 60rem)").matches;
  elementOf("choose", HTMLDetailsElement).open = !narrow;
  let refused: unknown;
  try {
    experiment = experimentOf(location.search);
  } catch (error) {
    refused = error;
  }
  offer = await ask({ kind: "what there is" });
  ownKem((own) => keep({ ...experiment, ...own }));
  measureCosts(offer);
  drawLink(experiment, (link) => change({ ...experiment, ...link }));
  listen();
  show(tabOf());
  await run();
  if (refused !== undefined) complain(refused, "Shown is what is usual.");
}

/** The address is the experiment. */
function keep(next: Experiment, hash = location.hash): void {
  experiment = next;
  history.pushState(null, "", `${location.pathname}${addressOf(experiment)}${hash}`);
}

function change(next: Experiment, tab?: string): void {
  keep(next, tab === undefined ? location.hash : "");
  if (tab !== undefined) show(tab);
  void run();
}

async function run(): Promise<void> {
  const own = ++turn;
  drawControls(offer, experiment);
  showKem(experiment);
  const result = byId("result");
  try {
    const start = performance.now();
    const answer = await ask({ kind: "run", experiment });
    if (own !== turn) return;
    ran = answer;
    say(`${ran.says} Both ends took ${Math.round(performance.now() - start)} ms here.`);
    stop();
    const restore = placeIn(result);
    put(result, new Markup(verdictHtml(ran).text + ran.html));
    stop = behave(result);
    if (experiment.attack === "")
      offerChanges(result.firstElementChild === null ? result : freshen(result), add);
    restore();
    await drawNetwork();
  } catch (error) {
    if (own === turn) complain(error);
  }
  drawSteps();
}

/** Listeners of the run before go with the element that had them. */
function freshen(result: HTMLElement): HTMLElement {
  const inner = document.createElement("div");
  inner.append(...result.childNodes);
  result.replaceChildren(inner);
  return inner;
}

const add = (step: AddressedStep): void =>
  change({ ...experiment, steps: [...experiment.steps, step] });

function drawSteps(): void {
  const steps = experiment.attack === "" ? experiment.steps : [];
  const list = byId("steps");
  const hadFocus = focusedIn(list) !== undefined;
  put(
    list,
    steps.length === 0
      ? markup``
      : markup`<p><b>The attacker on the path</b></p><ul>${steps.map(
          (step, at) =>
            markup`<li>${wordsOf(step)} <button type="button" data-undo="${at}">undo</button></li>`,
        )}</ul>`,
  );
  if (hadFocus) (list.querySelector("button") ?? byId("result")).focus();
}

function verdictHtml({ verdict }: Ran): Markup {
  if (verdict === null) return markup``;
  const { asPredicted, predicted, problems } = verdict;
  return markup`<p>Predicted: ${predicted}. <span class="${asPredicted ? "reached" : "missed"}">${
    asPredicted ? "So it came." : problems.join("; ")
  }</span></p>`;
}

async function drawNetwork(): Promise<void> {
  if (ran === undefined) return;
  try {
    const { svg, says } = await ask({ kind: "network", flights: ran.flights, experiment });
    byId("network-says").textContent = says;
    put(byId("sequence"), new Markup(svg));
  } catch (error) {
    byId("network-says").textContent = error instanceof Error ? error.message : "";
  }
}

function complain(error: unknown, more = ""): void {
  const what = error instanceof Error ? error.message : String(error);
  say(`That cannot be: ${what}${more === "" ? "" : `. ${more}`}`, "wrong");
}

const panels = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-panel]")];

function tabOf(): string {
  const name = location.hash.slice(1);
  return panels().find(({ dataset }) => dataset["panel"] === name)?.dataset["panel"] ?? "handshake";
}

function show(tab: string): void {
  if (tab === "attacks" && !isListed) {
    isListed = true;
    drawCatalogue((attack) => change({ ...usual, attack }, "handshake")).catch(complain);
  }
  for (const panel of panels()) panel.hidden = panel.dataset["panel"] !== tab;
  for (const link of document.querySelectorAll<HTMLElement>("[data-tab]")) {
    if (link.dataset["tab"] === tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function listen(): void {
  const controls = byId("controls");
  controls.addEventListener("change", ({ target }) => {
    chooseChain(target);
    change(readControls(experiment));
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("click", ({ target }) => {
    if (target instanceof HTMLElement && target.dataset["do"] !== undefined) change(usual);
  });
  byId("steps").addEventListener("click", ({ target }) => {
    const at = target instanceof HTMLElement ? target.dataset["undo"] : undefined;
    if (at === undefined) return;
    change({ ...experiment, steps: experiment.steps.toSpliced(Number(at), 1) });
  });
  addEventListener("popstate", () => {
    try {
      const next = experimentOf(location.search);
      show(tabOf());
      if (addressOf(next) === addressOf(experiment)) return;
      experiment = next;
      void run();
    } catch (error) {
      complain(error);
    }
  });
  for (const link of document.querySelectorAll<HTMLElement>("[data-tab]")) {
    link.addEventListener("click", () => show(link.dataset["tab"] ?? "handshake"));
  }
}

void begin().catch(complain);
