import type { Expectation } from "../scenario.ts";

/** The server refuses with that code, and the client is told. */
export const byServer = (code: string, alert = code) => ({ server: code, client: `told ${alert}` });

/** The client refuses with that code, and the server is told. */
export const byClient = (code: string, alert = code) => ({ client: code, server: `told ${alert}` });

/** The two transcripts differ, and so do the keys. */
export const noticed: Expectation = {
  client: "bad_record_mac",
  server: "bad_record_mac",
  findings: ["tampered"],
};
