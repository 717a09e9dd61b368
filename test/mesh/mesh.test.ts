import { once } from "node:events";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import {
  approveRequest,
  bundleOfDirectory,
  pendingRequests,
  revoke,
  rollRoot,
  unregister,
} from "../../src/authority/index.ts";
import { policies } from "../../src/index.ts";
import { joinMesh, type MeshOptions, openAuthority } from "../../src/mesh/index.ts";
import { ask, domain, greeter, type House, idOf, meshes, rules, signing } from "./support.ts";

const house = meshes();
const slow = { timeout: 60_000 };
const hour = 3_600_000;

describe("an agent", slow, () => {
  it("enrols by a token, calls others as the rules say, and knows whom it calls", async () => {
    const { join: enter } = await house();
    const [ann, bob] = [await enter("ann"), await enter("bob")];
    const port = await greeter(bob);
    expect(await ask(ann.agent({ to: idOf("bob") }), port)).toBe("hello friend");
    expect(await ask(ann.agent(), port)).toBe("hello friend");
    expect(await ask(ann.agent({ to: idOf("eve") }), port)).toMatch(/the server is another one/);
    expect(ann.health()).toMatchObject({ state: "ok", id: idOf("ann"), failure: undefined });
    const socket = ann.connect({ port, host: "localhost", to: idOf("bob") });
    await once(socket, "secureConnect");
    expect(socket.negotiated?.postQuantum).toBe(true);
  });

  it("is refused by the rules, in both roles", async () => {
    const { join: enter } = await house();
    const one = [{ from: idOf("ann"), to: idOf("bob") }];
    const [ann, bob, eve] = [
      await enter("ann", { rules: one }),
      await enter("bob", { rules: one }),
      await enter("eve"),
    ];
    const port = await greeter(bob);
    expect(await ask(ann.agent(), port)).toBe("hello undefined");
    expect(await ask(eve.agent(), port)).toMatch(/access_denied/);
    expect(await ask(ann.agent(), await greeter(eve))).toMatch(/no rule allows/);
  });

  it("renews, and what is open stays open", async () => {
    const { join: enter, pki } = await house();
    const [ann, bob] = [await enter("ann"), await enter("bob")];
    const port = await greeter(bob);
    const agent = ann.agent();
    expect(await ask(agent, port)).toBe("hello friend");
    const before = ann.health().serial;
    expect(ann.health()).toMatchObject({ keyType: "secp256r1", bundle: 1 });
    const renewed = once(ann, "renewed");
    await ann.renew();
    expect(((await renewed) as [{ serial: string }])[0].serial).toBe(ann.health().serial);
    expect(ann.health().serial).not.toBe(before);
    expect(await ask(agent, port)).toBe("hello friend");
    await pki.refresh();
    expect(pki.records.ofName("ann")).toHaveLength(2);
  });

  it("is cut off within two polls, wherever it is connected, when it is revoked", async () => {
    const { join: enter, pki } = await house();
    const [ann, bob] = [await enter("ann"), await enter("bob")];
    const [agent, port] = [ann.agent(), await greeter(bob)];
    const [back, own] = [bob.agent(), await greeter(ann)];
    expect(await ask(agent, port)).toBe("hello friend");
    expect(await ask(back, own)).toBe("hello friend");
    const cut = once(bob, "revoked") as Promise<[{ connections: readonly unknown[] }]>;
    const outcast = once(ann, "outcast");
    const began = performance.now();
    await pki.change(() => revoke(pki, { name: "ann" }, "keyCompromise"));
    expect((await cut)[0].connections).toHaveLength(2);
    expect(performance.now() - began).toBeLessThan(2 * 300 + 2000);
    await outcast;
    expect(ann.health().state).toBe("revoked");
    expect(await ask(agent, port)).toMatch(/certificate_revoked|ECONNRESET|hang up/);
    expect(await ask(back, own)).toMatch(/revoked/);
    const failed = once(ann, "failed") as Promise<[{ error: Error }]>;
    await ann.renew();
    expect((await failed)[0].error.message).toMatch(/is revoked since/);
  });

  it("goes on after a restart with what its file holds, also while the authority is away", async () => {
    const { join: enter, pki, authority, url } = await house();
    const file = join(pki.path, "ann.json");
    const first = await enter("ann", { file });
    const { serial } = first.health();
    first.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = { authority: url, id: idOf("ann"), rules, file, poll: 200, staleAfter: 400 };
    await authority.close();
    const ann = await joinMesh(again);
    expect(ann.health()).toMatchObject({ serial, state: "ok" });
    await once(ann, "stale");
    expect(ann.health().state).toBe("stale");
    ann.close();
    await expect(joinMesh({ ...again, id: idOf("bob") })).rejects.toThrow(/somebody else's/);
    expect(readFileSync(file, "utf8")).toContain("PRIVATE KEY");
  });

  it("is stale while the authority is away, and fresh when it is back", async () => {
    const { join: enter, pki, authority, url } = await house();
    const ann = await enter("ann", { poll: 100, staleAfter: 200 });
    await ann.poll();
    const stale = once(ann, "stale");
    await authority.close();
    await stale;
    expect(ann.health()).toMatchObject({
      state: "stale",
      failure: expect.stringMatching(/^poll: /),
    });
    const next = await openAuthority({ directory: pki.path, domain });
    const fresh = once(ann, "fresh");
    await next.listen(Number(new URL(url).port), "localhost");
    await fresh;
    expect(ann.health()).toMatchObject({ state: "ok", failure: undefined });
    await next.close();
  });
});

describe("an agent whose certificate has ended", slow, () => {
  // By itself a renewer looks at the clock once a minute
  const soon = { timeout: 40_000 };

  it("renews with the next look, when its machine has slept", soon, async () => {
    const { register, token, url } = await house();
    await register("ann", { lifetime: hour, grace: 24 * hour });
    const how = { authority: url, id: idOf("ann"), rules, poll: 200 };
    const ann = await joinMesh({ ...how, token: await token("ann") });
    try {
      const renewed = once(ann, "renewed");
      vi.useFakeTimers({ toFake: ["Date"] });
      vi.setSystemTime(Date.now() + 2 * hour);
      expect(ann.health().state).toBe("expired");
      await renewed;
      expect(ann.health().state).toBe("ok");
    } finally {
      vi.useRealTimers();
      ann.close();
    }
  });

  it("renews as soon as the authority is back, however long it was away", soon, async () => {
    const { join: enter, pki, authority, url } = await house();
    const ann = await enter("ann", { poll: 100 });
    await authority.close();
    // The delay after so many comes to a minute
    for (let attempt = 0; attempt < 8; attempt++) await ann.renew();
    await new Promise<void>((resolve) => {
      ann.on("failed", ({ what }) => void (what === "poll" && resolve()));
    });
    const next = await openAuthority({ directory: pki.path, domain });
    const renewed = once(ann, "renewed");
    await next.listen(Number(new URL(url).port), "localhost");
    await renewed;
    expect(ann.health()).toMatchObject({ state: "ok", failure: undefined });
    await next.close();
  });

  it("keeps its connections meanwhile: they are not closed for a pause of some seconds", async () => {
    const { join: enter } = await house();
    const ann = await enter("ann");
    expect(ann.httpsServer().keepAliveTimeout).toBe(600_000);
    expect(ann.httpsServer({ keepAliveTimeout: 7 }).keepAliveTimeout).toBe(7);
  });
});

describe("what holds from now on", slow, () => {
  const classical = { ...policies.compatible, name: "classical", groups: ["x25519"] };
  const postQuantum = {
    ...policies["require-post-quantum"],
    signatures: "post-quantum",
    chains: "post-quantum",
  } as const;

  it("is another policy, for connections in both roles and to the authority", async () => {
    const { join: enter } = await house({ policy: "prefer-post-quantum" });
    const [ann, bob] = [
      await enter("ann", { policy: classical }),
      await enter("bob", { policy: classical }),
    ];
    const port = await greeter(bob);
    const groupOf = async (): Promise<string | undefined> => {
      const socket = ann.connect({ port, host: "localhost" });
      const [outcome] = await Promise.race([once(socket, "secureConnect"), once(socket, "close")]);
      const group = outcome === undefined ? socket.negotiated?.group : "refused";
      socket.destroy();
      return group;
    };
    expect(await groupOf()).toBe("x25519");
    await ann.update({ policy: "require-post-quantum" });
    await expect(groupOf()).rejects.toThrow(/insufficient_security/);
    await bob.update({ policy: "prefer-post-quantum" });
    expect(await groupOf()).toBe("X25519MLKEM768");
    await ann.poll();
    await ann.renew();
    expect(ann.health()).toMatchObject({ state: "ok", failure: undefined });
  });

  it("is another algorithm, from the next renewal on, and an authority that is as strong", async () => {
    const { join: enter, pki } = await house();
    const ann = await enter("ann");
    const algorithmOf = async () => {
      await pki.refresh();
      return pki.certificate(pki.current("ann")).publicKey.type;
    };
    await ann.update({ algorithm: "ML-DSA-65" });
    expect(await algorithmOf()).toBe("secp256r1");
    await ann.renew();
    expect(await algorithmOf()).toBe("ML-DSA-65");
    // The authority's own signatures are still classical
    await ann.update({ policy: postQuantum });
    await expect(ann.poll()).rejects.toThrow(/chains|handshake_failure/);
  });

  it("is an authority whose own key is of its issuer's type", async () => {
    const { join: enter } = await house({}, "ML-DSA-65");
    const ann = await enter("ann", { algorithm: "ML-DSA-65", policy: postQuantum });
    await ann.poll();
    expect(ann.health().state).toBe("ok");
  });

  it("is other rules, which end connections that they do not allow", async () => {
    const { join: enter } = await house();
    const [ann, bob] = [await enter("ann"), await enter("bob")];
    const [agent, port] = [ann.agent(), await greeter(bob)];
    expect(await ask(agent, port)).toBe("hello friend");
    expect(await bob.update({ rules })).toEqual([]);
    expect(await bob.update({ rules: [{ from: idOf("eve"), to: idOf("bob") }] })).toHaveLength(1);
    expect(await ask(agent, port)).toMatch(/access_denied|ECONNRESET|hang up/);
  });

  it("is nothing that cannot be, and then all is as before", async () => {
    const { join: enter } = await house();
    const ann = await enter("ann");
    const port = await greeter(await enter("bob"));
    const wrong = [
      [{ polcy: "require-post-quantum" }, /no option polcy/],
      [{ policy: "post-quantum" }, /must be one of/],
      [{ policy: { ...postQuantum, groups: ["nothing"] } }, /there is no nothing/],
      [{ algorithm: "secp111r1" }, /algorithm must be one of/],
      [{ policy: classical, rules: [{ from: "nobody" }] }, /nobody|from/],
    ] as const;
    for (const [changes, message] of wrong) {
      await expect(ann.update(changes as never)).rejects.toThrow(message);
    }
    expect(await ask(ann.agent(), port)).toBe("hello friend");
    await ann.poll();
  });
});

describe("another trust domain", slow, () => {
  const other = "other.example";
  const theirs = `spiffe://${other}/eve`;
  const both = [
    { from: idOf("*"), to: `spiffe://${other}/*`, role: "guest" },
    { from: `spiffe://${other}/*`, to: idOf("*"), role: "guest" },
  ];

  /** Two houses that know each other's bundles, and an agent of each. */
  async function neighbours(more: Partial<MeshOptions> = {}) {
    const [home, away] = [await house(), await house({ domain: other })];
    const federate = (whose: string, { pki, url }: House) => ({
      [whose]: { authority: url, bundle: bundleOfDirectory(pki, 1) },
    });
    await away.register("eve", { names: { uri: [theirs] } });
    const eve = await joinMesh({
      authority: away.url,
      id: theirs,
      token: await away.token("eve"),
      rules: both,
      poll: 300,
      federated: federate(domain, home),
    });
    const federated = federate(other, away);
    const ann = await home.join("ann", { rules: both, federated, ...more });
    // Before the lists of the other domain are known nobody of it is let in
    await Promise.all([ann.poll(), eve.poll()]);
    return { home, away, ann, eve, federated };
  }

  it("calls and is called, as the rules say, and nobody vouches for the other's agents", async () => {
    const { ann, eve, home } = await neighbours();
    expect(await ask(ann.agent({ to: theirs }), await greeter(eve))).toBe("hello guest");
    expect(await ask(eve.agent({ to: idOf("ann") }), await greeter(ann))).toBe("hello guest");
    const bob = await home.join("bob", { rules: both });
    expect(await ask(bob.agent(), await greeter(eve))).toMatch(/no bundle/);
    eve.close();
  });

  it("revokes its agents here too, and lets nobody in whose lists cannot be had", async () => {
    const { ann, eve, away } = await neighbours();
    const port = await greeter(ann);
    const agent = eve.agent();
    expect(await ask(agent, port)).toBe("hello guest");
    const cut = once(ann, "revoked") as Promise<[{ connections: readonly unknown[] }]>;
    await away.pki.change(() => revoke(away.pki, { name: "eve" }, "keyCompromise"));
    expect((await cut)[0].connections).toHaveLength(1);
    const failed = once(ann, "failed") as Promise<[{ what: string; error: Error }]>;
    await away.authority.close();
    const [{ what, error }] = await failed;
    expect([what, error.message]).toEqual(["poll", expect.stringMatching(/^other.example: /)]);
    expect(ann.health().state).toBe("ok");
    eve.close();
  });

  it("is remembered over a restart, and never goes back to an older bundle", async () => {
    const file = `${mkdtempSync(join(tmpdir(), "mesh-"))}/ann.json`;
    const { ann, eve, away, federated, home } = await neighbours({ file });
    await away.pki.change(() => rollRoot(away.pki, { name: "root", overlap: 0 }, signing));
    await ann.poll();
    ann.close();
    const { bundle } = JSON.parse(readFileSync(file, "utf8")).federated[other];
    expect(bundle).not.toBe(federated[other]!.bundle);
    await away.authority.close();
    const again = await joinMesh({
      authority: home.url,
      id: idOf("ann"),
      rules: both,
      file,
      federated,
    });
    again.close();
    expect(JSON.parse(readFileSync(file, "utf8")).federated[other].bundle).toBe(bundle);
    eve.close();
  });

  it.each([
    [
      "is the agent's own",
      { [domain]: { authority: "https://localhost:1", bundle: "{}" } },
      /own domain/,
    ],
    ["is none", { "Not A Domain": { authority: "https://localhost:1", bundle: "{}" } }, /domain/],
    ["has no bundle", { [other]: { authority: "https://localhost:1" } }, /bundle/],
    [
      "has another's form",
      { [other]: { authority: "https://localhost:1", bundle: "{}" } },
      /not a bundle/,
    ],
  ])("is refused if it %s", async (_, federated, message) => {
    await expect(
      joinMesh({
        authority: "https://localhost:1",
        id: idOf("ann"),
        rules,
        token: "x.y",
        federated,
      } as never),
    ).rejects.toThrow(message);
  });
});

describe("an enrolment", slow, () => {
  it("takes a token once, and gives the same certificate to who asks again with the same key", async () => {
    const { register, token, url } = await house();
    await register("ann");
    const single = await token("ann");
    const options = { authority: url, id: idOf("ann"), rules, token: single };
    const ann = await joinMesh(options);
    ann.close();
    await expect(joinMesh(options)).rejects.toThrow(/the token was used already/);
  });

  it.each([
    [
      "of another authority",
      (token: string) => token.replace(/\..*/, `.${"A".repeat(43)}`),
      /not the authority/,
    ],
    [
      "that says of none",
      (token: string) => token.replace(/\..*/, ""),
      /does not say which authority/,
    ],
    [
      "that nobody made",
      (token: string) => `${"A".repeat(43)}${token.slice(43)}`,
      /there is no such token/,
    ],
  ])("refuses a token %s", async (_, spoil, message) => {
    const { register, token, url } = await house();
    await register("ann");
    const spoilt = spoil(await token("ann"));
    await expect(
      joinMesh({ authority: url, id: idOf("ann"), rules, token: spoilt, timeout: 5000 }),
    ).rejects.toThrow(message);
  });

  it("gives a token's bearer no other name", async () => {
    const { register, token, url } = await house();
    await register("ann");
    await register("bob");
    await expect(
      joinMesh({ authority: url, id: idOf("bob"), rules, token: await token("ann") }),
    ).rejects.toThrow(/"spiffe:\/\/mesh.example\/bob" is not registered for it/);
  });

  it("waits for a person, where it is told to", async () => {
    const { register, pki, url } = await house({ waitingRequests: 2 });
    await register("ann");
    const trust = [pki.certificate(pki.current("root")).der];
    const joining = joinMesh({ authority: url, id: idOf("ann"), rules, trust: trust[0]! });
    const requests = await (async () => {
      for (;;) {
        const found = pendingRequests(pki);
        if (found.length > 0) return found;
        await sleep(50);
      }
    })();
    expect(requests).toHaveLength(1);
    const { id } = requests[0]!;
    await pki.change(() =>
      approveRequest(pki, { id: id.slice(0, 8), name: "ann", lifetime: 60_000 }),
    );
    const ann = await joining;
    expect(ann.health().id).toBe(idOf("ann"));
    ann.close();
  });

  it("takes no request without a token, where nobody approves any", async () => {
    const { register, pki, url } = await house();
    await register("ann");
    const trust = pki.certificate(pki.current("root")).der;
    await expect(joinMesh({ authority: url, id: idOf("ann"), rules, trust })).rejects.toThrow(
      /it needs a token/,
    );
    expect(pendingRequests(pki)).toEqual([]);
  });

  it("is over with the registration: nothing is renewed", async () => {
    const { join: enter, pki } = await house();
    const ann = await enter("ann");
    await pki.change(() => unregister(pki, "ann"));
    const failed = once(ann, "failed") as Promise<[{ error: Error }]>;
    await ann.renew();
    expect((await failed)[0].error.message).toMatch(/nobody is registered as "ann"/);
  });
});
