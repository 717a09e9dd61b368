import type { Subject } from "./corpus.ts";
import type { JsonObject } from "./json.ts";

/** One test of Wycheproof, with what stands around it. */
export interface Vector {
  /** The file's algorithm. */
  readonly algorithm: string;
  readonly group: JsonObject;
  readonly test: JsonObject;
  readonly result: "valid" | "invalid" | "acceptable";
}

/** What an implementation did with a vector. */
export type Answer =
  | "accepted"
  | "rejected"
  /** Took it, and computed something else than the vector says. */
  | { readonly wrong: string }
  | { readonly skip: string };

export type Check = (subject: Subject, vector: Vector) => Answer;

export const unused = (what: string): Answer => ({ skip: `TLS 1.3 has no use for ${what}` });

export const noGivenKeys: Answer = { skip: "this back end takes no given private keys" };
