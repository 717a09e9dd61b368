/** The dialog that changes a field in flight: each answer is a step of the laboratory's adversary. */
import { markup } from "../../report/html.ts";
import { elementOf, put } from "./parts.ts";

type Step = Readonly<Record<string, unknown>>;

/** Where a field is, by what stands in the page. */
interface Target {
  readonly from: string;
  readonly on: string;
  readonly nth: number;
  /** As errors and dumps say it. */
  readonly path: string;
  /** Of its first byte in the message, and how many it has. */
  readonly offset: number;
  readonly size: number;
}

/** A button beside each field, for everybody: by pointer, keyboard and screen reader. */
export function offerChanges(result: HTMLElement, add: (step: Step) => void): void {
  for (const row of result.querySelectorAll<HTMLElement>(".fields .key")) {
    if (row.closest(".fate-inserted") !== null) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "change";
    button.textContent = "change";
    button.tabIndex = -1;
    button.setAttribute("aria-label", `change ${row.dataset["path"] ?? ""}`);
    row.after(button);
  }
  result.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>(".change") : null;
    const key = button?.previousElementSibling;
    if (key instanceof HTMLElement) open(targetOf(key), add);
  });
  // Tab stops at fields only once, so a key does what the button does
  result.addEventListener("keydown", (event) => {
    const key =
      event.target instanceof Element ? event.target.closest<HTMLElement>(".fields .key") : null;
    if (key === null || (event.key !== "c" && event.key !== "Enter")) return;
    event.preventDefault();
    open(targetOf(key), add);
  });
}

function targetOf(key: HTMLElement): Target {
  const { from = "", name = "", nth = "1" } = key.closest<HTMLElement>(".item")?.dataset ?? {};
  const { path = "", offset = "0", size = "0" } = key.dataset;
  return { from, on: name, nth: Number(nth), path, offset: Number(offset), size: Number(size) };
}

function open({ from, on, nth, path, offset, size }: Target, add: (step: Step) => void): void {
  const dialog = elementOf("change", HTMLDialogElement);
  const place = { from, on, ...(nth > 1 && { nth }) };
  const inner = path.startsWith(`${on}.`) ? path.slice(on.length + 1) : "";
  const isDeclared =
    inner !== "" && !/(^|\.)(length|extension_length|extension_type|msg_type)$/.test(inner);
  const isMessage = !["alert", "change_cipher_spec", "application_data", "sealed"].includes(on);
  const isShare = /key_share(\[\d+\])?\.keyExchange$/.test(inner);
  put(
    dialog,
    markup`<form method="dialog"><h2 id="change-title">${path}</h2>
${
  size > 0
    ? markup`<fieldset><legend>Flip a bit</legend><label>Byte, from 0 to ${size - 1} <input name="byte" type="number" min="0" max="${size - 1}" value="0"></label>
<label>Bit, 0 is the lowest <input name="bit" type="number" min="0" max="7" value="0"></label><button value="flip">Flip it</button></fieldset>`
    : ""
}
${
  isDeclared && isMessage
    ? markup`<fieldset><legend>Write something else</legend><label>A number, a name of the registry, bytes in hexadecimal, or JSON <input name="value" autocomplete="off"></label><button value="set">Set it</button><button value="remove">Remove it</button>${
        isShare ? markup`<button value="swap">Swap the hybrid's parts</button>` : ""
      }</fieldset>`
    : ""
}
<fieldset><legend>The whole ${on}</legend><button value="drop">Drop it</button><button value="duplicate">Send it twice</button></fieldset>
<button value="">Leave it as it is</button></form>`,
  );
  const changed = (): void => {
    const form = dialog.querySelector("form");
    if (form === null) return;
    const data = new FormData(form);
    const step = stepOf(dialog.returnValue, { inner, offset, data });
    dialog.replaceChildren();
    dialog.returnValue = "";
    if (step !== undefined) add({ ...place, ...step });
  };
  dialog.addEventListener("close", changed, { once: true });
  dialog.showModal();
}

function stepOf(
  action: string,
  {
    inner,
    offset,
    data,
  }: { readonly inner: string; readonly offset: number; readonly data: FormData },
): Step | undefined {
  const text = (name: string): string => {
    const value = data.get(name);
    return typeof value === "string" ? value : "";
  };
  const number = (name: string): number => Number(text(name));
  switch (action) {
    case "flip":
      return { flip: { byte: offset + number("byte"), mask: 1 << number("bit") } };
    case "set":
      return { edit: [{ set: inner, to: valueOf(text("value")) }] };
    case "remove":
      return { edit: [{ remove: inner }] };
    case "swap":
      return { edit: [{ swapParts: inner }] };
    case "drop":
      return { drop: true };
    case "duplicate":
      return { duplicate: 1 };
    default:
      return undefined;
  }
}

/** As the language of scenarios has it: what is not JSON is a name, or hexadecimal. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
