import { describe, expect, it } from "vitest";
import { type Provider, seededRandom, type Suite, suites } from "../../../src/crypto/index.ts";
import { Budget } from "../../../src/lab/trace/budget.ts";
import { Secrets, WayKeys } from "../../../src/lab/trace/keys.ts";
import { type Direction, RecordFinder } from "../../../src/lab/trace/record-finder.ts";
import { toHex } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { recordOf, trafficSecret } from "./numbered-record.ts";

const random = seededRandom("records behind gaps");
const suiteOf = (name: string): Suite => suites.find((suite) => suite.name === name)!;
const gcm = suiteOf("TLS_AES_128_GCM_SHA256");
const chacha = suiteOf("TLS_CHACHA20_POLY1305_SHA256");

/** Of one connection, whose server's secret is known. */
function known(provider: Provider, randoms = [toHex(random(32))]) {
  const secrets = new Secrets();
  const own = randoms.map((client) => {
    const secret = random(32);
    secrets.add("client", `SERVER_TRAFFIC_SECRET_0 ${client} ${toHex(secret)}`);
    return { client, secret };
  });
  const direction = (client: string | undefined, suite: Suite | undefined): Direction => ({
    from: "server",
    epoch: undefined,
    keys: new WayKeys(provider),
    randoms: client === undefined ? {} : { client },
    suite,
  });
  return { secrets, own, direction };
}

describe.each(providers)("a record behind a gap, $name,", ({ provider }) => {
  const finder = (secrets: Secrets, budget = new Budget(2 ** 30)) =>
    new RecordFinder(secrets, provider, suites, budget);

  it.each([gcm, chacha])("is found under the secret behind key updates: $name", (suite) => {
    const { secrets, own, direction } = known(provider);
    const [{ client, secret }] = own as [(typeof own)[0]];
    let traffic = trafficSecret({ suite, secret, provider });
    for (let updates = 0; updates <= 4; updates++) {
      const updated = traffic.reveal();
      const record = recordOf({ suite, secret: updated, provider }, 3n, random(50));
      const found = finder(secrets).find(record, direction(client, suite));
      expect(found).toMatchObject({ secret: updated, epoch: "application" });
      traffic = traffic.next();
    }
    const far = recordOf({ suite, secret: traffic.reveal(), provider }, 3n, random(50));
    expect(finder(secrets).find(far, direction(client, suite))).toBeUndefined();
  });

  it("is found behind hundreds of others without a number in it, if it is short", () => {
    const { secrets, own, direction } = known(provider);
    const [{ client, secret }] = own as [(typeof own)[0]];
    const sealing = { suite: chacha, secret, provider };
    const near = recordOf(sealing, 600n, random(50));
    expect(finder(secrets).find(near, direction(client, chacha))?.keys.next).toBe(600);
    const far = recordOf(sealing, 100_000n, random(50));
    expect(finder(secrets).find(far, direction(client, chacha))).toBeUndefined();
  });

  it("is found where nobody knows of which connection and suite it is", () => {
    const randoms = Array.from({ length: 40 }, () => toHex(random(32)));
    const { secrets, own, direction } = known(provider, randoms);
    const { client, secret } = own.at(-1)!;
    for (const suite of [gcm, chacha]) {
      const record = recordOf({ suite, secret, provider }, 0n, random(50));
      const found = finder(secrets).find(record, direction(undefined, undefined));
      expect(found).toMatchObject({ random: client, suite: { name: suite.name } });
    }
  });

  it("that is none costs no more than a limit, and then the direction is given up", () => {
    let opened = 0;
    const counting: Provider = {
      ...provider,
      aeads: {
        ...provider.aeads,
        "chacha20-poly1305": {
          ...provider.aeads["chacha20-poly1305"],
          importKey(key) {
            const own = provider.aeads["chacha20-poly1305"].importKey(key);
            return {
              seal: own.seal.bind(own),
              wipe: own.wipe.bind(own),
              open: (nonce, header, sealed) => {
                opened += sealed.length;
                return own.open(nonce, header, sealed);
              },
            };
          },
        },
      },
    };
    const { secrets, own, direction } = known(provider);
    const [{ client }] = own as [(typeof own)[0]];
    const other = recordOf({ suite: chacha, secret: random(32), provider }, 0n, random(16_000));
    const budget = new Budget(2 ** 30);
    const seeking = new RecordFinder(secrets, counting, suites, budget);
    let records = 0;
    while (seeking.canFind("server") && records < 100) {
      expect(seeking.find(other, direction(client, chacha))).toBeUndefined();
      records++;
    }
    expect(records).toBe(5);
    expect(opened).toBeGreaterThan(2 ** 25);
    expect(opened).toBeLessThan(2 ** 26);
    expect(seeking.canFind("client")).toBe(true);
    // All directions of all connections together
    const poor = new RecordFinder(secrets, counting, suites, new Budget(50_000));
    opened = 0;
    expect(poor.find(other, direction(client, chacha))).toBeUndefined();
    expect(opened).toBeLessThan(50_000);
    expect(poor.canFind("server")).toBe(false);
  });
});
