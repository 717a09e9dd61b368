import {
  type ClientOptions,
  createDevelopmentCa,
  createTrustStore,
  noble,
  type ServerOptions,
} from "../../src/index.ts";
import { type Experiment } from "../../src/lab/run.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
const credentials = [ca.issue({ names: ["localhost"] })];
const trust = createTrustStore([ca.certificate]);

/** A client and a server that understand each other, but for what the caller changes. */
export const experiment = (
  client: Partial<ClientOptions> = {},
  server: Partial<ServerOptions> = {},
): Experiment => ({
  client: { trust, serverName: "localhost", ...client },
  server: { credentials, ...server },
});
