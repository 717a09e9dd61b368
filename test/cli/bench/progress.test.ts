import { describe, expect, it } from "vitest";
import { Progress } from "../../../src/cli/bench/progress.ts";

function progressOn(stream: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = [];
  const clock = { now: 1 };
  const write = (text: string): number => written.push(text);
  const progress = new Progress({ ...stream, write }, () => clock.now);
  return { progress, written, clock };
}

describe("progress where there is no terminal", () => {
  it("is a line for each suite, and one every half minute", () => {
    const { progress, written, clock } = progressOn({});
    progress.report("size", 0, 20);
    clock.now += 29_999;
    progress.report("size", 0.4, 12);
    clock.now += 1;
    progress.report("size", 0.5, 10);
    progress.report("record", 0.6, 300);
    expect(written).toEqual([
      "size: about 20 s left\n",
      "size: about 10 s left\n",
      "record: about 5 min left\n",
    ]);
  });

  it("guesses nothing before something was done", () => {
    const { progress, written } = progressOn({});
    progress.report("a kernel", 0);
    expect(written).toEqual(["a kernel: begun\n"]);
  });
});

describe("progress on a terminal", () => {
  it("is one line, at most twice a second, and is given back", () => {
    const { progress, written, clock } = progressOn({ isTTY: true, columns: 20 });
    progress.report("handshake", 0.25, 100);
    clock.now += 499;
    progress.report("handshake", 0.3, 90);
    clock.now += 1;
    progress.report("handshake", 0.5, 60);
    progress.clear();
    expect(written).toHaveLength(3);
    expect(written[1]).toContain("handshake  50 %");
    expect(written[1]).not.toContain("left");
    expect(written[2]).toBe("\r\u001b[K");
  });
});
