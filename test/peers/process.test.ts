import { describe, expect, it } from "vitest";
import { PeerProcess, withPeer } from "../../src/peers/process.ts";

const node = process.execPath;
const script = (code: string): string[] => ["-e", code];

describe("a foreign program", () => {
  it("is heard on both outputs, and takes input", async () => {
    const echo =
      'process.stdin.on("data", (text) => console.log(`heard ${text}`)); console.error("ready")';
    await withPeer(node, script(echo), async (peer) => {
      await peer.expect(/ready/);
      peer.write("something");
      expect((await peer.expect(/heard (\w+)/))[1]).toBe("something");
      expect(peer.lastLine).toBe("heard something");
      expect(String(peer.bytes)).toBe("heard something\n");
    });
  });

  it("is given up once it has ended, with what it printed", async () => {
    const peer = new PeerProcess(node, script('console.log("goodbye")'));
    await expect(peer.expect(/hello/)).rejects.toThrow(/did not print \/hello\/, but: goodbye/);
    expect(await peer.exit()).toBe(0);
    // It takes no input any more, and that is no error
    peer.write("anybody?");
    await peer.ended(0);
  });

  it("says why it did not start", async () => {
    const peer = new PeerProcess("/nowhere/at/all", []);
    await expect(peer.expect(/hello/)).rejects.toThrow(/ENOENT/);
  });

  it("is waited for no longer than is said, and can be stopped", async () => {
    const peer = new PeerProcess(node, script("setInterval(() => {}, 1000)"));
    await peer.ended(1);
    expect(peer.child.exitCode).toBeNull();
    await peer.stop();
    expect(peer.child.signalCode).toBe("SIGKILL");
  });
});
