import type { OfferedPsk } from "../../handshake/index.ts";

/** Sessions of one server that wait; each is used once, so that nobody can follow it (RFC 9846 Appendix C.4). */
const perServer = 4;

/** A client's sessions by server. What was not used for longest goes first when there are too many. */
export class SessionCache {
  readonly #sessions = new Map<string, OfferedPsk[]>();
  readonly #capacity: number;

  /** @param capacity servers */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  put(server: string, session: OfferedPsk): void {
    const sessions = [session, ...(this.#sessions.get(server) ?? [])].slice(0, perServer);
    this.#sessions.delete(server);
    this.#sessions.set(server, sessions);
    if (this.#sessions.size <= this.#capacity) return;
    const oldest = this.#sessions.keys().next();
    if (!oldest.done) this.#sessions.delete(oldest.value);
  }

  /** The newest, which is then forgotten. */
  take(server: string): OfferedPsk | undefined {
    const sessions = this.#sessions.get(server);
    const session = sessions?.shift();
    if (sessions?.length === 0) this.#sessions.delete(server);
    return session;
  }
}
