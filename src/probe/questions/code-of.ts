import { NamedGroup, type NamedGroupName } from "../../registry/index.ts";

/** The code point of a name that came out of our own table. */
export const codeOf = (name: string): number => NamedGroup[name as NamedGroupName];
