/** `bench --pcap`: what is measured, to be looked at. */
import { groups, native, schemes, suites } from "../../node.ts";
import { runHandshake, setUp } from "../../lab.ts";
import { writePcap } from "../capture.ts";

/** One handshake of each group, with the suite and the certificates that the benchmark has by default. */
export function captureHandshakes(path: string, names: readonly string[]): void {
  const suite = suites.find(({ name }) => name === "TLS_AES_128_GCM_SHA256")!;
  const scheme = schemes.find(({ name }) => name === "ecdsa_secp256r1_sha256")!;
  const traces = groups
    .filter(({ name }) => names.includes(name))
    .map((group) => runHandshake(setUp({ provider: native, group, suite, scheme })).trace);
  writePcap(path, traces, { began: Date.now() });
}
