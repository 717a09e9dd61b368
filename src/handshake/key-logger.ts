import {
  type ExporterSecret,
  keyLogLine,
  type Role,
  type TrafficSecret,
} from "../schedule/index.ts";

/** Writes the secrets of one connection to a key log, if there is one (RFC 9850). */
export class KeyLogger {
  readonly #write: ((line: string) => void) | undefined;
  readonly #clientRandom: Uint8Array;

  constructor(write: ((line: string) => void) | undefined, clientRandom: Uint8Array) {
    this.#write = write;
    this.#clientRandom = clientRandom;
  }

  traffic(
    kind:
      | "HANDSHAKE_TRAFFIC_SECRET"
      | "AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET"
      | "TRAFFIC_SECRET_0",
    secrets: { readonly client: TrafficSecret; readonly server: TrafficSecret },
  ): void {
    this.#write?.(keyLogLine(`CLIENT_${kind}`, this.#clientRandom, secrets.client.reveal()));
    this.#write?.(keyLogLine(`SERVER_${kind}`, this.#clientRandom, secrets.server.reveal()));
  }

  /** Of AuthKEM, where the ends' secrets for data come one after the other. */
  data(role: Role, secret: TrafficSecret): void {
    const label = role === "client" ? "CLIENT_TRAFFIC_SECRET_0" : "SERVER_TRAFFIC_SECRET_0";
    this.#write?.(keyLogLine(label, this.#clientRandom, secret.reveal()));
  }

  early(traffic: TrafficSecret, exporter: ExporterSecret): void {
    this.#write?.(keyLogLine("CLIENT_EARLY_TRAFFIC_SECRET", this.#clientRandom, traffic.reveal()));
    this.exporter("EARLY_EXPORTER_SECRET", exporter);
  }

  /** Of AuthKEM: what protects a client's certificate in its first flight. */
  earlyHandshake(traffic: TrafficSecret): void {
    const label = "CLIENT_EARLY_HANDSHAKE_TRAFFIC_SECRET";
    this.#write?.(keyLogLine(label, this.#clientRandom, traffic.reveal()));
  }

  exporter(label: "EXPORTER_SECRET" | "EARLY_EXPORTER_SECRET", secret: ExporterSecret): void {
    this.#write?.(keyLogLine(label, this.#clientRandom, secret.reveal()));
  }
}
