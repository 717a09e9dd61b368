/** The sliders of the simulated network. */
import { markup } from "../../report/html.ts";
import { type Experiment, limits } from "../address.ts";
import { elementOf, put } from "./parts.ts";

type Link = Pick<Experiment, "rtt" | "loss" | "window" | "draw">;
type Slider = Exclude<keyof Link, "draw">;

const sliders: Readonly<Record<Slider, { readonly says: string; readonly unit: string }>> = {
  rtt: { says: "There and back", unit: " ms" },
  loss: { says: "Packets that are lost", unit: " %" },
  window: { says: "Segments at first", unit: "" },
};

/** @param change is told what the sliders say, once one is let go */
export function drawLink(experiment: Experiment, change: (link: Link) => void): void {
  const form = elementOf("link", HTMLFormElement);
  put(
    form,
    markup`${(Object.keys(sliders) as Slider[]).map((name) => {
      const [least, most] = limits[name];
      const { says, unit } = sliders[name];
      return markup`<label class="range"><span>${says}</span> <input type="range" name="${name}" min="${least}" max="${most}" value="${experiment[name]}"> <output>${experiment[name]}${unit}</output></label>`;
    })}<button type="button">Draw again</button>`,
  );
  let { draw } = experiment;
  const read = (): Link => {
    const data = new FormData(form);
    const of = (name: Slider): number => Number(data.get(name));
    return { rtt: of("rtt"), loss: of("loss"), window: of("window"), draw };
  };
  form.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    const output = target.nextElementSibling;
    if (output !== null)
      output.textContent = `${target.value}${sliders[target.name as Slider].unit}`;
  });
  form.addEventListener("change", () => change(read()));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.querySelector("button")?.addEventListener("click", () => {
    draw = (draw % limits.draw[1]) + 1;
    change(read());
  });
}
