/** What Wireshark's dissectors say of a capture. */
import { spawnSync } from "node:child_process";
import type { Peer } from "../interop/peers.ts";

export interface Dissection {
  /** Names of handshake messages, from which port they came: `443 server_hello`. */
  readonly messages: readonly string[];
  /** Code points of the groups in ServerHellos. */
  readonly groups: readonly number[];
  /** Packets that some dissector finds malformed, or in which it finds an error or a wrong checksum. */
  readonly faults: readonly string[];
  /** Requests and answers in decrypted application data: `/path`, `404`. */
  readonly http: readonly string[];
  /** Packets that repeat what was sent before, as Wireshark judges. */
  readonly retransmissions: number;
}

/** @throws Error with what it said if it cannot read the file */
export function dissect({ path }: Peer, file: string): Dissection {
  const ask = (filter: string, ...names: readonly string[]): string[][] => {
    const fields = names.flatMap((name) => ["-e", name]);
    const checks = ["ip", "tcp"].flatMap((each) => ["-o", `${each}.check_checksum:TRUE`]);
    // Segments are lost and come again
    checks.push("-o", "tcp.reassemble_out_of_order:TRUE");
    const args = ["-r", file, ...checks, "-Y", filter, "-T", "fields", ...fields];
    const { status, stdout, stderr } = spawnSync(path, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`tshark: ${stderr}`);
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t"));
  };
  const lists = (text = ""): string[] => text.split(",").filter((part) => part !== "");
  return {
    messages: ask("tls.handshake.type", "tcp.srcport", "tls.handshake.type").flatMap(
      ([port, types]) => lists(types).map((type) => `${port} ${names[Number(type)] ?? type}`),
    ),
    groups: ask("tls.handshake.type == 2", "tls.handshake.extensions_key_share_group").flatMap(
      ([groups]) => lists(groups).map(Number),
    ),
    faults: ask(
      "_ws.malformed || _ws.expert.severity == error || ip.checksum.status == 0 || tcp.checksum.status == 0",
      "frame.number",
      "_ws.expert.message",
    ).map((fields) => fields.join(" ")),
    http: ask("http", "http.request.uri", "http.response.code").flatMap((fields) =>
      fields.filter((field) => field !== ""),
    ),
    retransmissions: ask("tcp.analysis.retransmission", "frame.number").length,
  };
}

const names: Readonly<Record<number, string>> = {
  1: "client_hello",
  2: "server_hello",
  4: "new_session_ticket",
  5: "end_of_early_data",
  8: "encrypted_extensions",
  11: "certificate",
  13: "certificate_request",
  15: "certificate_verify",
  20: "finished",
  24: "key_update",
};
