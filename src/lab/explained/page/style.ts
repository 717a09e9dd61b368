/** How an explained handshake looks; beside the style of every page. */
export const explainedStyle = `
:root { --pq: #7a3fc4; --pq-wash: #ece2fa; --ec: #006552; --ec-wash: #d9f1ea; --lit: #ffe69a; --lit-ink: #1c2024;
  --card: #fff; --wash: #f6f7f9; --hidden: #8a8f99; --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas,
  "DejaVu Sans Mono", monospace }
@media (prefers-color-scheme: dark) { :root { --pq: #c39bff; --pq-wash: #35254f; --ec: #4fd1b3; --ec-wash: #143a33;
  --lit: #6b5410; --lit-ink: #fff6da; --card: #191b1f; --wash: #1e2025; --hidden: #6d727c } }
main { max-width: 75rem; margin: 0 auto; padding: 1rem 1.25rem 5rem }
code, .name, .key, .value { font-family: var(--mono); font-size: .84em }
cite { font-style: normal; color: var(--soft); font-size: .8rem; white-space: nowrap }
.soft, .kicker { color: var(--soft) }
.kicker { margin: 1rem 0 0 }
h1 { font-size: clamp(1.7rem, 6vw, 2.9rem); line-height: 1.1; letter-spacing: -.025em; font-weight: 700; margin: 0 0 1rem;
  overflow-wrap: anywhere }
h2 { font-size: 1.35rem; letter-spacing: -.01em; margin: 3rem 0 .5rem }
p { margin: 0 0 .75rem; max-width: 46rem }
.chips { list-style: none; display: flex; flex-wrap: wrap; gap: .35rem; margin: 0; padding: 0 }
.chips li { background: var(--wash); border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .65rem;
  font-size: .86rem; overflow-wrap: anywhere }
.facts { margin: 0 0 1.25rem }
.outcomes { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .75rem; margin: 0 0 1.25rem }
.outcomes p { margin: 0; padding: .6rem .9rem; background: var(--wash); border-left: 4px solid currentColor; border-radius: 4px }
.outcomes small { display: block; color: var(--ink); overflow-wrap: anywhere }
.reached { color: var(--reached) } .missed { color: var(--missed) }
.view { border: 1px solid var(--line); border-radius: 2rem; padding: .3rem 1.1rem; margin: 0; display: inline-flex;
  flex-wrap: wrap; gap: 0 1.1rem; align-items: center; background: var(--card) }
.view legend { float: left; padding: 0; color: var(--soft); font-size: .86rem }
.view label { padding: .25rem 0; cursor: pointer }
.path { display: none }
:has(> .view #view-path:checked) .path { display: block }
:has(> .view #view-path:checked) .ends { display: none }
.lanes { border-left: 2px solid var(--line); border-right: 2px solid var(--line); padding: 0 0 1rem; margin-top: 1.25rem }
.heads { display: flex; justify-content: space-between; margin: 0 -.4rem .25rem; font-size: .95rem }
.heads b { background: var(--paper); padding: 0 0 .25rem }
.flight { margin: 0 0 1.75rem }
.flight > header { padding: 0 .75rem; margin: 0 0 .5rem }
.flight > header p { margin: .35rem 0 .25rem; font-size: .9rem; color: var(--soft); max-width: none }
.flight > header b { color: var(--ink); font-weight: 600 }
.flight.server > header { text-align: right }
.arrow { display: block; height: 2px; margin: 0 -.75rem; background: var(--ink); position: relative; opacity: .75 }
.arrow::after { content: ""; position: absolute; right: 1px; top: -4px; width: 8px; height: 8px; border: solid var(--ink);
  border-width: 2px 2px 0 0; transform: rotate(45deg) }
.server .arrow::after { right: auto; left: 1px; transform: rotate(-135deg) }
.bar { display: block; width: 100%; height: 12px; overflow: hidden; border-radius: 3px }
.server .bar { transform: scaleX(-1) }
.bar .plain { fill: var(--hue-0) } .bar .hidden { fill: var(--hidden) } .bar .overhead { fill: var(--line) }
.bar .post-quantum { fill: var(--pq) } .bar .classical { fill: var(--ec) }
.bar line { stroke: var(--paper); stroke-width: 3; vector-effect: non-scaling-stroke }
.item, .records li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: .4rem .75rem }
.item.client { border-left: 4px solid var(--hue-0) } .item.server { border-right: 4px solid var(--hue-1) }
@media (min-width: 60rem) { .item.client:not([open]) { margin-right: 22% } .item.server:not([open]) { margin-left: 22% } }
.item > summary { display: grid; grid-template-columns: auto 1fr; gap: 0 .75rem; padding: .55rem .9rem; cursor: pointer;
  color: inherit; list-style: none }
.item > summary::-webkit-details-marker { display: none }
.item > summary:hover .name { text-decoration: underline }
.item .name { font-weight: 650; font-size: .95rem; overflow-wrap: anywhere }
.item > summary .says { grid-column: 1 / -1; color: var(--ink); font-size: .92rem }
.item > summary .meta { grid-column: 2; grid-row: 1; text-align: right; color: var(--soft); font-size: .84rem }
.item > summary .fate { grid-column: 1 / -1; color: var(--missed) }
.fate-changed, .fate-inserted, .fate-dropped { outline: 2px solid var(--missed); outline-offset: -1px }
.fate-dropped .name { text-decoration: line-through }
.keys::before { content: "● "; color: var(--hidden) } .keys.plaintext::before { content: "○ "; color: var(--hue-0) }
.keys.application::before { color: var(--hue-2) }
.item[open] > summary { border-bottom: 1px solid var(--line) }
.body { display: grid; grid-template-columns: minmax(0, 1fr) auto }
.fields { list-style: none; margin: 0; padding: .4rem 0; font-size: .92rem; max-height: 34rem; overflow-y: auto }
.row { padding: .16rem .9rem; scroll-margin: 4rem; overflow-wrap: anywhere }
.d1 { padding-left: 2rem } .d2 { padding-left: 3rem } .d3 { padding-left: 4rem } .d4 { padding-left: 5rem }
.d5, .d6 { padding-left: 6rem }
.key { text-decoration: none; color: var(--link) } .key:hover { text-decoration: underline }
.heading > .key { font-weight: 650 }
.row > .says { display: block; color: var(--soft); font-size: .84rem; line-height: 1.4 }
.row.length { color: var(--soft) } .row.length > .key { color: var(--soft) } .row.length > .says { display: none }
.row.post-quantum { border-left: 4px solid var(--pq) } .row.classical { border-left: 4px solid var(--ec) }
.entries .chips { gap: .2rem .3rem } .entries .chips li { border-radius: 4px; padding: 0 .4rem; font-size: .84rem }
.lit, .chips li.lit { background: var(--lit); color: var(--lit-ink) }
.row.lit > *, .lit > .key { color: var(--lit-ink) }
.changed > .value, .changed > .key, .hex .changed { color: var(--missed); font-weight: 700 }
del { color: var(--soft); font-family: var(--mono); font-size: .8em }
.hex { border-left: 1px solid var(--line); padding: 0 .9rem .6rem; max-height: 34rem; overflow: auto; background: var(--wash);
  border-radius: 0 0 8px 0 }
.hex > code { display: block; width: 48ch; font-size: .8rem; line-height: 1.6; word-spacing: 0; overflow-wrap: break-word }
.hex span { border-radius: 2px; cursor: pointer } .hex .length { color: var(--soft) }
.hex .post-quantum { color: var(--pq) } .hex .classical { color: var(--ec) }
.hex .lit { color: var(--lit-ink) }
.caption { position: sticky; top: 0; background: var(--wash); min-height: 3.6rem; max-width: 24rem; padding: .4rem 0; font-size: .82rem;
  line-height: 1.35; color: var(--soft) }
.caption b { display: block; font-family: var(--mono); font-weight: 600; color: var(--ink); overflow-wrap: anywhere }
.records { list-style: none; padding: 0; margin: 0 }
.records li { padding: .5rem .9rem; font-size: .9rem } .records code { display: block; color: var(--soft); overflow-wrap: anywhere }
.records .sealed { border-style: dashed; color: var(--soft) }
.share { margin: 0 0 .9rem } .sum { color: var(--soft) }
.parts { display: flex; gap: 3px; margin-top: .2rem }
.parts span { flex: 1 1 6.5rem; padding: .4rem .7rem; border-radius: 4px; font-size: .86rem; line-height: 1.3; min-width: 0 }
.parts .post-quantum, .secret .post-quantum { background: var(--pq-wash); color: var(--pq) }
.parts .classical, .secret .classical { background: var(--ec-wash); color: var(--ec) }
.parts b { display: block }
.secret code { overflow-wrap: anywhere; line-height: 1.7 }
.secret span { padding: .1rem 0 }
.schedule svg { display: block; width: 100%; max-width: 47.5rem; height: auto; overflow: visible }
.schedule .narrow { display: none; max-width: 30rem }
.schedule svg text { font: 13px var(--mono); fill: var(--ink); pointer-events: none }
.schedule .narrow text { font-size: 11px; letter-spacing: -.02em }
.box { fill: var(--card); stroke: var(--line); stroke-width: 1.5 }
.extract .box { fill: var(--wash); stroke: var(--soft) } .input .box { stroke-dasharray: 4 3 }
.node > rect:not(.box) ~ .box { fill: none }
.node rect.post-quantum { fill: var(--pq-wash) } .node rect.classical { fill: var(--ec-wash) }
.edge { fill: none; stroke: var(--line); stroke-width: 1.5 }
.node { cursor: pointer } .node:focus { outline: none } .node:focus-visible .box { stroke: var(--link); stroke-width: 3 }
.node.lit .box { stroke: var(--hue-1); stroke-width: 2.5 } .edge.lit { stroke: var(--hue-1); stroke-width: 2.5 }
.detail { min-height: 8.5rem; padding: .75rem 0; font-size: .92rem } .detail dt, .all dt { font-weight: 650; font-family: var(--mono) }
.detail dd, .all dd { margin: 0 0 .75rem } .detail code, .all dd code { overflow-wrap: anywhere }
.all { margin: 0 } .all summary { color: var(--link) }
footer { margin-top: 4rem; color: var(--soft); font-size: .86rem }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px }
@media (max-width: 60rem) {
  .body { grid-template-columns: minmax(0, 1fr) }
  .hex { border-left: 0; border-top: 1px solid var(--line); max-height: 15rem; position: sticky; bottom: 0 }
  .hex > code { width: auto; max-width: 48ch }
  .fields { max-height: none }
  .caption { max-width: none; min-height: 2.6rem }
}
@media (max-width: 46rem) {
  main { padding: .5rem .75rem 4rem }
  .lanes { border-width: 1px } .item, .records li { margin: .35rem .35rem } .flight > header { padding: 0 .35rem }
  .arrow { margin: 0 -.35rem }
  .item > summary { grid-template-columns: minmax(0, 1fr) } .item > summary .meta { grid-column: 1; grid-row: auto; text-align: left }
  .row { padding-left: .6rem; padding-right: .5rem } .d1 { padding-left: 1.1rem } .d2 { padding-left: 1.6rem }
  .d3 { padding-left: 2.1rem } .d4 { padding-left: 2.6rem } .d5, .d6 { padding-left: 3.1rem }
  .hex > code { font-size: .74rem }
  .schedule .wide { display: none } .schedule .narrow { display: block }
  .view { border-radius: 8px }
}
@media print { .view, .hex { display: none } .fields { max-height: none } }
`;
