import { describe, expect, it } from "vitest";
import { seededRandom, suites } from "../../../src/crypto/index.ts";
import { groups } from "../../../src/groups/index.ts";
import { converse, flightsOf } from "../../../src/lab/hybrid/converse.ts";
import { createEnd } from "../../../src/lab/hybrid/end.ts";
import { inputsOf } from "../../../src/lab/hybrid/inputs.ts";
import { createClientConnection, createServerConnection } from "../../../src/connection/index.ts";
import { pump, type TapEvent } from "../../../src/connection/pump.ts";
import { concat, toHex } from "../../../src/wire/index.ts";
import { clientOptions, serverOptions } from "../../support/ends.ts";
import { loadHandshakes } from "../../vectors/hybrid-files.ts";
import { subjects } from "../../vectors/subjects.ts";

const hybrids = groups.filter(({ kems }) => kems.length > 1);
const { identities } = loadHandshakes("hybrid/handshakes/X25519MLKEM768.json.gz");

describe.each(subjects)("with one seed, on $name,", ({ subject }) => {
  it.each(hybrids)("two connections with $name are the same bytes", (group) => {
    const run = (seed: string): string => {
      const what = {
        kind: "mutual",
        suite: suites[0]!.name,
        signature: "ecdsa_secp256r1_sha256",
      } as const;
      const components = group.kems.map((kem) => (typeof kem === "string" ? kem : kem.name));
      const inputs = inputsOf(group, seed, what);
      const plan = { group: { ...group, components }, identities, inputs };
      const client = createEnd(plan, "client", subject);
      const server = createEnd(plan, "server", subject);
      return JSON.stringify(flightsOf(converse(client.connection, server.connection, {})));
    };
    expect(run("one")).toBe(run("one"));
    expect(run("two")).not.toBe(run("one"));
  });

  it("so are two of the engine as it is, over a seeded provider", () => {
    const run = (seed: string): string => {
      const client = createClientConnection({
        ...clientOptions({ groups: ["X25519MLKEM768"] }),
        provider: subject.seeded!(seededRandom(`${seed} client`)),
      });
      const server = createServerConnection({
        ...serverOptions({ groups: ["X25519MLKEM768"] }),
        provider: subject.seeded!(seededRandom(`${seed} server`)),
      });
      client.start();
      server.start();
      const sent: Uint8Array[] = [];
      const tap = (event: TapEvent) => event.kind === "bytes" && sent.push(event.bytes);
      pump({ client, server }, { tap });
      expect(client.state).toBe("open");
      return toHex(concat(...sent));
    };
    expect(run("one")).toBe(run("one"));
    expect(run("two")).not.toBe(run("one"));
  });
});
