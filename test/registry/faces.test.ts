/** What every public factory does with an option that it does not know, or whose value cannot be. */
import { describe, expect, it } from "vitest";
import {
  allow,
  createDevelopmentCa,
  createTrustStore,
  MemoryHistory,
  MemoryTicketStore,
  noble,
  Rotating,
  sealedTickets,
  storedTickets,
  TicketKeys,
  toWebStreams,
  verifyAgainst,
  verifyWorkload,
} from "../../src/index.ts";
import { openToken, RedisReplayGuard, RedisTicketStore, rotatingTickets } from "../../src/node.ts";

const ca = createDevelopmentCa({ provider: noble, now: 0 });
const trust = createTrustStore([ca.certificate]);
const keys = new TicketKeys(noble);

type Face = (options: never) => unknown;
const faces: Readonly<Record<string, readonly [Face, object, object, RegExp]>> = {
  verifyAgainst: [(o) => verifyAgainst(trust, o), { anyNames: true }, { anyName: 1 }, /anyName/],
  verifyWorkload: [
    (o) => verifyWorkload(trust, o),
    { limit: {} },
    { limits: { length: 0 } },
    /limits/,
  ],
  allow: [(o) => allow([o]), { from: "spiffe://a/b", form: 1 }, { from: 1 }, /from|form/],
  MemoryHistory: [(o) => new MemoryHistory(o), { perpeer: 1 }, { perPeer: 0 }, /perPeer/],
  Rotating: [(o) => new Rotating(1, o), { overlap: 1, nwo: 1 }, {}, /now|overlap/],
  createDevelopmentCa: [
    (o) => createDevelopmentCa(o),
    { provider: noble, now: 0, algoritm: "rsa" },
    { provider: noble, now: Number.NaN },
    /algorithm|NaN/,
  ],
  issue: [
    (o) => ca.issue(o),
    { names: [], day: 1 },
    { names: "localhost" },
    /days|\["localhost"\]/,
  ],
  sealedTickets: [(o) => sealedTickets(keys, o), { cuont: 1 }, { count: 256 }, /count/],
  storedTickets: [
    (o) => storedTickets(new MemoryTicketStore(), noble.random, o),
    { lifetme: 1 },
    { lifetime: 604_801 },
    /lifetime/,
  ],
  rotatingTickets: [(o) => rotatingTickets(noble, o), { keptkeys: 1 }, { keptKeys: 0 }, /keptKeys/],
  RedisReplayGuard: [
    (o) => new RedisReplayGuard({} as never, o),
    { perfix: "" },
    { timeout: 0 },
    /prefix|timeout/,
  ],
  RedisTicketStore: [
    (o) => new RedisTicketStore({} as never, o),
    { perfix: "" },
    { prefix: 1 },
    /prefix/,
  ],
  toWebStreams: [
    (o) => toWebStreams((() => 0) as never, {} as never, o),
    { onsession: () => 0 },
    { onPeer: true },
    /onSession|onPeer/,
  ],
};

describe.each(Object.entries(faces))("%s", (_, [face, unknown, wrong, message]) => {
  it.each([
    ["a name that it does not know, and says which was meant", unknown],
    ["a value that cannot be", wrong],
  ])("refuses %s", (__, options) => {
    expect(() => face(options as never)).toThrow(message);
    expect(() => face(options as never)).toThrow(/has no option|must|lacks/);
  });
});

describe("openToken", () => {
  it.each([{ module: "x", pni: "1" }, { module: 1 }, {}])("refuses %j", async (options) => {
    await expect(openToken(options as never)).rejects.toThrow(/did you mean pin|module/);
  });
});
