import { describe, expect, it } from "vitest";
import { PkiDirectory, register, unregister } from "../../src/authority/index.ts";
import { emptyFolders } from "./folders.ts";
import { directoryAt, idOf, namedAs, slow } from "./registered.ts";

const folder = emptyFolders();

describe("a registration", slow, () => {
  it.each([
    [namedAs("a/b"), /cannot be a name/],
    [namedAs("kemistry-authority"), /cannot be a name/],
    [namedAs("a", { names: {} }), /needs names/],
    [namedAs("a", { names: { uri: ["spiffe://UPPER/a"] } }), /trust domain/],
    [namedAs("a", { names: { uri: [idOf("kemistry/authority")] } }), /authority's own/],
    [namedAs("a", { names: { dns: ["*.example"] } }), /not a host name/],
    [namedAs("a", { names: { ip: ["1.2.3"] } }), /not an address/],
    [namedAs("a", { profile: "intermediate" }), /makes authorities/],
    [namedAs("a", { profile: "none" }), /no profile/],
    [namedAs("a", { issuer: "none" }), /no authority/],
    [namedAs("a", { lifetime: 1e12 }), /at most/],
  ])("is refused where it could not work: %j", async (terms, message) => {
    const pki = await directoryAt(folder.at("pki"));
    await pki.change(() => expect(() => register(pki, terms)).toThrow(message));
    expect(pki.records.registrations).toEqual([]);
  });

  it("is for one name only, and the latest counts", async () => {
    const pki = await directoryAt(folder.at("pki"), namedAs("ann"));
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
