import { describe, expect, it } from "vitest";
import { parseVectors } from "../../../src/lab/hybrid/read-vectors.ts";
import { UnknownFormat, UnreadableCorpus } from "../../../src/lab/vectors/json.ts";
import { loadText } from "../../vectors/load.ts";

const handshakes = loadText("hybrid/handshakes/x25519.json.gz");
const shares = loadText("hybrid/shares/X25519MLKEM768.json.gz");

it("files of handshakes and of shares are told apart", () => {
  expect(parseVectors(handshakes).format).toBe("kemistry handshakes");
  expect(parseVectors(shares).format).toBe("kemistry shares");
});

describe("files that are neither", () => {
  it.each([
    ["cut off", handshakes, /.{100}$/s, "", /not JSON/],
    ["of a later version", handshakes, /"version":1/, '"version":2', /version: expected 1, got 2/],
    ["without a version", handshakes, /"version":1,/, "", /version: expected 1, got nothing/],
    [
      "of a later format",
      shares,
      "kemistry shares",
      "kemistry secrets",
      /format: expected kemistry handshakes, got "kemistry secrets"/,
    ],
    [
      "without handshakes",
      handshakes,
      '"handshakes"',
      '"h"',
      /handshakes: expected a list, got nothing/,
    ],
    [
      "without the handshake",
      shares,
      '"handshake":',
      '"h":',
      /handshake: expected an object, got nothing/,
    ],
    ["without shares", shares, /"shares":\[\{/, '"s":[{', /shares: expected a list, got nothing/],
    [
      "without flights",
      handshakes,
      '"flights"',
      '"f"',
      /handshakes\[0\]\.flights: expected a list/,
    ],
    [
      "without secrets",
      handshakes,
      '"secrets"',
      '"s"',
      /handshakes\[0\]\.secrets: expected an object/,
    ],
    [
      "with more than is known",
      handshakes,
      '"data":{',
      '"date":1,"data":{',
      /\[0\]\.date: expected no such/,
    ],
    [
      "without an alert",
      shares,
      '"alert"',
      '"a"',
      /shares\[0\]\.alert: expected one of close_notify/,
    ],
  ])("%s", (_, text, pattern, replacement, message) => {
    const damaged = text.replace(pattern, replacement);
    expect(damaged).not.toBe(text);
    expect(() => parseVectors(damaged)).toThrow(UnreadableCorpus);
    expect(() => parseVectors(damaged)).toThrow(message);
  });

  it("of others are of an unknown format", () => {
    expect(() => parseVectors('{"format":"raw","version":1}')).toThrow(UnknownFormat);
  });
});
