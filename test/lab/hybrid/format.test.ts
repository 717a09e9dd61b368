import { describe, expect, it } from "vitest";
import { parseVectors } from "../../../src/lab/hybrid/format.ts";
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
    ["of a later version", handshakes, /"version":1/, '"version":2', /version 2 is not known/],
    ["without a version", handshakes, /"version":1,/, "", /version is not a number/],
    ["of a later format", shares, "kemistry shares", "kemistry secrets", /secrets is not known/],
    ["without handshakes", handshakes, '"handshakes"', '"h"', /handshakes is not a list/],
    ["without the handshake", shares, '"handshake":', '"h":', /handshake is not an object/],
    ["without shares", shares, /"shares":\[\{/, '"s":[{', /shares is not a list/],
    ["without flights", handshakes, '"flights"', '"f"', /flights is not a list/],
    ["without secrets", handshakes, '"secrets"', '"s"', /secrets is not an object/],
    ["without an alert", shares, '"alert"', '"a"', /alert is not a string/],
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
