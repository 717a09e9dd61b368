/** However bytes are cut on their way, the outcome is the same. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, ConnectionEvent, ServerOptions } from "../../src/connection/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { createDevelopmentCa, createTrustStore } from "../../src/identity/index.ts";
import { concat } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { makeEnds } from "../support/ends.ts";
import { clientCredential, testTime } from "../support/identities.ts";
import { randomPieces, seeded } from "../support/random.ts";

type Cut = (bytes: Uint8Array) => readonly Uint8Array[];

const cuts: readonly (readonly [string, Cut])[] = [
  ["all at once", (bytes) => [bytes]],
  ["byte by byte", (bytes) => Array.from(bytes, (byte) => Uint8Array.of(byte))],
  [
    "in pieces of 7 bytes",
    (bytes) =>
      Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.slice(7 * i, 7 * i + 7)),
  ],
  ["in random pieces, 1", (bytes) => randomPieces(bytes, seeded(bytes.length))],
  ["in random pieces, 2", (bytes) => randomPieces(bytes, seeded(`${bytes.length} again`))],
];

/** A handshake, data both ways, and the end; the buffers that carry it are overwritten after use. */
function converse(
  cut: Cut,
  client: Partial<ClientOptions>,
  server: Partial<ServerOptions>,
  make: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes.slice(),
) {
  const ends = makeEnds(client, server);
  const events: Record<"client" | "server", ConnectionEvent[]> = { client: [], server: [] };
  const data = seeded("data").bytes(3000);
  ends.server.start();
  ends.client.start();
  const carry = (): void => {
    let moved = true;
    while (moved) {
      moved = false;
      for (const [from, to] of [
        ["client", "server"],
        ["server", "client"],
      ] as const) {
        const bytes = concat(...ends[from].takeOutput());
        moved ||= bytes.length > 0;
        for (const piece of bytes.length > 0 ? cut(bytes) : []) {
          const buffer = make(piece);
          ends[to].receive(buffer);
          buffer.fill(0xee);
        }
        events[to].push(...ends[to].takeEvents());
      }
    }
  };
  carry();
  ends.client.write(data);
  ends.client.updateKeys();
  ends.client.write(data.subarray(0, 9));
  ends.server.write(data.subarray(0, 100));
  carry();
  ends.client.close();
  ends.server.close();
  carry();
  const received = (side: "client" | "server") =>
    concat(...events[side].flatMap((event) => (event.type === "data" ? [event.data] : [])));
  return { ...ends, events, received, data };
}

function expectWhole({
  client,
  server,
  events,
  received,
  data,
}: ReturnType<typeof converse>): void {
  expect([client.error, server.error]).toEqual([undefined, undefined]);
  expect([client.state, server.state]).toEqual(["closed", "closed"]);
  expect(received("server")).toEqual(concat(data, data.subarray(0, 9)));
  expect(received("client")).toEqual(data.subarray(0, 100));
  for (const side of ["client", "server"] as const) {
    expect(events[side][0]?.type).toBe("open");
    expect(events[side].at(-1)?.type).toBe("end");
  }
}

describe.each(providers)("delivery to $name", ({ provider }) => {
  describe.each(cuts)("%s", (_, cut) => {
    it("opens, carries data and closes", () => {
      expectWhole(
        converse(
          cut,
          { provider, credentials: [clientCredential] },
          { provider, clientAuthentication: "require" },
        ),
      );
    });

    it("takes a retry", () => {
      expectWhole(
        converse(
          cut,
          { provider, groups: ["x25519", "X25519MLKEM768"], shares: ["x25519"] },
          { provider, groups: ["X25519MLKEM768"], retryCookie: true },
        ),
      );
    });
  });
});

describe("a Buffer that the caller uses again", () => {
  it.each(cuts)("is not kept: %s", (_, cut) => {
    expectWhole(
      converse(
        cut,
        { credentials: [clientCredential] },
        { clientAuthentication: "require" },
        (bytes) => Buffer.from(bytes),
      ),
    );
  });
});

describe("messages over many records", () => {
  it.each([1, 2, 100, 16384])("in fragments of %d bytes", (maxFragment) => {
    expectWhole(converse((bytes) => [bytes], { maxFragment }, { maxFragment }));
  });

  it("are put together from a long chain", () => {
    const authority = createDevelopmentCa({
      provider: noble,
      algorithm: "ML-DSA-65",
      now: testTime,
    });
    const leaf = authority.issue({ names: ["server.example"], algorithm: "ed25519" });
    const chain = [leaf.chain[0]!, ...Array.from({ length: 7 }, () => authority.certificate)];
    const trust = createTrustStore([authority.certificate]);
    const result = converse(
      (bytes) => randomPieces(bytes, seeded("chain")),
      { trust },
      { credentials: [{ chain, signer: leaf.signer }] },
    );
    expectWhole(result);
    const bytes = chain.reduce((sum, { der }) => sum + der.length, 0);
    expect(bytes).toBeGreaterThan(2 * 16384);
    expect(result.client.negotiated?.peer?.chain).toHaveLength(8);
  });
});

describe("padding", () => {
  it.each([1, 64, 1024, 16385])("to multiples of %d is invisible", (size) => {
    const padding = (length: number) => (size - ((length + 1) % size)) % size;
    expectWhole(converse((bytes) => [bytes], { padding }, { padding }));
  });
});

describe("a record size limit", () => {
  it.each([64, 511, 2000])("of %d is kept by the other end", (recordSizeLimit) => {
    const sizes: number[] = [];
    const result = converse(
      (bytes) => [bytes],
      { recordSizeLimit: 64 },
      {
        recordSizeLimit,
        observer: {
          record: (direction, { epoch, wireLength }) => {
            if (direction === "received" && epoch === "application") sizes.push(wireLength);
          },
        },
      },
    );
    expectWhole(result);
    expect(Math.max(...sizes)).toBe(5 + recordSizeLimit + 16);
  });
});
