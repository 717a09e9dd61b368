import { existsSync, readdirSync, utimesSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import {
  admitByToken,
  approveRequest,
  enrol,
  firstSettings,
  issue,
  issueRoot,
  keepRequest,
  keyHash,
  pendingRequests,
  PkiDirectory,
  refuseRequest,
  register,
  type RegisterOptions,
  renewRegistered,
  revoke,
  unregister,
} from "../../src/authority/index.ts";
import { type KeyType, noble } from "../../src/crypto/index.ts";
import {
  createCsr,
  type Csr,
  encodePrivateKey,
  encodePublicKey,
  parseCsr,
} from "../../src/identity/index.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const provider = noble;
const signing = { provider };
const [minute, day] = [60_000, 86_400_000];
const slow = { timeout: 60_000 };
const idOf = (name: string): string => `spiffe://example.org/${name}`;
const namedAs = (name: string, more: Partial<RegisterOptions> = {}): RegisterOptions => ({
  name,
  names: { uri: [idOf(name)] },
  ...more,
});

/** A directory with a root, a CA, and those names registered. */
async function directory(...registered: readonly RegisterOptions[]): Promise<PkiDirectory> {
  const path = folder.at("pki");
  await PkiDirectory.create(path, firstSettings({}), async (pki) => {
    const root = { subject: { CN: "Root" }, algorithm: "ed25519", lifetime: 9 * day } as const;
    await issueRoot(pki, { ...root, name: "root" }, signing);
    await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
    for (const terms of registered) register(pki, terms);
  });
  return PkiDirectory.open(path);
}

function request(name: string, type: KeyType = "ed25519"): Csr {
  const key = provider.generateKey(type);
  const privateKey = encodePrivateKey(key);
  const publicKey = encodePublicKey(type, key.publicKey);
  const names = { uri: [idOf(name)] };
  return createCsr({ subject: {}, names, privateKey, publicKey, provider });
}

/** The request of somebody who has not the key. */
function forged(csr: Csr): Csr {
  const der = csr.der.slice();
  der[der.length - 1]! ^= 1;
  return parseCsr(der);
}

/** Runs it with a clock that can be set. */
async function later(run: (pass: (milliseconds: number) => void) => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    await run((milliseconds) => vi.setSystemTime(Date.now() + milliseconds));
  } finally {
    vi.useRealTimers();
  }
}

const tokenFor = (pki: PkiDirectory, name: string): string =>
  admitByToken(pki, { name, lifetime: minute }, provider);

