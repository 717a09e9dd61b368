import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import { createNoble } from "../../../src/crypto/index.ts";
import {
  MaliciousBench,
  type MaliciousSetting,
} from "../../../src/lab/adversary/malicious-trial.ts";
import { SearchEnds } from "../../../src/lab/adversary/search-ends.ts";
import { retried } from "../../../src/lab/adversary/settings.ts";
import { converse } from "../../../src/lab/adversary/trial.ts";

const setting: MaliciousSetting = {
  malicious: "server",
  group: "secp256r1",
  retry: true,
  kind: "certificate",
  updateKeys: false,
};

describe.each([
  ["native", createNative()],
  ["noble", createNoble()],
])("the ends of a search, with %s", { timeout: 60_000 }, (_, provider) => {
  const ends = new SearchEnds(provider);
  const plan = { groups: ["x25519"] };
  const meet = (client: typeof plan, psks = ends.sessionsOf({ client, server: resuming })) => {
    const both = { client: ends.client(client, { psks }), server: ends.server(resuming) };
    converse(both, { client, server: resuming });
    return both;
  };
  const resuming = { ...plan, tickets: true };

  it("resume one session again and again", () => {
    const [first] = ends.sessionsOf({ client: plan, server: resuming });
    expect(ends.sessionsOf({ client: plan, server: resuming })[0]).toBe(first);
    for (let time = 0; time < 3; time++) {
      const { client, server } = meet(plan);
      expect([client.state, client.negotiated?.psk]).toEqual(["open", "resumption"]);
      expect(server.error).toBeUndefined();
    }
    expect(meet(plan, []).client.negotiated?.psk).toBeUndefined();
  });

  it("are asked for another share, whatever the session was made with", () => {
    const client = { ...plan, ...retried("x25519") } as const;
    const { negotiated } = meet(client as never).client;
    expect(negotiated).toMatchObject({ group: "x25519", retried: true, psk: "resumption" });
  });

  it.each([
    ["certificate", "own", "ed25519"],
    ["ecdsa", "ecdsa", "ecdsa_secp256r1_sha256"],
    ["rsa", "rsa", "rsa_pss_rsae_sha256"],
  ] as const)("sign with the key of a server: %s", (kind, credential, scheme) => {
    const bench = new MaliciousBench(provider);
    const { ends: met, malicious } = bench.meet({ ...setting, kind }, []);
    expect(met.client.negotiated?.peerSignatureScheme).toBe(scheme);
    expect([malicious.isOwnKey(undefined), malicious.isOwnKey(credential)]).toEqual([true, true]);
    expect(malicious.isOwnKey("client")).toBe(false);
  });
});
