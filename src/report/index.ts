/** Documents of words, tables and figures, and what they are written as. */
export { loadRenderer, MissingPackage, svgFile } from "./charts/draw.ts";
export type { Renderer } from "./charts/renderer.ts";
export { type Document, figuresOf } from "./document.ts";
export { markdown } from "./markdown.ts";
export { page } from "./page/page.ts";
