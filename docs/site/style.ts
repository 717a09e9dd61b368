import { baseStyle } from "../../src/report/page/style.ts";

/** How the site looks. */
export const siteStyle = `${baseStyle}
:root { --wash: #f6f7f9; --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
@media (prefers-color-scheme: dark) { :root { --wash: #1e2025 } }
html { scroll-padding-top: 5rem }
.skip { position: absolute; left: -99rem } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); z-index: 9 }
.bar { position: sticky; top: 0; z-index: 5; display: flex; gap: 1rem 2rem; align-items: center; justify-content: space-between;
  padding: .6rem 1.25rem; background: var(--paper); border-bottom: 1px solid var(--line) }
.brand { font-weight: 700; color: var(--ink); text-decoration: none; font-size: 1.1rem }
.search { position: relative; flex: 0 1 24rem } .search label { position: absolute; left: -99rem }
.search { overflow: visible; min-width: 0 }
.search input { font: inherit; width: 100%; padding: .3rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); color: inherit }
#found { position: absolute; right: 0; top: 100%; width: min(32rem, 92vw); max-height: 70vh; overflow: auto; list-style: none; margin: .25rem 0 0;
  padding: .4rem; background: var(--paper); border: 1px solid var(--line); border-radius: 8px }
#found a { display: block; padding: .3rem .5rem; text-decoration: none; overflow-wrap: anywhere } #found a:focus, #found a:hover { background: var(--wash) }
.frame { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 3rem; max-width: 82rem; margin: 0 auto; padding: 0 1.25rem }
.contents { position: sticky; top: 3.6rem; align-self: start; max-height: calc(100vh - 4rem); overflow: auto; padding: 1rem 0; font-size: .92rem; margin: 0 }
.contents h2 { font-size: .8rem; letter-spacing: .03em; color: var(--soft); margin: 1rem 0 .2rem; padding: 0; border: 0; font-weight: 600 }
.contents ul { list-style: none; margin: 0; padding: 0 } .contents li a { display: block; padding: .12rem 0; text-decoration: none; color: inherit }
.contents a[aria-current] { color: var(--link); font-weight: 600 } .contents a:hover { text-decoration: underline }
main { min-width: 0; padding: 1rem 0 6rem; max-width: 52rem; overflow-wrap: break-word }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -.02em; margin: 1rem 0 1rem } h2 { font-size: 1.4rem; margin: 2.75rem 0 .75rem; letter-spacing: -.01em }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem } h1, h2, h3 { text-wrap: balance; overflow-wrap: anywhere }
.anchor { color: var(--soft); text-decoration: none; opacity: 0; font-weight: 400 } :is(h1, h2, h3, h4):hover .anchor, .anchor:focus { opacity: 1 }
pre { background: var(--wash); border: 1px solid var(--faint); border-radius: 8px; padding: .8rem 1rem; overflow-x: auto; font: .84rem/1.5 var(--mono) }
code { font-family: var(--mono); font-size: .87em } pre code { font-size: 1em }
.scroll { overflow-x: auto; margin: 1rem 0 } table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .35rem 1rem .35rem 0; border-top: 1px solid var(--faint); vertical-align: top } th { border: 0; color: var(--soft); font-weight: 600 }
.number { text-align: right } .source { border-bottom: 1px dotted var(--soft) }
.names { columns: 3 12rem; list-style: none; padding: 0; font-size: .9rem } .names a { text-decoration: none; overflow-wrap: anywhere }
pre a { text-decoration: underline dotted; text-underline-offset: .2em } pre a:hover { text-decoration: underline }
blockquote { margin: 1rem 0; padding: 0 1rem; border-left: 4px solid var(--line); color: var(--soft) }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.contents summary { color: var(--link); cursor: pointer }
@media (min-width: 62rem) { .contents summary { display: none } }
@media (max-width: 62rem) { .frame { grid-template-columns: minmax(0, 1fr); gap: 0 } .contents { position: static; max-height: none; padding: .5rem 0 }
  h1 { font-size: 1.7rem } }
@media print { .bar, .contents { display: none } }
`;
