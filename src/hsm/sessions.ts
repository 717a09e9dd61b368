import type { Handle, PKCS11 } from "pkcs11js";
import { TlsError } from "../registry/index.ts";
import { Ckf, Cku } from "./constants.ts";
import { answerOf, attempt, hsmError } from "./errors.ts";

/** Where the sessions are opened, and as whom. */
export interface Login {
  readonly calls: PKCS11;
  readonly slot: Handle;
  readonly pin: string | undefined;
}

interface Waiter {
  readonly resolve: (session: Handle) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sessions of one token. A session does one thing at a time, and a signature that is being made occupies
 * a thread of libuv's pool: so there are few, and who comes later waits for his turn, not on the event
 * loop. Who does not want to wait any more leaves the queue, and delays nobody.
 */
export class Sessions {
  readonly #login: Login;
  readonly #limit: number;
  readonly #idle: Handle[] = [];
  readonly #waiting = new Set<Waiter>();
  #open = 0;
  #isClosed = false;
  #reason = closed();
  #whenEmpty: (() => void) | undefined;

  constructor(login: Login, limit: number) {
    this.#login = login;
    this.#limit = limit;
  }

  /** Operations that wait for a session. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Does something in a session; one in which something failed is not used again.
   * @param signal ends the waiting, with its reason. What has begun cannot be stopped
   */
  async use<T>(
    what: string,
    action: (session: Handle) => T | Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const session = await this.#take(signal);
    let isSound = false;
    try {
      const result = await action(session);
      isSound = true;
      return result;
    } catch (error) {
      throw hsmError(what, error);
    } finally {
      this.#giveBack(session, isSound);
    }
  }

  /** Refuses who waits, lets finish who is at work, and closes all. @param reason what those are told */
  async close(reason = closed()): Promise<void> {
    this.#isClosed = true;
    this.#reason = reason;
    for (const { reject } of this.#waiting) reject(reason);
    this.#waiting.clear();
    for (const session of this.#idle.splice(0)) this.#drop(session);
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  async #take(signal: AbortSignal | undefined): Promise<Handle> {
    if (this.#isClosed) throw this.#reason;
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#open < this.#limit) return this.#start();
    return this.#wait(signal);
  }

  async #wait(signal: AbortSignal | undefined): Promise<Handle> {
    let leave = (): void => {};
    try {
      return await new Promise<Handle>((resolve, reject) => {
        const waiter = { resolve, reject };
        this.#waiting.add(waiter);
        leave = () => {
          this.#waiting.delete(waiter);
          reject(signal?.reason);
        };
        signal?.addEventListener("abort", leave);
      });
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  #next(): Waiter | undefined {
    const [next] = this.#waiting;
    if (next !== undefined) this.#waiting.delete(next);
    return next;
  }

  #giveBack(session: Handle, isSound: boolean): void {
    if (!isSound || this.#isClosed) {
      this.#drop(session);
      this.#replace();
      return;
    }
    const next = this.#next();
    if (next === undefined) this.#idle.push(session);
    else next.resolve(session);
  }

  /** Whoever waits for the session that is gone gets a new one. */
  #replace(): void {
    const next = this.#next();
    if (next === undefined) return;
    try {
      next.resolve(this.#start());
    } catch (error) {
      next.reject(hsmError("opening a session", error));
      this.#replace();
    }
  }

  #start(): Handle {
    const { calls, slot, pin } = this.#login;
    const session = attempt("opening a session", () =>
      calls.C_OpenSession(slot, Ckf.serialSession | Ckf.rwSession),
    );
    this.#open++;
    try {
      if (pin !== undefined) calls.C_Login(session, Cku.user, pin);
    } catch (error) {
      // The login is the application's: another session has done it
      if (answerOf(error) !== "CKR_USER_ALREADY_LOGGED_IN") {
        this.#drop(session);
        throw hsmError("logging in", error);
      }
    }
    return session;
  }

  #drop(session: Handle): void {
    this.#open--;
    try {
      this.#login.calls.C_CloseSession(session);
    } catch {
      // It was gone already, which is why it is dropped
    }
    if (this.#open === 0) this.#whenEmpty?.();
  }
}

const closed = (): TlsError => new TlsError("misuse", "HSM: the token was closed");
