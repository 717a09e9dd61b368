/** The sliders of the simulated network. */
import { markup } from "../../report/html.ts";
import { type Experiment, limits } from "../address.ts";
import { elementOf, put } from "./parts.ts";

type Link = Pick<Experiment, "rtt" | "loss" | "window" | "draw" | "compute">;
type Slider = Exclude<keyof Link, "draw" | "compute">;

const sliders: Readonly<Record<Slider, { readonly says: string; readonly unit: string }>> = {
  rtt: { says: "Round-trip time", unit: " ms" },
  loss: { says: "Packet loss", unit: " %" },
  window: { says: "Initial window", unit: " segments" },
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
    })}<label><input type="checkbox" name="compute"${experiment.compute ? markup` checked` : ""}> with the time that the ends compute, measured in this browser</label>
<button type="button">Draw again</button>`,
  );
  let { draw } = experiment;
  const read = (): Link => {
    const data = new FormData(form);
    const of = (name: Slider): number => Number(data.get(name));
    return {
      rtt: of("rtt"),
      loss: of("loss"),
      window: of("window"),
      draw,
      compute: data.has("compute"),
    };
  };
  form.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.type !== "range") return;
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
