/** A handshake explained, as data and as a page. */
export { explain } from "./explain.ts";
export { explainedPage } from "./page/page.ts";
