/** `bench --pcap`: what is measured, to be looked at. */
import { groups, native } from "../../node.ts";
import { runHandshake, setUp } from "../../lab.ts";
import { writePcap } from "../capture.ts";

/** One handshake of each group, with the suite and the certificates that the benchmark has by default. */
export function captureHandshakes(path: string, names: readonly string[]): void {
  const traces = groups
    .filter(({ name }) => names.includes(name))
    .map((group) => runHandshake(setUp({ provider: native, group })).trace);
  writePcap(path, traces, { began: Date.now() });
}
