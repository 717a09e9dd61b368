/** Combinations of factors that no handshake can have: each is refused with its place, and what to write instead. */
import type { ChainPlan } from "./chain.ts";
import { type FactorName, factors, type FactorValues } from "./factors.ts";
import { isQuicTimer, notOfQuic, quicClocks } from "./quic.ts";
import type { ExperimentError } from "./read.ts";

/** Makes the error about the value of a factor, with its place. */
export type FailAt = (name: FactorName, reason: string) => ExperimentError;

/** @throws ExperimentError for what no handshake can be */
export function checkTogether(values: FactorValues, chain: ChainPlan, failAt: FailAt): void {
  if (values.earlyData > 0 && !values.resumed) {
    throw failAt(
      "earlyData",
      "only a resumed session has early data: write resumed: true beside it, in a case of its own",
    );
  }
  if (values.earlyData > 0 && values.hello === "retry") {
    throw failAt(
      "earlyData",
      "a retry refuses early data (RFC 9846 §4.3.10): leave out hello: retry",
    );
  }
  if (values.transport === "quic" && values.authentication !== "signature") {
    throw failAt("authentication", "the model of QUIC knows signatures alone: take transport: tcp");
  }
  if (values.authentication === "stored-kem" && values.mutual && values.hello === "retry") {
    const reason =
      "a retry loses what the client showed at once: leave out mutual, or hello: retry";
    throw failAt("authentication", reason);
  }
  if (values.authentication !== "signature" && chain.second !== undefined) {
    throw failAt("chain", "both leaves of dual chains sign: leave out second, or authentication");
  }
  if (values.resumed && values.compression !== "none") {
    throw failAt(
      "compression",
      "a resumed session sends no certificates: leave out compression or resumed",
    );
  }
  if (values.load !== "none" && values.cpu === "zero") {
    throw failAt(
      "load",
      "no core is busy where computing takes no time: write cpu, a table or measured",
    );
  }
  const needsRequest =
    values.timer === "request" || values.timer === "first-byte" || values.timer === "last-byte";
  if (needsRequest && values.request === 0 && values.timer === "request") {
    throw failAt("timer", "there is no request to be sent: write request, in bytes");
  }
  if (needsRequest && values.payload === 0 && values.timer !== "request") {
    throw failAt("timer", `there is no ${values.timer} of nothing: write payload, in bytes`);
  }
  if (values.transport === "quic") checkQuic(values, failAt);
}

function checkQuic(values: FactorValues, failAt: FailAt): void {
  if (!isQuicTimer(values.timer)) {
    const known = Object.keys(quicClocks).join(", ");
    throw failAt("timer", `the model of QUIC knows ${known}: write one of them, or transport: tcp`);
  }
  if (values.hello === "retry" || values.earlyData > 0) {
    const name = values.hello === "retry" ? "hello" : "earlyData";
    throw failAt(name, "the model of QUIC has neither a retry nor early data: take transport: tcp");
  }
  for (const name of notOfQuic) {
    if (isDefault(name, values)) continue;
    const reason = `the model of QUIC has no ${name}: leave it out, or take transport: tcp`;
    throw failAt(name, reason);
  }
  if (typeof values.initialWindow !== "number") {
    throw failAt("initialWindow", "the model of QUIC has one for both ends: write a number");
  }
}

const isDefault = (name: FactorName, values: FactorValues): boolean =>
  JSON.stringify(values[name]) === JSON.stringify(factors[name].fallback);