describe("a registration", slow, () => {
  it.each([
    [namedAs("a/b"), /cannot be a name/],
    [namedAs("kemistry-authority"), /cannot be a name/],
    [namedAs("a", { names: {} }), /needs names/],
    [namedAs("a", { names: { uri: ["spiffe://UPPER/a"] } }), /trust domain/],
    [namedAs("a", { names: { uri: [idOf("kemistry/authority")] } }), /authority's own/],
    [namedAs("a", { names: { dns: ["*.example"] } }), /no host name/],
    [namedAs("a", { names: { ip: ["1.2.3"] } }), /no address/],
    [namedAs("a", { profile: "intermediate" }), /makes authorities/],
    [namedAs("a", { profile: "none" }), /no profile/],
    [namedAs("a", { issuer: "none" }), /no authority/],
    [namedAs("a", { lifetime: 1e12 }), /at most/],
  ])("is refused where it could not work: %j", async (terms, message) => {
    const pki = await directory();
    await pki.change(() => expect(() => register(pki, terms)).toThrow(message));
    expect(pki.records.registrations).toEqual([]);
  });

  it("is for one name only, and the latest counts", async () => {
    const pki = await directory(namedAs("ann"));
    await pki.change(() => {
      const bob = namedAs("bob", { names: { uri: [idOf("ann")] } });
      expect(() => register(pki, bob)).toThrow(/is registered for ann/);
      register(pki, namedAs("ann", { grace: 5000 }));
      expect(() => unregister(pki, "bob")).toThrow(/nobody is registered/);
    });
    expect(pki.records.registration("ann")?.grace).toBe(5000);
    expect(PkiDirectory.open(pki.path).records.registrations).toHaveLength(1);
  });
});

describe("enrolment by a token", slow, () => {
  it("gives what is registered, whatever is left out of the request, and nothing else", async () => {
    const names = { uri: [idOf("ann")], dns: ["ann.example"] };
    const pki = await directory(namedAs("ann", { names, keyTypes: ["ed25519"], lifetime: minute }));
    await pki.change(async () => {
      const token = tokenFor(pki, "ann");
      expect(token).toMatch(/^[\w-]{43}\.[\w-]{43}$/);
      const tries = [
        [request("eve"), /"spiffe:\/\/example.org\/eve" is not registered/],
        [request("ann", "secp256r1"), /ed25519/],
        [forged(request("ann")), /not signed with the key/],
      ] as const;
      for (const [csr, message] of tries) {
        await expect(enrol(pki, { csr, token }, signing)).rejects.toThrow(message);
      }
      // None of these has used it up
      const entry = await enrol(pki, { csr: request("ann"), token }, signing);
      expect(entry).toMatchObject({ name: "ann", names, issuer: "ca" });
      expect(Date.parse(entry!.notAfter) - Date.now()).toBeLessThanOrEqual(minute);
    });
  });

  it("is good once, in its time, and again for the same key only", async () => {
    const pki = await directory(namedAs("ann"));
    await later(async (pass) => {
      await pki.change(async () => {
        const [token, csr] = [tokenFor(pki, "ann"), request("ann")];
        const first = await enrol(pki, { csr, token }, signing);
        expect(await enrol(pki, { csr, token }, signing)).toEqual(first);
        await expect(enrol(pki, { csr: request("ann"), token }, signing)).rejects.toThrow(
          "the token was used already",
        );
        revoke(pki, { name: "ann" }, "superseded");
        await expect(enrol(pki, { csr, token }, signing)).rejects.toThrow(/is revoked since/);
        const late = tokenFor(pki, "ann");
        pass(minute + 1);
        await expect(enrol(pki, { csr: request("ann"), token: late }, signing)).rejects.toThrow(
          /the token was good until/,
        );
        await expect(enrol(pki, { csr, token: "x" }, signing)).rejects.toThrow(/no such token/);
      });
    });
    expect(pki.records.ofName("ann")).toHaveLength(1);
  });

  it("gives the next certificate to who hears of the first one when that has ended", async () => {
    const pki = await directory(namedAs("ann", { lifetime: minute / 4 }));
    await later(async (pass) => {
      await pki.change(async () => {
        const [token, csr] = [tokenFor(pki, "ann"), request("ann")];
        const first = await enrol(pki, { csr, token }, signing);
        pass(minute / 4 + 1000);
        const next = await enrol(pki, { csr, token }, signing);
        expect([next?.key, next?.serial === first?.serial]).toEqual([first?.key, false]);
        expect(await enrol(pki, { csr, token }, signing)).toEqual(next);
        await expect(enrol(pki, { csr: request("ann"), token }, signing)).rejects.toThrow(
          "the token was used already",
        );
        revoke(pki, { name: "ann" }, "superseded");
        pass(minute / 4 + 1000);
        await expect(enrol(pki, { csr, token }, signing)).rejects.toThrow(/is revoked since/);
        pass(minute);
        await expect(enrol(pki, { csr, token }, signing)).rejects.toThrow(/was good until/);
      });
    });
    expect(pki.records.ofName("ann")).toHaveLength(2);
  });

  it("is not used up by a certificate that was never made", async () => {
    const pki = await directory(namedAs("ann"));
    await pki.change(async () => {
      const token = tokenFor(pki, "ann");
      const other = encodePrivateKey(provider.generateKey("ed25519"));
      vi.spyOn(pki, "privateKey").mockReturnValueOnce(other);
      const csr = request("ann");
      await expect(enrol(pki, { csr, token }, signing)).rejects.toThrow(/not one of the issuer's/);
      expect((await enrol(pki, { csr, token }, signing))?.name).toBe("ann");
    });
    expect(PkiDirectory.open(pki.path).records.ofName("ann")).toHaveLength(1);
  });

  it("keeps the hash of the token only", async () => {
    const pki = await directory(namedAs("ann"));
    const token = await pki.change(() => tokenFor(pki, "ann"));
    const [secret] = token.split(".");
    expect(pki.records.admission(secret!)).toBeUndefined();
    expect(JSON.stringify(pki.records.registrations)).not.toContain(secret);
    await pki.change(() => expect(() => tokenFor(pki, "bob")).toThrow(/nobody is registered/));
  });
});

describe("renewal", slow, () => {
  it("is for who is still registered, and whose certificate has not ended for long", async () => {
    const pki = await directory(namedAs("ann", { lifetime: minute, grace: minute }));
    await later(async (pass) => {
      await pki.change(async () => {
        const token = tokenFor(pki, "ann");
        const { serial } = (await enrol(pki, { csr: request("ann"), token }, signing))!;
        const renew = (csr = request("ann"), number = serial) =>
          renewRegistered(pki, { csr, serial: number }, signing);
        expect((await renew()).serial).not.toBe(serial);
        await expect(renew(request("eve"))).rejects.toThrow(/is not registered for it/);
        await expect(renew(forged(request("ann")))).rejects.toThrow(/not signed with the key/);
        await expect(renew(undefined, "00")).rejects.toThrow(/was not issued here/);
        pass(2 * minute - 1000);
        expect((await renew()).name).toBe("ann");
        pass(2000);
        await expect(renew()).rejects.toThrow(/it needs a new token/);
        register(pki, namedAs("ann", { grace: day }));
        expect((await renew()).name).toBe("ann");
        unregister(pki, "ann");
        await expect(renew()).rejects.toThrow(/nobody is registered/);
      });
    });
  });

  it("is not without end: who asks again and again has to wait for an end", async () => {
    const pki = await directory(namedAs("ann", { lifetime: minute, grace: minute }));
    await later(async (pass) => {
      await pki.change(async () => {
        const token = tokenFor(pki, "ann");
        const csr = request("ann");
        const { serial } = (await enrol(pki, { csr, token }, signing))!;
        for (let at = 1; at < 32; at++) await renewRegistered(pki, { csr, serial }, signing);
        await expect(renewRegistered(pki, { csr, serial }, signing)).rejects.toThrow(
          "32 certificates of ann count already",
        );
        pass(minute + 1000);
        expect((await renewRegistered(pki, { csr, serial }, signing)).name).toBe("ann");
      });
    });
  });

  it("is not for who was revoked, by no certificate that was before", async () => {
    const pki = await directory(namedAs("ann", { lifetime: minute, grace: day }));
    await later(async (pass) => {
      await pki.change(async () => {
        const token = tokenFor(pki, "ann");
        const first = (await enrol(pki, { csr: request("ann"), token }, signing))!;
        pass(2 * minute);
        const renew = ({ serial }: { readonly serial: string }) =>
          renewRegistered(pki, { csr: request("ann"), serial }, signing);
        const second = await renew(first);
        revoke(pki, { name: "ann" }, "keyCompromise");
        for (const each of [first, second]) {
          await expect(renew(each)).rejects.toThrow(`ann ${each.serial} is revoked`);
        }
        // A new beginning has nothing to do with these
        const again = tokenFor(pki, "ann");
        const third = (await enrol(pki, { csr: request("ann"), token: again }, signing))!;
        expect((await renew(third)).name).toBe("ann");
        await expect(renew(first)).rejects.toThrow(/is revoked/);
      });
    });
  });
});

describe("requests that wait for a person", slow, () => {
  const limits = { most: 2, lifetime: minute };

  it("are approved once, for a registered name, or refused", async () => {
    const pki = await directory(namedAs("ann"));
    await pki.change(async () => {
      const [ann, eve] = [request("ann"), request("eve")];
      for (const csr of [ann, eve]) {
        expect(await enrol(pki, { csr }, signing)).toBeUndefined();
        keepRequest(pki, csr, limits);
      }
      expect(
        pendingRequests(pki)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual([ann, eve].map((csr) => keyHash(csr.publicKey)).toSorted());
      const [id, other] = [keyHash(ann.publicKey), keyHash(eve.publicKey)];
      expect(() => approveRequest(pki, { id: "", name: "ann", lifetime: minute })).toThrow(
        /id must be 1 to 64 hexadecimal digits/,
      );
      expect(() => approveRequest(pki, { id, name: "eve", lifetime: minute })).toThrow(
        /nobody is registered/,
      );
      approveRequest(pki, { id, name: "ann", lifetime: minute });
      refuseRequest(pki, other);
      expect(pendingRequests(pki)).toEqual([]);
      expect((await enrol(pki, { csr: ann }, signing))?.name).toBe("ann");
      expect(() => keepRequest(pki, eve, limits)).toThrow("the request was refused");
    });
  });

  it("are few, and none for long", async () => {
    const pki = await directory();
    await pki.change(() => {
      const csrs = ["a", "b", "c"].map((name) => request(name));
      keepRequest(pki, csrs[0]!, limits);
      keepRequest(pki, csrs[0]!, limits);
      keepRequest(pki, csrs[1]!, limits);
      expect(() => keepRequest(pki, csrs[2]!, limits)).toThrow(/2 requests wait already/);
      const path = folder.at("pki/requests");
      for (const name of readdirSync(path)) utimesSync(`${path}/${name}`, 0, 0);
      keepRequest(pki, csrs[2]!, limits);
      expect(pendingRequests(pki).map(({ id }) => id)).toEqual([keyHash(csrs[2]!.publicKey)]);
    });
    expect(existsSync(folder.at("pki/requests"))).toBe(true);
  });
});
