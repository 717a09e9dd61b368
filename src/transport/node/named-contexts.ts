/** `addContext` of `node:tls`: who answers for a host name. */
import type { ServerIdentity, ServerOptions } from "../../connection/index.ts";
import type { ServerContextOptions } from "./context-options.ts";
import { byCallback } from "./sni.ts";

type IdentityFor = NonNullable<ServerOptions["identityFor"]>;

interface Named {
  identity(): ServerIdentity;
}

/** Contexts by name; the last that fits answers, and where none does, whom the options name. */
export class NamedContexts {
  readonly #contexts: { readonly fits: RegExp; readonly context: Named }[] = [];
  #otherwise: IdentityFor | undefined;

  /** @param options of the server */
  constructor(options: Partial<ServerContextOptions>) {
    this.#otherwise = identityForIn(options);
  }

  /** @throws RangeError for what is not a host name */
  add(hostname: string, context: Named): void {
    if (!/^(\*\.)?[\w-]+(\.[\w-]+)*$/.test(hostname)) {
      throw new RangeError(
        `addContext: ${JSON.stringify(hostname)} is not a host name: a.example, or *.example`,
      );
    }
    const pattern = hostname.replaceAll(".", "\\.").replace("*", "[^.]+");
    this.#contexts.push({ fits: new RegExp(`^${pattern}$`, "i"), context });
  }

  /** The options as a context takes them, so that the names stay what they are. */
  within(changes: Partial<ServerContextOptions>): Partial<ServerContextOptions> {
    const { SNICallback: _, ...others } = changes;
    if ("SNICallback" in changes || "identityFor" in changes) {
      this.#otherwise = identityForIn(changes);
    }
    if (this.#contexts.length === 0) return changes;
    return { ...others, identityFor: (name) => this.#answer(name) };
  }

  #answer(serverName: string): ReturnType<IdentityFor> {
    const named = this.#contexts.findLast(({ fits }) => fits.test(serverName));
    return named === undefined ? this.#otherwise?.(serverName) : named.context.identity();
  }
}

const identityForIn = ({
  identityFor,
  SNICallback,
}: Partial<ServerContextOptions>): IdentityFor | undefined =>
  identityFor ?? (SNICallback && byCallback(SNICallback));
