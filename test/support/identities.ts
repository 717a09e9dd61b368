/** Certificates for tests, made once in each test file. */
import { noble } from "../../src/crypto/index.ts";
import { createDevelopmentCa, createTrustStore } from "../../src/identity/index.ts";

/** The time at which every test runs. */
export const testTime = Date.UTC(2026, 10, 2, 12);
export const serverName = "server.example";

/** Ed25519 throughout: the fastest, and deterministic. */
export const ca = createDevelopmentCa({ provider: noble, algorithm: "ed25519", now: testTime });
export const trust = createTrustStore([ca.certificate]);
export const serverCredential = ca.issue({ names: [serverName, "192.0.2.1"] });
export const clientCredential = ca.issue({ names: ["client@example.org"], usage: "client" });
