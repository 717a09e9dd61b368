import { describe, expect, it } from "vitest";
import { ledgerOf } from "../../src/lab/trace/ledger.ts";
import { resumed } from "../../src/lab/resume.ts";
import { runHandshake } from "../../src/lab/run.ts";
import { TlsError } from "../../src/registry/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { experiment } from "./experiment.ts";

const group = { groups: ["X25519MLKEM768"] };

describe("an experiment that resumes", () => {
  it("does so as often as it is run, with a new exchange and without certificates", () => {
    const again = resumed(experiment(group, group));
    for (let i = 0; i < 3; i++) {
      const run = runHandshake(again);
      expect(run.negotiated).toMatchObject({
        resumed: true,
        earlyData: "none",
        group: "X25519MLKEM768",
      });
      const ledger = ledgerOf(run);
      expect(ledger.roundTrips).toBe(1);
      expect(ledger.flights.map(({ messages }) => messages.map(({ type }) => type))).toEqual([
        ["client_hello"],
        ["server_hello", "encrypted_extensions", "finished"],
        ["finished"],
      ]);
    }
  });

  it("may send early data, for no round trip at all", () => {
    const data = utf8("GET / HTTP/1.1\r\n\r\n");
    const again = resumed(experiment(group, group), data);
    for (let i = 0; i < 2; i++) {
      const run = runHandshake(again);
      const events = run.server.takeEvents();
      expect(events.find(({ type }) => type === "data")).toMatchObject({ data, early: true });
      const ledger = ledgerOf(run);
      expect(ledger.negotiated).toMatchObject({ resumed: true, earlyData: "accepted" });
      expect(ledger.roundTrips).toBe(0);
      const { records } = ledger.flights[0]!;
      expect(records.at(-1)).toMatchObject({
        type: "application_data",
        epoch: "early",
        contentBytes: data.length,
      });
    }
  });

  it("loses early data to a retry", () => {
    const client = { groups: ["x25519", "secp256r1"], shares: ["x25519"] };
    const again = resumed(experiment(client, { groups: ["secp256r1"] }), utf8("early"));
    const ledger = ledgerOf(runHandshake(again));
    expect(ledger.negotiated).toMatchObject({ resumed: true, earlyData: "retried" });
    expect(ledger.roundTrips).toBe(2);
  });

  it("needs a first handshake that succeeds", () => {
    const strangers = experiment({ groups: ["x25519"] }, { groups: ["secp256r1"] });
    expect(() => resumed(strangers)).toThrow(TlsError);
  });
});
