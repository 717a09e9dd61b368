/** A handshake explained, as data and as a page. */
export { type SecretOf, watchMaker } from "./exchange.ts";
export { explain, explainLast } from "./explain.ts";
export { explainedPage } from "./page/page.ts";
