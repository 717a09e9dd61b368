import { existsSync, readdirSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  approveRequest,
  enrol,
  keepRequest,
  keyHash,
  pendingRequests,
  refuseRequest,
} from "../../src/authority/index.ts";
import { emptyFolders } from "./folders.ts";
import { directoryAt, minute, namedAs, request, signing, slow } from "./registered.ts";

const folder = emptyFolders();

describe("requests that wait for a person", slow, () => {
  const limits = { most: 2, lifetime: minute };

  it("are approved once, for a registered name, or refused", async () => {
    const pki = await directoryAt(folder.at("pki"), namedAs("ann"));
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
    const pki = await directoryAt(folder.at("pki"));
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
