/** The engine's own connections over the simulated network: real bytes, virtual time. */
import { describe, expect, it } from "vitest";
import { createClientConnection, createServerConnection } from "../../../src/connection/index.ts";
import { pump, type TapEvent } from "../../../src/connection/pump.ts";
import { schemes, suites } from "../../../src/crypto/index.ts";
import { groups } from "../../../src/groups/index.ts";
import {
  type Loss,
  type Network,
  NetworkMedium,
  symmetric,
} from "../../../src/lab/network/index.ts";
import { setUp } from "../../../src/lab/scenario.ts";
import { providers } from "../../crypto/providers.ts";

const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T =>
  all.find((one) => one.name === name)!;

describe.each(providers)("connections over the network, $name", ({ provider }) => {
  /** When the client was open, in virtual ms; undefined: never. */
  function openAfter(network: Network, seed = 1): number | undefined {
    const options = setUp({
      provider,
      group: named(groups, "X25519MLKEM768"),
      suite: named(suites, "TLS_AES_128_GCM_SHA256"),
      scheme: named(schemes, "ecdsa_secp256r1_sha256"),
    });
    const client = createClientConnection(options.client);
    const server = createServerConnection(options.server);
    const medium = new NetworkMedium(network, { seed });
    let open: number | undefined;
    const tap = ({ at, end, direction }: TapEvent): void => {
      if (end !== "client" || direction !== "sent") return;
      if (client.state === "open") open ??= at;
    };
    client.start();
    server.start();
    pump({ client, server }, { medium, tap });
    expect(server.state).toBe(client.state);
    return open;
  }

  it("are open after two round trips, without loss", () => {
    expect(openAfter(symmetric({ rtt: 40 }))).toBe(80);
  });

  it("are open whatever is lost, the later", () => {
    const lost = (packets: number[]): Loss => ({ kind: "scripted", packets, of: "data" });
    for (const direction of ["up", "down"] as const) {
      const network = symmetric({ rtt: 40 });
      const late = openAfter({ ...network, [direction]: { delay: 20, loss: lost([0]) } });
      expect(late).toBeGreaterThan(80 + 80);
      expect(late).toBeLessThan(80 + 400);
    }
  });

  it("stay closed over a path on which nothing arrives", () => {
    expect(
      openAfter(symmetric({ rtt: 40, loss: { kind: "bernoulli", probability: 1 } })),
    ).toBeUndefined();
  });
});
