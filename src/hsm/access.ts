/**
 * Sessions of a token that may go away and come back: a network token is restarted, somebody logs out, a
 * card is taken out, another library finalises the module.
 *
 * An operation that fails because of that is repeated: first in new sessions with a new login, then after the
 * module was finalised and initialised again. Where that fails too the token is away: operations fail at
 * once and say so, and after a delay, which doubles each time, one of them tries anew. Handles of keys end
 * with the sessions, so that whoever has one finds its key again.
 */
import type { Handle, PKCS11 } from "pkcs11js";
import { TlsError } from "../registry/index.ts";
import { attempt, hsmError, isGone } from "./errors.ts";
import type { Module } from "./module.ts";
import { Sessions } from "./sessions.ts";

export interface AccessOptions {
  /** The token's label; absent for the only one that there is. */
  readonly token: string | undefined;
  readonly pin: string | undefined;
  readonly sessions: number;
  /** Milliseconds until a token that is away is looked for again, at first. */
  readonly retryDelay: number;
}

/** Milliseconds between two attempts to find a token that is away, at most. */
const longestDelay = 30_000;

/** Milliseconds that operations of a module may take to end before it is initialised again. */
const patience = 10_000;

export class Access {
  readonly #module: Module;
  readonly #options: AccessOptions;
  #sessions: Sessions | undefined;
  #opening: Promise<Sessions> | undefined;
  #away: { readonly error: TlsError; readonly until: number } | undefined;
  #delay: number;
  #label = "";
  #isClosed = false;

  private constructor(module: Module, options: AccessOptions) {
    this.#module = module;
    this.#options = options;
    this.#delay = options.retryDelay;
  }

  /** @throws TlsError `misuse` if there is no such token, or the PIN is wrong */
  static async open(module: Module, options: AccessOptions): Promise<Access> {
    const access = new Access(module, options);
    module.beforeRestart(() => access.#suspend("the module is initialised again"));
    access.#sessions = await access.#logIn();
    return access;
  }

  get label(): string {
    return this.#label;
  }

  /** Operations that wait for a session. */
  get waiting(): number {
    return this.#sessions?.waiting ?? 0;
  }

  /**
   * Does something in a session. Handles of objects hold as long as `epoch` is the same.
   * @param signal ends the waiting for a session, with its reason
   * @throws TlsError `misuse` that says what failed, or that the token is away
   */
  async use<T>(
    what: string,
    action: (session: Handle, epoch: object) => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    for (const remedy of remedies) {
      const sessions = await this.#present();
      try {
        return await sessions.use(what, (session) => action(session, sessions), signal);
      } catch (error) {
        if (remedy === "none" || this.#isClosed || !isGone(error)) throw error;
        await this.#leave(sessions, remedy, error);
      }
    }
    throw new TlsError("internal", "HSM: no remedy is left");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#sessions?.close();
    this.#module.release();
  }

  /** The sessions of now, or new ones. */
  async #present(): Promise<Sessions> {
    if (this.#isClosed) throw new TlsError("misuse", "HSM: the token was closed");
    if (this.#sessions !== undefined) return this.#sessions;
    const left = (this.#away?.until ?? 0) - performance.now();
    if (this.#away !== undefined && left > 0) throw this.#isAway(this.#away.error, left);
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return await this.#opening;
  }

  async #open(): Promise<Sessions> {
    try {
      this.#sessions = await this.#logInAnew();
      this.#away = undefined;
      this.#delay = this.#options.retryDelay;
      return this.#sessions;
    } catch (cause) {
      const error = hsmError("opening the token again", cause);
      // A PIN that is wrong now will be so later, and each attempt brings its lock nearer
      const delay = isGone(error) || isMissing(error) ? this.#delay : Infinity;
      this.#delay = Math.min(this.#delay * 2, longestDelay);
      this.#away = { error, until: performance.now() + delay };
      throw this.#isAway(error, delay);
    }
  }

  async #logInAnew(): Promise<Sessions> {
    try {
      return await this.#logIn();
    } catch (error) {
      if (!isGone(error) && !isMissing(error)) throw error;
      await this.#module.restart();
      return await this.#logIn();
    }
  }

  async #logIn(): Promise<Sessions> {
    const { token, pin, sessions } = this.#options;
    const { calls } = this.#module;
    const { slot, label } = findToken(calls, token);
    const pool = new Sessions({ calls, slot, pin }, sessions);
    // A wrong PIN is told now, not by the first handshake
    await pool.use("opening a session", () => undefined);
    this.#label = label;
    return pool;
  }

  async #leave(lost: Sessions, remedy: Remedy, error: unknown): Promise<void> {
    // Somebody else may have noticed before
    if (this.#sessions === lost) await this.#suspend("the token is gone", error);
    if (remedy === "restart") await this.#module.restart();
  }

  /** Closes all sessions. Those who wait for one are given new ones. */
  async #suspend(reason: string, cause?: unknown): Promise<void> {
    const sessions = this.#sessions;
    this.#sessions = undefined;
    if (sessions === undefined) return;
    await within(
      sessions.close(new TlsError("misuse", `HSM: ${reason} (CKR_SESSION_CLOSED)`, { cause })),
    );
  }

  #isAway(error: TlsError, left: number): TlsError {
    const when =
      left === Infinity ? "open it anew" : `it is looked for again in ${Math.ceil(left)} ms`;
    return new TlsError("misuse", `HSM: the token "${this.#label}" is away, ${when}`, {
      received: error.message,
      cause: error,
    });
  }
}

/** What is done when an operation finds its token gone, one after the other. */
const remedies = ["new sessions", "restart", "none"] as const;
type Remedy = (typeof remedies)[number];

/** A module that does not answer cannot be initialised again. */
async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new TlsError("misuse", `HSM: the module does not answer (CKR_DEVICE_ERROR)`);
    timer = setTimeout(() => reject(error), patience);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Marks that the token was not among those that there are. */
class MissingToken extends TlsError {}
const isMissing = (error: unknown): boolean => error instanceof MissingToken;

function findToken(
  calls: PKCS11,
  wanted: string | undefined,
): { readonly slot: Handle; readonly label: string } {
  const tokens = attempt("listing the tokens", () =>
    calls.C_GetSlotList(true).flatMap((slot) => {
      const { label, flags } = calls.C_GetTokenInfo(slot);
      return (flags & tokenInitialised) === 0 ? [] : [{ slot, label: label.trim() }];
    }),
  );
  const found = tokens.filter(({ label }) => wanted === undefined || label === wanted);
  const [token] = found;
  if (token !== undefined && found.length === 1) return token;
  const names = tokens.map(({ label }) => `"${label}"`).toSorted();
  throw new MissingToken("misuse", `HSM: ${found.length} tokens to choose from`, {
    expected: wanted === undefined ? "exactly one, or a label" : `one with the label "${wanted}"`,
    received: names.join(", ") || "a module without tokens",
  });
}

/** CKF_TOKEN_INITIALIZED. */
const tokenInitialised = 0x400;
