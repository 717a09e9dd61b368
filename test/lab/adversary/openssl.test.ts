import { describe, expect } from "vitest";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { startOpenssl } from "../../../src/lab/adversary/openssl.ts";
import { itWith } from "../../interop/peers.ts";

const scenario = (name: string) => catalogue.find((entry) => entry.name === name)!;

describe("with OpenSSL as the server", () => {
  itWith("openssl35", "scenarios end as it says", async ({ path }) => {
    const openssl = startOpenssl(path);
    const attack = (name: string) => openssl.attack(scenario(name));
    try {
      expect(await attack("honest")).toEqual({ client: "open", server: "open" });
      expect(await attack("strip-hybrid")).toEqual({
        client: "bad_record_mac",
        server: "decryption failed or bad record mac",
      });
      expect(await attack("x25519mlkem768-client-non-reduced")).toEqual({
        client: "told illegal_parameter",
        server: "invalid key",
      });
      // With our client's secrets the adversary reads and writes what OpenSSL encrypts
      expect(await attack("change-signature")).toMatchObject({ client: "bad_signature" });
      expect(await attack("drop-client-hello")).toEqual({ client: "waiting", server: "waiting" });
      expect(await attack("change-binder")).toBeUndefined();
    } finally {
      openssl.stop();
    }
  });
});
