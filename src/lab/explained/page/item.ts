/** One message or record: its fields, and beside them its bytes. */
import { type Markup, markup } from "../../../report/html.ts";
import { equal } from "../../../wire/index.ts";
import type { FlownItem } from "../explain.ts";
import type { ExplainedField, ExplainedItem } from "../items.ts";

/** An item to open. */
export function itemHtml(item: FlownItem): Markup {
  const { id, name, epoch, from, fate, sentence, malformed, delivered } = item;
  const shown: ExplainedItem = delivered ?? item;
  const changes = fate === "changed" ? differencesOf(item, shown) : undefined;
  const rows = rowsOf(shown, id);
  return markup`<details class="item ${from} fate-${fate.replace(" ", "-")}" id="${id}" data-from="${from}" data-name="${name}" data-nth="${item.nth}">
<summary><span class="name">${name}</span>${
    fate === "as sent" ? "" : markup`<strong class="fate">${fateNames[fate]}</strong>`
  }<span class="says">${sentence.says}</span><span class="meta"><span class="keys ${epoch}">${keysOf(epoch)}</span> ${bytesOf(shown.raw.length)} <cite>${sentence.section}</cite></span></summary>
${malformed === undefined ? "" : markup`<p class="missed">It is malformed: ${malformed}</p>`}
<div class="body">
<ol class="fields" aria-label="Fields of ${name}">
${grouped(rows).map((group) => groupHtml(group, changes))}</ol>
<div class="hex" role="region" aria-label="Bytes of ${name}" tabindex="0"><div class="caption" aria-live="polite"></div>
<code>${rows.map((row) => bytesHtml(row, changes))}</code></div>
</div>
</details>
`;
}

const fateNames = {
  changed: "changed on the way",
  dropped: "never arrives",
  inserted: "made by the attacker",
} as const;

/** Under whose eyes it travels. */
const keysOf = (epoch: FlownItem["epoch"]): string =>
  ({
    plaintext: "in the clear",
    early: "early keys",
    handshake: "handshake keys",
    application: "application keys",
    sealed: "sealed",
  })[epoch];

interface Row {
  readonly field: ExplainedField;
  /** Its number in its item, by which fields and bytes find each other. */
  readonly at: number;
  /** The number of the last field within it. */
  readonly last: number;
  /** For links; `undefined` for what cannot be told from its neighbour by a name. */
  readonly id: string | undefined;
}

function rowsOf({ fields, name }: ExplainedItem, itemId: string): Row[] {
  const taken = new Set<string>([itemId]);
  return fields.map((field, at) => {
    const id = `${itemId}${field.path.slice(name.length).replace(/\.extensions(?=\.)/, "")}`;
    const isNew = field.kind !== "length" && !taken.has(id);
    taken.add(id);
    const end = fields.findIndex((other, index) => index > at && other.depth <= field.depth);
    const last = field.kind === "heading" ? (end < 0 ? fields.length : end) - 1 : at;
    return { field, at, last, id: isNew ? id : undefined };
  });
}

/** Entries of a list that are one value each stand in one line. */
function grouped(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const current = groups.at(-1);
    const joins = isEntry(row) && current !== undefined && isEntry(current[0]!);
    if (joins && current[0]!.field.depth === row.field.depth) current.push(row);
    else groups.push([row]);
  }
  return groups;
}

const isEntry = ({ field }: Row): boolean => field.kind === "field" && /^\[\d+\]$/.test(field.name);

function groupHtml(rows: readonly Row[], changes: Changes | undefined): Markup {
  const [first] = rows as [Row, ...Row[]];
  const { depth, sentence } = first.field;
  if (!isEntry(first)) return rowHtml(first, changes);
  return markup`<li class="row entries d${Math.min(depth, 6)}"><ul class="chips">${rows.map(
    (row) =>
      markup`<li class="${changes?.has(row.field.path) ? "changed" : ""}"${idOf(row)} data-f="${row.at}">${linkHtml(row, row.field.note)}</li>`,
  )}</ul>${sentence === undefined ? "" : saysHtml(sentence)}</li>
`;
}

function rowHtml(row: Row, changes: Changes | undefined): Markup {
  const { field, at, last } = row;
  const { depth, kind, note, part, path, sentence, bytes } = field;
  const was = changes?.get(path);
  const classes = [
    "row",
    kind,
    `d${Math.min(depth, 6)}`,
    part ?? "",
    was === undefined ? "" : "changed",
  ];
  const value = kind === "length" ? `${bytesOf(bytes.length)}: ${note}` : note;
  return markup`<li class="${classes.filter(Boolean).join(" ")}"${idOf(row)} data-f="${at}" data-last="${last}">${linkHtml(row, field.name)} <span class="value">${value}</span>${
    was === undefined ? "" : markup` <del>${was}</del>`
  }${sentence === undefined ? "" : saysHtml(sentence)}</li>
`;
}

const idOf = ({ id }: Row): Markup => (id === undefined ? markup`` : markup` id="${id}"`);

const linkHtml = ({ id, field }: Row, text: string): Markup =>
  id === undefined
    ? markup`<a class="key" tabindex="0" data-path="${field.path}" data-offset="${field.offset}" data-size="${field.bytes.length}">${text}</a>`
    : markup`<a class="key" href="#${encodeURIComponent(id)}" data-path="${field.path}" data-offset="${field.offset}" data-size="${field.bytes.length}" title="${field.name}">${text}</a>`;

const saysHtml = ({ says, section }: { readonly says: string; readonly section: string }): Markup =>
  markup`<span class="says">${says} <cite>${section}</cite></span>`;

/** Bytes of a field, each pair of digits behind a space. */
function bytesHtml({ field, at }: Row, changes: Changes | undefined): Markup {
  const { bytes, kind, part, path } = field;
  if (bytes.length === 0) return markup``;
  const isChanged = changes?.has(path) === true;
  const classes = [kind === "length" ? "length" : "", part ?? "", isChanged ? "changed" : ""];
  return markup`<span data-f="${at}" class="${classes.filter(Boolean).join(" ")}">${hexOf(bytes)}</span> `;
}

type Changes = ReadonlyMap<string, string>;

/** Fields that arrive as others, by their paths, with what they were. */
function differencesOf(sent: ExplainedItem, delivered: ExplainedItem): Changes {
  const old = new Map(sent.fields.map((field) => [field.path, field]));
  const changes = new Map<string, string>();
  for (const { path, bytes, kind } of delivered.fields) {
    const before = old.get(path);
    if (kind === "heading") continue;
    if (before === undefined) changes.set(path, "was not there");
    else if (!equal(before.bytes, bytes)) changes.set(path, `was ${shortHex(before.bytes)}`);
  }
  return changes;
}

const shortHex = (bytes: Uint8Array): string =>
  bytes.length > 16 ? `${hexOf(bytes.subarray(0, 16))} …` : hexOf(bytes);

const bytesOf = (count: number): string => (count === 1 ? "1 byte" : `${count} bytes`);

/** `16 03 01`. */
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
