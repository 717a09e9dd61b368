/** Extensions of a ClientHello that make the most of its bytes: many elements of next to none. */
import type { ClientHello } from "../../src/messages/index.ts";
import { SignatureScheme } from "../../src/registry/index.ts";

export type HelloExtensions = ClientHello["extensions"];

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const unknownKey = (index: number) => `0x${(0x2000 + index).toString(16)}` as const;
const unknownGroups = (count: number): number[] => times(count, (index) => 0x4000 + index);

/** By name; each adds so many elements to the extensions of an ordinary hello. */
export const worstHellos: Readonly<
  Record<string, (count: number, ordinary: HelloExtensions) => HelloExtensions>
> = {
  "unknown extensions": (count) =>
    Object.fromEntries(times(count, (index) => [unknownKey(index), new Uint8Array(0)])),
  "certificate_authorities of a byte": (count) => ({
    certificate_authorities: times(count, () => Uint8Array.of(0)),
  }),
  "shares of a byte": (count, { supported_groups = [], key_share = [] }) => ({
    supported_groups: [...unknownGroups(count), ...supported_groups],
    key_share: [
      ...key_share,
      ...unknownGroups(count)
        .toReversed()
        .map((group) => ({ group, keyExchange: Uint8Array.of(1) })),
    ],
  }),
  // One of each type at most, or the hello is refused (RFC 6066 §3)
  "names of servers": (count) => ({
    server_name: times(Math.min(count, 255), (index) => ({
      nameType: index + 1,
      name: "abc".repeat(Math.ceil(count / 255)),
    })),
  }),
  "protocols of three letters": (count, { application_layer_protocol_negotiation = [] }) => ({
    application_layer_protocol_negotiation: [
      ...application_layer_protocol_negotiation,
      ...times(count, (index) => index.toString(36).padStart(3, "_")),
    ],
  }),
  groups: (count, { supported_groups = [] }) => ({
    supported_groups: [...unknownGroups(count), ...supported_groups],
  }),
  signature_algorithms: (count) => ({
    signature_algorithms: [...times(count, () => 0x1234), SignatureScheme.ed25519],
  }),
  "identities of a byte": (count) => ({
    psk_key_exchange_modes: [1],
    pre_shared_key: {
      identities: times(count, () => ({ identity: Uint8Array.of(1), obfuscatedTicketAge: 0 })),
      binders: times(count, () => new Uint8Array(32)),
    },
  }),
  "a name of a server": (count) => ({ server_name: [{ nameType: 1, name: "a".repeat(count) }] }),
  padding: (count) => ({ padding: new Uint8Array(count) }),
};

/** An ordinary hello's extensions with those of a shape among them; a PSK stands last (RFC 9846 §4.3.11). */
export function withShape(ordinary: HelloExtensions, more: HelloExtensions): HelloExtensions {
  const { pre_shared_key, ...others } = { ...ordinary, ...more };
  return { ...others, ...(pre_shared_key === undefined ? {} : { pre_shared_key }) };
}
