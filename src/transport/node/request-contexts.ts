/**
 * Contexts of single requests of an agent: `https.request` takes `ca`, `cert`, `key`, `rejectUnauthorized` and their like
 * for itself, and only requests that say the same may share connections and sessions.
 */
import { type ClientContextOptions, synonyms } from "./context-options.ts";
import { beside } from "./socket-options.ts";
import { createSecureContext, type SecureContext } from "./context.ts";
import { isBytes } from "../../wire/index.ts";

/** What a request says for itself. */
export type Said = Partial<ClientContextOptions> & { readonly secureContext?: SecureContext };

interface Entry {
  readonly said: Said;
  readonly context: SecureContext;
}

/** Different requests that an agent remembers; beyond them the one that was not used for longest is forgotten. */
const capacity = 100;

export class RequestContexts {
  readonly #entries = new Map<string, Entry>();
  readonly #forgotten = new WeakSet<SecureContext>();
  #base: ClientContextOptions;

  /** @param base what the agent says for all requests */
  constructor(base: ClientContextOptions) {
    this.#base = base;
  }

  /** @throws RangeError, TypeError or TlsError `misuse` for options that cannot work */
  get(said: Said): SecureContext {
    const { secureContext, ...others } = said;
    if (secureContext !== undefined) return beside(secureContext, others)!;
    const name = nameOf(said);
    const entry = this.#entries.get(name) ?? {
      said,
      context: createSecureContext({ ...without(this.#base, said), ...said }),
    };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    const [oldest] = this.#entries;
    if (this.#entries.size > capacity && oldest !== undefined) {
      this.#entries.delete(oldest[0]);
      this.#forgotten.add(oldest[1].context);
    }
    return entry.context;
  }

  /** What a request has said for itself stays. */
  update(changes: Said): void {
    this.#base = { ...without(this.#base, changes), ...changes };
    for (const { said, context } of this.#entries.values()) context.update(without(changes, said));
  }

  /** Nobody tells this context any more what has changed: its connections are not to be used again. */
  isForgotten(context: SecureContext): boolean {
    return this.#forgotten.has(context);
  }
}

/** The options without those that the others say, in whichever of the names that say the same. */
function without(options: Said, others: Said): Said {
  const names = Object.keys(others);
  const alike = [...synonyms, ["cert", "key", "pfx", "passphrase", "credentials"]]
    .filter((group) => group.some((name) => names.includes(name)))
    .flat();
  const gone = new Set([...names, ...alike]);
  return Object.fromEntries(Object.entries(options).filter(([name]) => !gone.has(name)));
}

/** The same for options that say the same: text and bytes by what they hold, all else by being the same thing. */
export const nameOf = (said: object): string =>
  JSON.stringify(
    Object.entries(said)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, valueOf(value)]),
  );

function valueOf(value: unknown): unknown {
  if (isBytes(value)) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(valueOf);
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  let number = numbers.get(value);
  if (number === undefined) numbers.set(value, (number = ++count));
  return { number };
}

const numbers = new WeakMap<object, number>();
let count = 0;
