import { describe, expect, it } from "vitest";
import { PendingHandshakes } from "../../../src/transport/node/pending.ts";

class Socket {
  isSilent = true;
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

function start(total: number, perAddress = Infinity) {
  const evicted: string[] = [];
  const pending = new PendingHandshakes<Socket>({ total, perAddress }, ({ name }) => {
    evicted.push(name);
  });
  /** One more, if there is room for it. */
  const arrive = (name: string, address?: string): Socket | undefined => {
    if (!pending.makeRoom(address)) return undefined;
    const socket = new Socket(name);
    pending.add(socket, address);
    return socket;
  };
  return { pending, evicted, arrive };
}

describe("pending handshakes", () => {
  it("have room up to their number, and then that of the oldest silent one", () => {
    const { pending, evicted, arrive } = start(3);
    const [a, b] = [arrive("a"), arrive("b"), arrive("c")];
    a!.isSilent = false;
    expect([evicted, pending.size]).toEqual([[], 3]);
    arrive("d");
    arrive("e");
    expect([evicted, pending.size]).toEqual([["b", "c"], 3]);
    expect(pending.delete(b!)).toBe(false);
  });

  it("have none where everybody has spoken, until somebody is done", () => {
    const { pending, evicted, arrive } = start(2);
    const sockets = [arrive("a"), arrive("b")];
    for (const socket of sockets) socket!.isSilent = false;
    expect(arrive("c")).toBeUndefined();
    expect(pending.delete(sockets[0]!)).toBe(true);
    expect(pending.delete(sockets[0]!)).toBe(false);
    expect(arrive("c")).toBeDefined();
    expect([evicted, pending.size]).toEqual([[], 2]);
  });

  it("of one address have a share, and leave the rest to others", () => {
    const { pending, evicted, arrive } = start(10, 2);
    const sockets = [arrive("a", "192.0.2.1"), arrive("b", "192.0.2.1")];
    sockets[1]!.isSilent = false;
    arrive("c", "192.0.2.1")!.isSilent = false;
    expect(evicted).toEqual(["a"]);
    expect(arrive("d", "192.0.2.1")).toBeUndefined();
    expect(arrive("e", "192.0.2.2")).toBeDefined();
    expect(arrive("f")).toBeDefined();
    pending.delete(sockets[1]!);
    expect(arrive("g", "192.0.2.1")).toBeDefined();
    expect(pending.size).toBe(4);
  });

  it.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    ["2001:DB8:1:2::1", "2001:db8:1:2::2", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::1", "::2", true],
    ["fe80::1", "2001:db8::1", false],
    ["::ffff:192.0.2.1", "192.0.2.1", true],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
    ["192.0.2.1", "192.0.2.2", false],
  ])("count %s and %s as one: %s", (one, other, isOne) => {
    const { arrive } = start(10, 1);
    arrive("a", one)!.isSilent = false;
    expect(arrive("b", other) === undefined).toBe(isOne);
  });
});
