import { describe, expect, it } from "vitest";
import { cellCapture } from "../../../src/lab/experiment/capture.ts";
import { recordHandshake } from "../../../src/lab/experiment/record.ts";
import { readExperiment } from "../../../src/lab/experiment/read.ts";
import { resolveExperiment } from "../../../src/lab/experiment/resolve.ts";
import { handshakeKey } from "../../../src/lab/experiment/run.ts";
import { inspectCapture } from "../../../src/lab/inspection/inspect.ts";
import { ledgerOf } from "../../../src/lab/trace/ledger.ts";

const experimentOf = (factors: string) =>
  resolveExperiment(readExperiment(`name: captured\nrepetitions: 9\nfactors: { ${factors} }\n`));

describe("the capture of a cell's handshake", () => {
  const lossy = experimentOf("group: X25519MLKEM768, signature: mldsa65, rtt: 20, loss: 0.25");
  const [cell] = lossy.cells;

  it("has all of the engine's bytes, whatever was lost on the way", () => {
    const { sent } = recordHandshake(cell!.handshake, `${lossy.seed}/${handshakeKey(cell!)}`);
    const flights = ledgerOf({ sent }).totals;
    let packets = 0;
    for (let repetition = 0; repetition < 9; repetition++) {
      const inspected = inspectCapture([cellCapture(lossy, cell!, repetition)]);
      packets = Math.max(packets, inspected.packets);
      const [connection] = inspected.connections;
      expect(connection).toMatchObject({ gaps: [], violations: [], ledger: { totals: flights } });
      expect(connection?.proofs.map(({ verdict }) => verdict)).toEqual(["right", "right", "right"]);
    }
    const calm = experimentOf("group: X25519MLKEM768, signature: mldsa65, rtt: 20");
    const { packets: fewest } = inspectCapture([cellCapture(calm, calm.cells[0]!, 0)]);
    // Retransmissions are in it
    expect(packets).toBeGreaterThan(fewest);
  });

  it("has the times of the network, and is the same each time", () => {
    const [connection] = inspectCapture([cellCapture(lossy, cell!, 3)]).connections;
    const at = connection!.trace.events.map((event) => event.at);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at[0]).toBeGreaterThanOrEqual(20);
    expect(cellCapture(lossy, cell!, 3)).toEqual(cellCapture(lossy, cell!, 3));
    expect(cellCapture(lossy, cell!, 3)).not.toEqual(cellCapture(lossy, cell!, 4));
  });

  it("is not made of QUIC", () => {
    const quic = experimentOf("group: x25519, signature: ed25519, transport: quic");
    expect(() => cellCapture(quic, quic.cells[0]!, 0)).toThrow("captures are of tcp");
  });
});
