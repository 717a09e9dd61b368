import type { Group } from "../../groups/index.ts";
import { type ExchangeFile, exchangeFormat, exchangeIn, type ExchangeVector } from "./exchanges.ts";
import type { HandshakeVector } from "./format.ts";
import { generateFeatures, generateFull } from "./generate.ts";

/** The exchanges of the handshakes that a seed gives. */
export const generateExchanges = (groups: readonly Group[], seed: string): ExchangeFile =>
  exchangeFile(
    groups.flatMap((group) =>
      exchangesIn(
        group.name,
        generateFull(group, seed).handshake,
        generateFeatures(group, seed).handshakes,
      ),
    ),
  );

export const exchangeFile = (exchanges: readonly ExchangeVector[]): ExchangeFile => ({
  format: exchangeFormat,
  version: 1,
  license: "MIT",
  exchanges,
});

/** Of a group that of one handshake, and for each component one whose secret begins with a zero byte. */
export const exchangesIn = (
  group: string,
  full: HandshakeVector,
  features: readonly HandshakeVector[],
): ExchangeVector[] => [
  exchangeIn(full, group, group),
  ...features.flatMap((each) => {
    if (each.leadingZero === undefined) return [];
    const { kem } = each.exchange.components[each.leadingZero]!;
    return [exchangeIn(each, group, `${group}, ${kem} begins with zero`)];
  }),
];
