import { afterAll, describe, expect } from "vitest";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { type Openssl, startOpenssl } from "../../../src/lab/adversary/openssl.ts";
import { verdictOf } from "../../../src/lab/adversary/openssl-verdict.ts";
import { readTrace, type Trace } from "../../../src/lab/trace/trace.ts";
import { messageType } from "../../../src/messages/index.ts";
import type { AttackScenario } from "../../../src/lab/adversary/scenario.ts";
import { itWith } from "../../interop/peers.ts";

const scenario = (name: string): AttackScenario => {
  const found = catalogue.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
};

let openssl: Openssl | undefined;
afterAll(() => openssl?.stop());

/** Milliseconds: processes wait for one another on a busy machine. */
const patient = 120_000;

const told = (alert: string) => `told ${alert}`;
const garbled = "decryption failed or bad record mac";

/** Scenario, OpenSSL's role, what OpenSSL says, what our end says. */
const rows = [
  ["honest", "server", "open", "open"],
  ["honest", "client", "open", "open"],
  ["strip-hybrid", "server", garbled, "bad_record_mac"],
  ["strip-hybrid", "client", garbled, told("bad_record_mac")],
  // With the server's key the hybrid is lost: ours says so, OpenSSL does not
  ["strip-hybrid-with-server-key", "server", "open", "open"],
  ["strip-hybrid-with-server-key", "client", "open", "open"],
  ["x25519mlkem768-client-non-reduced", "server", "invalid key", told("illegal_parameter")],
  ["x25519mlkem768-client-non-reduced", "client", told("illegal_parameter"), "bad_key_share"],
  ["drop-client-hello", "server", "waiting", "waiting"],
  // With the secrets of both ends the adversary reads and writes what OpenSSL encrypts
  ["change-signature", "server", told("decrypt_error"), "bad_signature"],
  ["change-signature", "client", "provider signature failure", told("decrypt_error")],
  [
    "client-signature-of-earlier-connection",
    "server",
    "provider signature failure",
    told("decrypt_error"),
  ],
  // Sessions, 0-RTT data, external keys
  ["change-binder", "server", "binder does not verify", told("decrypt_error")],
  ["change-binder", "client", told("decrypt_error"), "bad_binder"],
  ["replay-early-data", "server", "waiting", "absent"],
  ["replay-early-data", "client", "absent", "waiting"],
  ["change-early-data", "server", garbled, told("bad_record_mac")],
  ["change-early-data", "client", told("bad_record_mac"), "bad_record_mac"],
  ["reflect-client-hello", "client", "unexpected message", told("unexpected_message")],
  // Records, and what comes after the handshake
  ["truncate-stream", "client", "unexpected eof while reading", "truncated"],
  ["drop-key-update", "server", told("bad_record_mac"), "bad_record_mac"],
  ["padding-oversize", "client", "open", "open"],
] as const;

describe("with OpenSSL as an end", { timeout: 20_000 }, () => {
  itWith(
    "openssl35",
    "scenarios end as they should",
    async ({ path }) => {
      openssl ??= startOpenssl(path);
      const attack = openssl.attack;
      // They mostly wait: all at once
      const results = await Promise.all(
        rows.map(async ([name, role]) => {
          const result = await attack(scenario(name), role);
          if ("notRun" in result) return [name, role, result.notRun];
          const { ended } = verdictOf(scenario(name), role, result);
          return [name, role, result.openssl, result.ours, ended];
        }),
      );
      expect(results).toEqual(
        rows.map((row) => [
          ...row,
          row[0] === "padding-oversize" ? "in its own way" : "as it should",
        ]),
      );
    },
    patient,
  );

  itWith(
    "openssl35",
    "each connection can be read from its trace",
    async ({ path }) => {
      openssl ??= startOpenssl(path);
      for (const role of ["client", "server"] as const) {
        const traces: Trace[] = [];
        await openssl.attack(scenario("change-binder"), role, (trace) => traces.push(trace));
        // The honest one before, and the attacked one
        expect(traces).toHaveLength(2);
        const names = readTrace(traces[0]!).flatMap((item) =>
          item.kind === "message" ? `${item.from} ${messageType(item.raw)}` : [],
        );
        expect(names).toEqual(expect.arrayContaining(["server certificate", "client finished"]));
      }
    },
    patient,
  );

  itWith("openssl35", "our client says that the hybrid is lost", async ({ path }) => {
    openssl ??= startOpenssl(path);
    const result = await openssl.attack(scenario("strip-hybrid-with-server-key"), "server");
    if ("notRun" in result) throw new Error(result.notRun);
    expect(result.agreed).toMatchObject({ group: "x25519" });
    expect(result.findings.map(({ kind }) => kind)).toContain("hybrid-declined");
    // Without the finding it would be a silent downgrade
    const silent = { ...result, findings: [] };
    const { why } = verdictOf(scenario("strip-hybrid-with-server-key"), "server", silent);
    expect(why).toMatch(/nobody said so/);
  });

  itWith(
    "openssl35",
    "says why a scenario cannot be run, or does not come about",
    async ({ path }) => {
      openssl ??= startOpenssl(path);
      expect(await openssl.attack(scenario("limit-record-size"), "server")).toEqual({
        notRun: "OpenSSL's tool has no option for record_size_limit",
      });
      expect(await openssl.attack(scenario("require-classical-server"), "client")).toEqual({
        notRun: "OpenSSL has no policies",
      });
      const steps = [{ from: "client", on: "key_update", drop: true }] as const;
      expect(await openssl.attack({ ...scenario("honest"), steps }, "server")).toEqual({
        notRun: "nothing to apply it to: key_update of the client: drop",
      });
    },
  );
});
