export type { TokenKeyType } from "./algorithms.ts";
export { openToken, Token, type TokenKey, type TokenOptions } from "./token.ts";
