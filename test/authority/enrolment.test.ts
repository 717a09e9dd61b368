import { describe, expect, it, vi } from "vitest";
import {
  enrol,
  PkiDirectory,
  register,
  renewRegistered,
  revoke,
  unregister,
} from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { encodePrivateKey } from "../../src/identity/index.ts";
import { emptyFolders } from "./folders.ts";
import {
  day,
  directoryAt,
  forged,
  idOf,
  later,
  minute,
  namedAs,
  request,
  signing,
  slow,
  tokenFor,
} from "./registered.ts";

const folder = emptyFolders();

describe("enrolment by a token", slow, () => {
  it("gives what is registered, whatever is left out of the request, and nothing else", async () => {
    const names = { uri: [idOf("ann")], dns: ["ann.example"] };
    const pki = await directoryAt(
      folder.at("pki"),
      namedAs("ann", { names, keyTypes: ["ed25519"], lifetime: minute }),
    );
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
    const pki = await directoryAt(folder.at("pki"), namedAs("ann"));
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
    const pki = await directoryAt(folder.at("pki"), namedAs("ann", { lifetime: minute / 4 }));
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
    const pki = await directoryAt(folder.at("pki"), namedAs("ann"));
    await pki.change(async () => {
      const token = tokenFor(pki, "ann");
      const other = encodePrivateKey(noble.generateKey("ed25519"));
      vi.spyOn(pki, "privateKey").mockReturnValueOnce(other);
      const csr = request("ann");
      await expect(enrol(pki, { csr, token }, signing)).rejects.toThrow(/not one of the issuer's/);
      expect((await enrol(pki, { csr, token }, signing))?.name).toBe("ann");
    });
    expect(PkiDirectory.open(pki.path).records.ofName("ann")).toHaveLength(1);
  });

  it("keeps the hash of the token only", async () => {
    const pki = await directoryAt(folder.at("pki"), namedAs("ann"));
    const token = await pki.change(() => tokenFor(pki, "ann"));
    const [secret] = token.split(".");
    expect(pki.records.admission(secret!)).toBeUndefined();
    expect(JSON.stringify(pki.records.registrations)).not.toContain(secret);
    await pki.change(() => expect(() => tokenFor(pki, "bob")).toThrow(/nobody is registered/));
  });
});

describe("renewal", slow, () => {
  it("is for who is still registered, and whose certificate has not ended for long", async () => {
    const pki = await directoryAt(
      folder.at("pki"),
      namedAs("ann", { lifetime: minute, grace: minute }),
    );
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
    const pki = await directoryAt(
      folder.at("pki"),
      namedAs("ann", { lifetime: minute, grace: minute }),
    );
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
    const pki = await directoryAt(
      folder.at("pki"),
      namedAs("ann", { lifetime: minute, grace: day }),
    );
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
