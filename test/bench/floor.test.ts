import { describe, expect, it } from "vitest";
import { nativePrimitives } from "../../bench/floor/native.ts";
import { noblePrimitives } from "../../bench/floor/noble.ts";
import { nothing } from "../../bench/floor/nothing.ts";
import { fullHandshake, type Primitives, resumedHandshake } from "../../bench/floor/script.ts";
import { handshake } from "../../bench/subjects/ours.ts";
import { metered, type Provider } from "../../src/crypto/index.ts";
import { native, noble } from "../../src/node.ts";

/** Calls of each primitive in one floor handshake. */
function callsOf(primitives: Primitives, script: typeof fullHandshake): Record<string, number> {
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
  script(counted, "x25519");
  return calls;
}

const floors = [
  { name: "native", provider: native, primitives: nativePrimitives() },
  { name: "noble", provider: noble, primitives: noblePrimitives() },
];
const handshakes = [
  { mode: "full", script: fullHandshake },
  { mode: "resumed", script: resumedHandshake },
] as const;

describe.each(floors)("the floor of $name", ({ name, provider, primitives }) => {
  it.for(handshakes)("makes the calls of a $mode handshake", ({ mode, script }, { skip }) => {
    if (primitives === undefined) return skip(`this Node is too old for the ${name} floor`);
    const { provider: counting, report, reset } = metered(provider);
    const shake = handshake({ provider: counting, group: "x25519", mode });
    // The first one makes what all later ones keep
    shake();
    reset();
    shake();
    const engine = (slot: string, operation: string): number =>
      report().find((row) => row.slot === slot && row.operation === operation)?.calls ?? 0;
    const expected = {
      random: engine("random", "random"),
      digest: engine("hash sha256", "digest"),
      startHash: engine("hash sha256", "start"),
      update: engine("hash sha256", "update"),
      snapshot: engine("hash sha256", "snapshot"),
      hmac: engine("hash sha256", "hmac"),
      importAeadKey: engine("aead aes-128-gcm", "importKey"),
      seal: engine("aead aes-128-gcm", "seal"),
      open: engine("aead aes-128-gcm", "open"),
      openTicket: engine("aead aes-256-gcm", "open"),
      sign: engine("signature ecdsa_sha256", "sign"),
      verify: engine("signature ecdsa_sha256", "verify"),
    };
    expect({ ...none(expected), ...callsOf(primitives, script) }).toEqual(expected);
  });
});

describe("the provider without cryptography", () => {
  it.for(handshakes)("makes the calls of a $mode handshake, which succeeds", ({ mode }) => {
    const callsWith = (provider: Provider): string[] => {
      const { provider: counting, report, reset } = metered(provider);
      const shake = handshake({ provider: counting, group: "X25519MLKEM768", mode });
      shake();
      reset();
      expect(shake().client.negotiated).toMatchObject({ postQuantum: true });
      return report().map(({ slot, operation, calls }) => `${slot} ${operation} ${calls}`);
    };
    expect(callsWith(nothing)).toEqual(callsWith(native));
  });
});

const none = (calls: object) => Object.fromEntries(Object.keys(calls).map((name) => [name, 0]));
