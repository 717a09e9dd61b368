import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { KeyLogger } from "../../src/handshake/key-logger.ts";
import { HandshakeSecret } from "../../src/schedule/index.ts";
import { toHex, utf8 } from "../../src/wire/index.ts";
import { freshOwners } from "../support/secrets.ts";

const { sha256 } = noble.hashes;
const main = HandshakeSecret.withoutPsk(sha256, utf8("shared"), freshOwners())
  .traffic(sha256.digest(utf8("hellos")))
  .derived()
  .main();
const random = new Uint8Array(32).fill(7);

// RFC 9850 §2
describe("a key logger", () => {
  it("writes lines with the client's random", () => {
    const lines: string[] = [];
    const logger = new KeyLogger((line) => lines.push(line), random);
    const traffic = main.traffic(random);
    const exporter = main.exporter(random);
    logger.early(traffic.client, exporter);
    logger.traffic("HANDSHAKE_TRAFFIC_SECRET", traffic);
    logger.traffic("TRAFFIC_SECRET_0", traffic);
    logger.exporter("EXPORTER_SECRET", exporter);
    const [client, server, exported] = [traffic.client, traffic.server, exporter].map((secret) =>
      toHex(secret.reveal()),
    );
    expect(lines.map((line) => line.replace(` ${toHex(random)} `, " "))).toEqual([
      `CLIENT_EARLY_TRAFFIC_SECRET ${client}`,
      `EARLY_EXPORTER_SECRET ${exported}`,
      `CLIENT_HANDSHAKE_TRAFFIC_SECRET ${client}`,
      `SERVER_HANDSHAKE_TRAFFIC_SECRET ${server}`,
      `CLIENT_TRAFFIC_SECRET_0 ${client}`,
      `SERVER_TRAFFIC_SECRET_0 ${server}`,
      `EXPORTER_SECRET ${exported}`,
    ]);
  });

  it("without a log writes nothing", () => {
    const logger = new KeyLogger(undefined, random);
    expect(() => logger.traffic("TRAFFIC_SECRET_0", main.traffic(random))).not.toThrow();
  });
});
