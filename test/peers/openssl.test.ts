import { describe, expect, it } from "vitest";
import { flags, opensslVersion, portOf } from "../../src/peers/openssl.ts";
import { withPeer } from "../../src/peers/process.ts";

describe("the openssl tool", () => {
  it("is told what is there, and nothing of what is absent", () => {
    expect(
      flags({ tls1_3: true, groups: "x25519", num_tickets: 0, quiet: false, cert: undefined }),
    ).toEqual(["-tls1_3", "-groups", "x25519", "-num_tickets", "0"]);
  });

  it("says where it listens", async () => {
    const says = (text: string) => ["-e", `console.log(${JSON.stringify(text)})`];
    await withPeer(process.execPath, says("ACCEPT 127.0.0.1:4433\n"), async (peer) => {
      expect(await portOf(peer)).toBe(4433);
    });
    await withPeer(process.execPath, says("no such group"), async (peer) => {
      await expect(portOf(peer)).rejects.toThrow("no such group");
    });
  });

  it("is not there", () => {
    expect(() => opensslVersion("/nowhere/openssl")).toThrow("cannot run /nowhere/openssl");
  });
});
