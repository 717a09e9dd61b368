/** The end that a malicious one speaks to: one of ours, or OpenSSL. */
import type { Connection } from "../../../connection/index.ts";
import type { PumpedEnd } from "../../../connection/pump.ts";
import type { OfferedPsk } from "../../../handshake/index.ts";
import { concatAll } from "../../../wire/index.ts";

export interface HonestEnd<Session> extends PumpedEnd {
  /** Its handshake is over, or was. */
  readonly hasOpened: boolean;
  readonly hasFailed: boolean;
  /** That it sent, where it can say so itself. */
  readonly alert?: string | undefined;
  /** All that it was told. */
  readonly received: Uint8Array;
  /** What a client of its kind resumes by. */
  readonly session: Session | undefined;
  /** True if it can. */
  say(data: Uint8Array): boolean;
  destroy(): void;
}

/** A connection, and what its events came to. */
export class OurEnd implements HonestEnd<OfferedPsk> {
  session: OfferedPsk | undefined;
  readonly #connection: Connection;
  readonly #received: Uint8Array[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.start();
  }

  get hasOpened(): boolean {
    return this.#connection.negotiated !== undefined;
  }

  get hasFailed(): boolean {
    return this.#connection.error !== undefined;
  }

  get alert(): string | undefined {
    const { error } = this.#connection;
    return error === undefined || error.code === "peer_alert" ? undefined : error.alert;
  }

  get received(): Uint8Array {
    return concatAll(this.#received);
  }

  takeOutput(): readonly Uint8Array[] {
    return this.#connection.takeOutput();
  }

  receive(bytes: Uint8Array): void {
    this.#connection.receive(bytes);
    for (const event of this.#connection.takeEvents()) {
      if (event.type === "data") this.#received.push(event.data);
      else if (event.type === "session") this.session ??= event.session;
    }
  }

  say(data: Uint8Array): boolean {
    if (this.#connection.state !== "open") return false;
    this.#connection.write(data);
    return true;
  }

  destroy(): void {
    this.#connection.abort();
  }
}
