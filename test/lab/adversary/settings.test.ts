import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import { runAttack } from "../../../src/lab/adversary/attack.ts";
import { MaliciousBench } from "../../../src/lab/adversary/malicious-trial.ts";
import { acceptedServer, type Ends } from "../../../src/lab/adversary/must-not.ts";
import { seededDraws } from "../../../src/lab/adversary/mutate.ts";
import {
  chooseHandshake,
  type Kind,
  type KindName,
  kinds,
} from "../../../src/lab/adversary/settings.ts";
import { Bench } from "../../../src/lab/adversary/trial.ts";

const bench = new MaliciousBench(createNative());
const handshake = { group: "x25519", retry: false, updateKeys: true };
const meet = (kind: KindName, own: Partial<typeof handshake> = {}): Ends =>
  bench.meet({ malicious: "client", kind, ...handshake, ...own }, []).ends;

const all = Object.entries<Kind>(kinds) as [KindName, Kind][];
const trusted = all.flatMap(([name, { refused }]) => (refused ? [] : [name]));
const refused = all.flatMap(([name, kind]) => (kind.refused ? [name] : []));

describe("the settings of a search", { timeout: 60_000 }, () => {
  it.each(trusted)("are such that both ends open: %s", (kind) => {
    for (const own of [{}, { retry: true }]) {
      const { client, server } = meet(kind, own);
      expect([client.error, server.error]).toEqual([undefined, undefined]);
      expect([client.negotiated, server.negotiated]).not.toContain(undefined);
    }
  });

  it.each(refused)("are such that the client refuses the server: %s", (kind) => {
    const { client } = meet(kind);
    expect(client.negotiated).toBeUndefined();
    expect(client.error?.alert).toMatch(
      /^(certificate_expired|unknown_ca|illegal_parameter|(bad|unsupported)_certificate)$/,
    );
    // One that opens nevertheless
    const setting = { kind, ...handshake };
    expect(acceptedServer(meet("certificate"), setting)).toMatch(/^accepted: a server/);
    expect(acceptedServer(meet(kind), setting)).toBeUndefined();
    expect(acceptedServer(meet("certificate"), { ...setting, kind: "mutual" })).toBeUndefined();
  });

  it.each<[KindName, (ends: Ends) => unknown, unknown]>([
    ["certificate", ({ server }) => server.negotiated?.peer, undefined],
    ["mutual", ({ server }) => server.negotiated?.peer?.chain.length, 1],
    ["without a certificate", ({ server }) => server.negotiated?.peer, undefined],
    ["resumed", ({ client }) => client.negotiated?.psk, "resumption"],
    ["early", ({ server }) => server.negotiated?.earlyData, "accepted"],
    ["later", ({ server }) => server.negotiated?.peer?.chain.length, 1],
    ["raw key", ({ client }) => client.negotiated?.peer?.chain.length, 0],
    ["delegated", ({ client }) => client.negotiated?.peerSignatureScheme, "ecdsa_secp256r1_sha256"],
    ["external key", ({ client }) => client.negotiated?.psk, "external"],
    ["imported key", ({ client }) => client.negotiated?.psk, "imported"],
    ["session and key", ({ client }) => client.negotiated?.psk, "resumption"],
    ["early, session and key", ({ server }) => server.negotiated?.earlyData, "accepted"],
    [
      "key that encapsulates",
      ({ client }) => client.negotiated?.peerSignatureScheme,
      "kem_mlkem768",
    ],
    [
      "stored key, and the client at once",
      ({ server }) => server.negotiated?.peer?.chain.length,
      1,
    ],
    ["several groups", ({ client }) => client.negotiated?.group, "X25519MLKEM768"],
    ["retry with a cookie", ({ client }) => client.negotiated?.retried, true],
  ])("are what they say: %s", (kind, fact, value) => {
    expect(fact(meet(kind))).toEqual(value);
  });

  it.each(all)("are scenarios of a catalogue too: %s", (kind, { refused: isRefused = false }) => {
    const scenario = new Bench(createNative()).scenarioOf(
      { kind, ...handshake, keys: "none" },
      [],
      "",
      "search-1",
    );
    const { client, server } = runAttack(scenario, { makeProvider: createNative });
    expect(client.agreed === null).toBe(isRefused);
    if (!isRefused) expect([client.code, server.code]).toEqual([null, null]);
  });

  it("are all chosen, the usual ones more often", () => {
    const roll = seededDraws("settings");
    const chosen = Array.from({ length: 3000 }, () => chooseHandshake(roll).kind);
    expect(new Set(chosen)).toEqual(new Set(all.map(([name]) => name)));
    const times = (wanted: KindName) => chosen.filter((kind) => kind === wanted).length;
    expect(times("certificate")).toBeGreaterThan(4 * times("expired"));
  });
});
