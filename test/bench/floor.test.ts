import { describe, expect, it } from "vitest";
import { nativePrimitives } from "../../bench/floor/native.ts";
import { noblePrimitives } from "../../bench/floor/noble.ts";
import { floorHandshake, type Primitives } from "../../bench/floor/script.ts";
import { handshake } from "../../bench/subjects/ours.ts";
import { metered } from "../../src/crypto/index.ts";
import { native, noble } from "../../src/node.ts";

/** Calls of each primitive in one floor handshake. */
function callsOf(primitives: Primitives): Record<string, number> {
  const calls: Record<string, number> = {};
  const counted = new Proxy(primitives, {
    get(target, name: keyof Primitives) {
      const primitive = target[name];
      if (typeof primitive !== "function") return primitive;
      return (...given: [never, never]) => {
        calls[name] = (calls[name] ?? 0) + 1;
        return primitive.apply(target, given);
      };
    },
  });
  floorHandshake(counted, "x25519");
  return calls;
}

describe.each([
  { name: "native", provider: native, primitives: nativePrimitives() },
  { name: "noble", provider: noble, primitives: noblePrimitives() },
])("the floor of $name", ({ name, provider, primitives }) => {
  it("makes the calls that the engine makes", ({ skip }) => {
    if (primitives === undefined) return skip(`this Node is too old for the ${name} floor`);
    const { provider: counting, report, reset } = metered(provider);
    const shake = handshake({ provider: counting, group: "x25519" });
    // The first one makes what all later ones keep
    shake();
    reset();
    shake();
    const engine = (slot: string, operation: string): number =>
      report().find((row) => row.slot === slot && row.operation === operation)?.calls ?? 0;
    expect(callsOf(primitives)).toEqual({
      // One fill for each end, where the client's makes two; one import, where a known key needs none
      random: 2,
      importKey: 1,
      startHash: engine("hash sha256", "start"),
      update: engine("hash sha256", "update"),
      snapshot: engine("hash sha256", "snapshot"),
      hmac: engine("hash sha256", "hmac"),
      importAeadKey: engine("aead aes-128-gcm", "importKey"),
      seal: engine("aead aes-128-gcm", "seal"),
      open: engine("aead aes-128-gcm", "open"),
      sign: engine("signature ecdsa_sha256", "sign"),
      verify: engine("signature ecdsa_sha256", "verify"),
    });
  });
});
