/** One flipped bit, anywhere in either direction: both ends end, with typed errors, or agree as if nothing was. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, Connection, ServerOptions } from "../../src/connection/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { concat, toHex } from "../../src/wire/index.ts";
import { makeEnds } from "../support/ends.ts";
import { clientCredential } from "../support/identities.ts";
import { type Seeded, seeded } from "../support/random.ts";

type Side = "client" | "server";
interface Flip {
  readonly side: Side;
  /** Counted over all bytes that this side sends. */
  readonly at: number;
  readonly bit: number;
}
type Options = readonly [Partial<ClientOptions>, Partial<ServerOptions>];

interface Outcome {
  readonly client: Connection;
  readonly server: Connection;
  /** Bytes that each side sent. */
  readonly sent: Record<Side, number>;
}

/** A handshake, and one piece of data each way, with at most one bit changed on the way. */
function run(options: Options, flip?: Flip): Outcome {
  const ends = makeEnds(...options);
  const sent = { client: 0, server: 0 };
  const written = { client: false, server: false };
  ends.server.start();
  ends.client.start();
  const carry = (from: Side, to: Side): number => {
    if (ends[from].state === "open" && !written[from]) {
      written[from] = true;
      ends[from].write(new Uint8Array(40));
    }
    const bytes = concat(...ends[from].takeOutput());
    const at = (flip?.side === from ? flip.at : -1) - sent[from];
    if (at >= 0 && at < bytes.length) bytes[at]! ^= 1 << flip!.bit;
    sent[from] += bytes.length;
    ends[to].receive(bytes);
    return bytes.length;
  };
  for (let rounds = 0; carry("client", "server") + carry("server", "client") > 0; rounds++) {
    if (rounds > 20) throw new Error("the two ends never fall silent");
  }
  return { ...ends, sent };
}

/** What one end believes; the other must believe the same. */
const view = (end: Connection): string =>
  JSON.stringify([
    toHex(end.exportKeyingMaterial("EXPERIMENTAL-view", new Uint8Array(0), 32)),
    end.negotiated?.cipherSuite,
    end.negotiated?.group,
    end.negotiated?.alpn,
    end.negotiated?.retried,
  ]);

function expectFailure(end: Connection): void {
  expect(end.error).toBeInstanceOf(TlsError);
  expect(end.error?.role).toBe(end.role);
  // The peer is to blame, not we
  expect(["internal", "misuse"]).not.toContain(end.error?.code);
  expect(end.canWrite).toBe(false);
}

function check(options: Options, flip: Flip): "failed" | "agreed" {
  const { client, server } = run(options, flip);
  // Whoever still waits learns from the end of the stream
  for (const end of [client, server]) if (end.state === "handshaking") end.receiveEnd();
  if (client.state === "open" && server.state === "open") {
    // Only what nobody reads was changed, or a length grew and the rest of the record is missing
    expect(view(client)).toBe(view(server));
    return "agreed";
  }
  const failed = [client, server].filter(({ state }) => state === "failed");
  expect(failed.length).toBeGreaterThan(0);
  for (const end of failed) expectFailure(end);
  return "failed";
}

const scenarios: readonly (readonly [name: string, options: Options, flips: number])[] = [
  [
    "with client authentication and ALPN",
    [
      { credentials: [clientCredential], alpn: ["h2"] },
      { clientAuthentication: "require", alpn: ["h2"] },
    ],
    150,
  ],
  [
    "with a hybrid group and a retry",
    [{ groups: ["x25519", "X25519MLKEM768"] }, { groups: ["X25519MLKEM768"], retryCookie: true }],
    100,
  ],
];

// Some hundred handshakes: seconds, or minutes where others have the processor
describe.each(scenarios)("a handshake %s", { timeout: 300_000 }, (name, options, flips) => {
  const clean = run(options);

  it("opens at both ends, if nothing is changed", () => {
    expect(clean.client.state).toBe("open");
    expect(clean.server.state).toBe("open");
    expect(view(clean.client)).toBe(view(clean.server));
    expect(clean.client.takeEvents().at(-1)).toMatchObject({ type: "data" });
  });

  it.each(["client", "server"] as const)(
    "survives no flipped bit of the %s that means anything",
    (side) => {
      const random: Seeded = seeded(`${name} ${side}`);
      const outcomes = { failed: 0, agreed: 0 };
      for (let i = 0; i < flips; i++) {
        const at = random.below(clean.sent[side]);
        const bit = random.below(8);
        outcomes[check(options, { side, at, bit })]++;
      }
      // legacy_record_version is two bytes in each record, and nobody reads it in plaintext
      expect(outcomes.agreed).toBeLessThan(flips / 10);
      expect(outcomes.failed).toBeGreaterThan((flips * 9) / 10);
    },
  );

  it.each(["client", "server"] as const)(
    "survives none in the first 60 bytes of the %s",
    (side) => {
      for (let at = 0; at < 60; at++) {
        const outcome = check(options, { side, at, bit: at % 8 });
        const isVersion = at === 1 || at === 2;
        expect([at, outcome]).toEqual([at, isVersion ? "agreed" : "failed"]);
      }
    },
  );
});
