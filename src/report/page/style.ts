import { palette } from "../charts/frame.ts";

const colours = (mode: "light" | "dark"): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}: ${colour[mode]};`)
    .join(" ");

/** Colours, and how text reads: of every page. */
export const baseStyle = `
:root { --ink: #1c2024; --soft: #5c6068; --line: #d9dade; --faint: #ebecef;
  --link: #005a8f; --alarm: #fff4e5; --alarm-line: #d98200; ${colours("light")} }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e7ea; --soft: #a3a7b0; --line: #3a3d44;
  --faint: #26282d; --link: #7cc0f0; --alarm: #2b2315; --alarm-line: #b3781c;
  ${colours("dark")} } }
* { box-sizing: border-box }
html { scroll-padding-top: 1rem; scrollbar-color: var(--soft) var(--faint) }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; -webkit-text-size-adjust: 100%;
  text-size-adjust: 100% }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px }
`;

/** Of reports. */
export const stylesheet = `${baseStyle}
main { max-width: 57rem; margin: 0 auto; padding: 1.5rem 1rem 5rem }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.015em; font-weight: 650;
  margin: 1.5rem 0 .75rem; text-wrap: balance }
h2 { font-size: 1.4rem; line-height: 1.25; letter-spacing: -.01em; font-weight: 650;
  margin: 4rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); text-wrap: balance }
h3 { font-size: 1rem; line-height: 1.35; font-weight: 600; margin: 0 0 .5rem; text-wrap: balance }
p, .warnings, nav, h1 { max-width: 44rem }
p { margin: 0 0 1rem }
.lead { color: var(--soft); margin-bottom: .25rem }
.warnings { background: var(--alarm); border-left: 4px solid var(--alarm-line);
  padding: .75rem 1rem; margin: 1.5rem 0 }
.warnings ul { margin: 0; padding-left: 1.1rem }
nav { margin: 1.5rem 0; font-size: .94rem }
nav ul { columns: 2 20rem; column-gap: 2rem; list-style: none; margin: 0; padding: 0 }
nav li { padding: .12rem 0; break-inside: avoid }
figure { margin: 2rem 0 }
figcaption, .notes { color: var(--soft); font-size: .88rem; line-height: 1.5; max-width: 42rem }
figcaption { margin-top: .25rem }
.notes { padding-left: 1.1rem }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: 0 0 .25rem;
  padding: 0; font-size: .86rem }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px;
  margin-right: .4em; vertical-align: -.05em }
svg { display: block; width: 100%; height: auto; overflow: visible }
svg text { font-variant-numeric: tabular-nums; white-space: pre }
.narrow { display: none; max-width: 30rem }
.scroll { overflow-x: auto; border-bottom: 1px solid var(--line); width: max-content; min-width: 100%;
  max-width: max(100%, min(50vw + 24.5rem, 80rem)) }
.scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
table { border-collapse: collapse; font-size: .86rem; line-height: 1.4; min-width: 100%;
  font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; white-space: nowrap; font-weight: 400;
  border-top: 1px solid var(--faint) }
th[scope="row"] { white-space: normal; min-width: 11rem; max-width: 24rem }
td.long { white-space: normal; min-width: 10rem }
th:last-child, td:last-child { padding-right: .25rem }
thead th { white-space: normal; color: var(--soft); font-weight: 500; border: 0; vertical-align: bottom }
thead .groups th { color: var(--ink); font-weight: 600; border-bottom: 1px solid var(--line) }
thead .groups td { border: 0 }
.number, thead .number { text-align: right }
.reached { color: var(--reached) }
.missed { color: var(--missed); font-weight: 600 }
td span a { color: inherit; padding: .3rem .4rem; margin: -.3rem -.4rem }
.open { color: var(--open); display: inline-block; white-space: normal; max-width: 5.8rem }
button { font: inherit; font-size: .8rem; font-weight: 400; color: var(--link); background: none;
  border: 1px solid var(--line); border-radius: 4px; padding: 0 .5rem; margin-left: .25rem;
  cursor: pointer }
details { margin: 1.5rem 0; border-top: 1px solid var(--faint); border-bottom: 1px solid var(--faint) }
summary { cursor: pointer; padding: .5rem 0; color: var(--link) }
@media (max-width: 58rem) { .scroll { max-width: 100% } }
@media (max-width: 46rem) {
  body { font-size: 16px }
  h1 { font-size: 1.6rem }
  th[scope="row"] { min-width: 9.5rem; max-width: 46vw; position: sticky; left: 0;
    background: var(--paper); overflow-wrap: anywhere }
  th, td { padding-right: .5rem }
  .wide { display: none }
  .narrow { display: block }
}
@media (max-width: 30rem) { table { font-size: .8rem } .number { white-space: normal } }
@media print { nav, button { display: none } body { font-size: 10pt } details > * { display: block } }
`;
