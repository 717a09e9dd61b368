/** HTTP servers behind a TLS server of ours: they tell what it tells, as those of Node do, which are TLS servers themselves. */
import type { EventEmitter } from "node:events";
import { refuseEvent } from "./node-members.ts";

/** Events of a TLS server that come at the HTTP server behind it, where somebody listens there. */
const passedOn = ["keylog", "newSession", "resumeSession", "tlsClientError"] as const;

/** @param who the HTTP server's name for users */
export function tellAsWell(server: EventEmitter, tls: EventEmitter, who: string): void {
  const tellers = new Map<string | symbol, (...values: unknown[]) => void>(
    passedOn.map((event) => [event, (...values) => void server.emit(event, ...values)]),
  );
  // Sessions are given to whoever listens for them, and nobody else
  server.on("newListener", (event: string | symbol) => {
    refuseEvent(who, event);
    const tell = tellers.get(event);
    if (tell !== undefined && server.listenerCount(event) === 0) tls.on(event, tell);
  });
  server.on("removeListener", (event: string | symbol) => {
    const tell = tellers.get(event);
    if (tell !== undefined && server.listenerCount(event) === 0) tls.off(event, tell);
  });
}
