/** How the playground looks, beside the style of explained handshakes. */
export const playStyle = `
.skip { position: absolute; left: -99rem } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); z-index: 9 }
.top { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline; padding: .7rem 1.25rem; border-bottom: 1px solid var(--line);
  position: sticky; top: 0; background: var(--paper); z-index: 5 }
.brand { margin: 0; font-size: 1.05rem }
.top nav { margin: 0; display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; font-size: .95rem; max-width: none }
.top nav a { text-decoration: none; padding: .25rem 0; border-bottom: 3px solid transparent }
.top nav a[aria-current] { border-color: var(--pq); color: var(--ink); font-weight: 600 }
main { max-width: 86rem }
.quiet { font-size: 1.05rem; letter-spacing: 0; font-weight: 600; margin: .25rem 0 .5rem }
#status { min-height: 1.6rem; color: var(--soft); max-width: none; overflow-wrap: anywhere } #status.wrong { color: var(--missed) }
.split { display: grid; grid-template-columns: 17rem minmax(0, 1fr); gap: 2rem; align-items: start }
.split h2:first-of-type { margin-top: 1rem }
#choose { position: sticky; top: 4rem; max-height: calc(100vh - 5rem); overflow-y: auto; padding: 0 .75rem .5rem 0 }
#controls { font-size: .9rem }
#controls fieldset { border: 0; border-top: 1px solid var(--line); margin: 0; padding: .5rem 0 }
#controls legend { float: left; width: 100%; padding: 0; font-weight: 600 }
#controls legend + * { clear: both }
#controls label { display: block; padding: .12rem 0; overflow-wrap: anywhere }
.links { padding-left: 1.2rem } .links select { width: 100% }
#controls details { border: 0; margin: 0 } #controls summary { padding: .1rem 0 }
input, select, button, textarea { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 5px;
  padding: .3rem .5rem; max-width: 100% }
input[type="checkbox"], input[type="radio"] { accent-color: var(--pq) } input[type="range"] { padding: 0; width: 20rem; accent-color: var(--pq) }
button { cursor: pointer; color: var(--link); margin: 0 .25rem .25rem 0; font-size: .9rem }
button:hover { border-color: var(--link) }
textarea { width: 100%; font: .84rem/1.5 var(--mono); tab-size: 2 }
#steps:not(:empty) { background: var(--wash); border-radius: 8px; padding: .6rem .9rem; margin: 0 0 1rem }
#steps p { margin: 0 0 .3rem } #steps ul { margin: 0; padding: 0; list-style: none } #steps li { padding: .1rem 0; overflow-wrap: anywhere }
#catalogue h3 { margin: 1.5rem 0 .25rem }
#catalogue li { padding: .45rem 0; border-top: 1px solid var(--faint); overflow-wrap: anywhere } #catalogue ul { list-style: none; padding: 0; margin: 0 }
#catalogue .name { font-family: var(--mono); font-size: .88em; font-weight: 600 } #catalogue .came { display: block; font-size: .88rem }
.range { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: center } .range > span:first-child { min-width: 13rem } output { font-variant-numeric: tabular-nums }
.sequence { max-width: 40rem; width: 100%; height: auto; font: 11px var(--mono) } .sequence text { fill: var(--ink) } .sequence .size { fill: var(--soft) }
.sequence line { stroke: var(--hue-0); stroke-width: 1.4 } .sequence circle { fill: var(--hue-0) } .sequence .server line { stroke: var(--hue-1) }
.sequence .server circle { fill: var(--hue-1) } .sequence .end { stroke: var(--line); stroke-width: 2 }
.sequence .lost line { stroke: var(--missed); stroke-dasharray: 4 3 } .sequence .lost text { fill: var(--missed) } .sequence .again line { stroke-width: 3 }
iframe { width: 100%; height: 75vh; border: 1px solid var(--line); border-radius: 8px; background: var(--paper) }
dialog { border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: var(--ink); max-width: min(38rem, 94vw); padding: 1rem 1.25rem }
dialog::backdrop { background: #0006 } dialog h2 { margin: 0 0 .5rem; font: 600 1rem var(--mono); overflow-wrap: anywhere; border: 0; padding: 0 }
dialog label { display: block; margin: .4rem 0 }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums } .scroll { overflow-x: auto; max-width: 100% }
th, td { padding: .3rem 1rem .3rem 0; text-align: right; border-top: 1px solid var(--faint); font-weight: 400 } th:first-child { text-align: left }
thead th { color: var(--soft) }
.row, .entries .chips li { position: relative }
.change { position: absolute; right: .4rem; top: .1rem; z-index: 1; font-size: .78rem; padding: 0 .4rem; margin: 0; visibility: hidden }
.entries .change { right: auto; left: 100% }
.row:not(.entries):hover > .change, .row:not(.entries):focus-within > .change, .lit > .change, .entries li:hover > .change { visibility: visible }
#choose { border: 0; margin: 0 }
dialog fieldset { border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; font-size: .92rem }
[hidden] { display: none !important }
@media (max-width: 60rem) { .split { grid-template-columns: minmax(0, 1fr); gap: .5rem } #choose { position: static; max-height: none }
  .top { position: static; padding: .5rem .75rem } }
@media (min-width: 60.01rem) { #choose > summary { display: none } }
`;
