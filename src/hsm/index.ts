export type { TokenKeyType } from "./key-type.ts";
export { parseTokenUri, TokenKeys, type TokenKeysOptions, type TokenUri } from "./uri.ts";
export { openToken, Token, type TokenKey, type TokenOptions } from "./token.ts";
