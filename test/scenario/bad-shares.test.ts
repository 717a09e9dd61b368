/** Key shares that break a rule, in both directions, on both back ends: RFC 10024 §4, RFC 9846 §4.3.8, §7.4.2. */
import { describe, expect, it } from "vitest";
import { kemParameters, type KemName } from "../../src/crypto/index.ts";
import { groups } from "../../src/groups/index.ts";
import type { ClientHello, ServerHello } from "../../src/messages/index.ts";
import { concat, fromHex } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { edit, intercept, type Interceptor } from "../support/interceptor.ts";
import { changed } from "../support/raw.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";

type Direction = "client" | "server";
interface Part {
  readonly kem: KemName;
  readonly start: number;
  readonly end: number;
}

/** A component of the X25519 family in their place gives the other end a zero secret. */
const lowOrder: Partial<Record<KemName, readonly string[]>> = {
  x25519: [
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    `ec${"ff".repeat(30)}7f`,
  ],
  x448: ["00".repeat(56), `01${"00".repeat(55)}`],
};

/** Points of the right length that are no uncompressed points of the curve. */
const badPoints: readonly (readonly [string, (point: Uint8Array) => void])[] = [
  ["compressed", (point) => point.set([2])],
  ["hybrid form", (point) => point.set([6 + (point.at(-1)! & 1)])],
  ["off the curve", (point) => (point[point.length - 1]! ^= 1)],
  ["infinity", (point) => point.fill(0)],
  ["coordinates out of the field", (point) => point.fill(0xff, 1)],
];

describe.each(providers)("shares with $name", ({ provider }) => {
  describe.each(groups)("of $name", (group) => {
    const kems = group.kems as readonly KemName[];
    const layout = (direction: Direction): Part[] => {
      let end = 0;
      return kems.map((kem) => {
        const { publicKeyLength, ciphertextLength } = kemParameters[kem];
        const start = end;
        end += direction === "client" ? publicKeyLength : ciphertextLength;
        return { kem, start, end };
      });
    };

    /** A handshake in which one end's share was changed on the way. */
    const tamper = (
      direction: Direction,
      change: (share: Uint8Array) => Uint8Array,
    ): Interceptor => {
      const options = { provider, groups: [group] };
      const rules = {
        client: {
          client_hello: edit("client_hello", (hello: ClientHello) => {
            const [share] = hello.extensions.key_share!;
            share!.keyExchange = change(share!.keyExchange);
          }),
        },
        server: {
          server_hello: edit("server_hello", (hello: ServerHello) => {
            const share = hello.extensions.key_share!;
            share.keyExchange = change(share.keyExchange);
          }),
        },
      };
      return intercept({ [direction]: rules[direction] }, options, options);
    };
    const other = (direction: Direction) => (direction === "client" ? "server" : "client");
    const refuse = (direction: Direction, change: (share: Uint8Array) => Uint8Array) => {
      const hello = `${direction}_hello`;
      expectRefusedAndTold(tamper(direction, change), other(direction), {
        code: "bad_key_share",
        alert: "illegal_parameter",
        where: `${hello}.extensions.key_share.keyExchange`,
      });
    };

    it.each(["client", "server"] as const)("has its length: %s", (direction) => {
      refuse(direction, (share) => share.subarray(1));
      refuse(direction, (share) => concat(share, Uint8Array.of(0)));
      refuse(direction, () => Uint8Array.of(4));
      for (const { start, end } of kems.length > 1 ? layout(direction) : []) {
        refuse(direction, (share) => share.subarray(start, end));
      }
    });

    for (const direction of ["client", "server"] as const) {
      for (const { kem, start, end } of layout(direction)) {
        for (const point of lowOrder[kem] ?? []) {
          // RFC 9846 §7.4.2, RFC 7748 §6
          it(`of the ${direction} has no point of low order: ${kem} ${point.slice(0, 8)}`, () => {
            refuse(direction, (share) => changed(share, (copy) => copy.set(fromHex(point), start)));
          });
        }
        if (kem.startsWith("secp")) {
          // RFC 9846 §4.3.8.2
          it.each(badPoints)(`of the ${direction} has no point like this: %s`, (_, spoil) => {
            refuse(direction, (share) =>
              changed(share, (copy) => spoil(copy.subarray(start, end))),
            );
          });
        }
        if (!kem.startsWith("ML-KEM")) continue;
        if (direction === "client") {
          // FIPS 203 §7.2: every coefficient is below 3329
          it.each([3329, 4095])("of the client has only reduced coefficients: %d", (value) => {
            for (const at of [start, end - 32 - 3]) {
              refuse("client", (share) =>
                changed(share, (copy) =>
                  copy.set([value & 0xff, (copy[at + 1]! & 0xf0) | (value >> 8)], at),
                ),
              );
            }
          });
        } else {
          // RFC 10024 §4.2: implicit rejection gives another secret, and nothing else shows
          it("of the server with a corrupted ciphertext ends as bad_record_mac", () => {
            for (const at of [start, end - 1]) {
              const between = tamper("server", (share) =>
                changed(share, (copy) => (copy[at]! ^= 1)),
              );
              expectRefused(between, "client", { code: "bad_record_mac" });
            }
          });
        }
      }
      if (kems.length === 2) {
        // RFC 10024 §4.1: the order is the group's
        it(`of the ${direction} has its parts in order`, () => {
          const [first] = layout(direction);
          const between = tamper(direction, (share) =>
            concat(share.subarray(first!.end), share.subarray(0, first!.end)),
          );
          const victim = other(direction);
          // An ML-KEM ciphertext and an X25519 key can be any bytes: only the secret differs then
          expect(["illegal_parameter", "bad_record_mac"]).toContain(between[victim].error?.alert);
          expect(between.client.state).toBe("failed");
          expect(between.server.state).toBe("failed");
        });
      }
    }

    it("that agree open the connection", () => {
      const options = { provider, groups: [group] };
      const between = intercept({}, options, options);
      expect(between.client.negotiated?.group).toBe(group.name);
      expect(between.client.state).toBe("open");
      expect(between.server.state).toBe("open");
    });
  });
});
