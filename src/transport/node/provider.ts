export { noble as defaultProvider } from "../../crypto/index.ts";
