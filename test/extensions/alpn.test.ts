import { describe, expect, it } from "vitest";
import {
  application_layer_protocol_negotiation,
  chooseProtocol,
} from "../../src/extensions/index.ts";
import { describeExtension } from "../support/codec.ts";
import { tlsErrorOf } from "../support/errors.ts";

// RFC 7301 §3.1
const golden = {
  accepts: [
    ["0003 02 6832", ["h2"]],
    ["000c 02 6832 08 687474702f312e31", ["h2", "http/1.1"]],
  ],
  refuses: [
    ["0000", /length 0 is outside 2\.\.65535/],
    ["0001 00", /outside 2/],
    ["0003 00 0168", /\[0\]: length 0 is outside 1\.\.255/],
    ["0002 02 68", /\[0\]: needs 2 bytes, has 1/],
    ["0003 02 6832 00", /1 bytes after the end/],
  ],
} as const;

describeExtension(application_layer_protocol_negotiation, {
  client_hello: golden,
  encrypted_extensions: golden,
});

// RFC 7301 §3.2
describe("the protocol", () => {
  const choose = (alpn: readonly string[], theirs: readonly string[] | undefined) =>
    chooseProtocol({ alpn }, theirs, undefined);

  it("is the server's first that the client offers", () => {
    expect(choose(["h2", "http/1.1"], ["http/1.1", "h2"])).toBe("h2");
    expect(choose([], ["h2"])).toBeUndefined();
    expect(choose(["h2"], undefined)).toBeUndefined();
  });

  it("is none of both", () => {
    expect(tlsErrorOf(() => choose(["h2"], ["H2", "h"]))).toMatchObject({
      code: "no_application_protocol",
      alert: "no_application_protocol",
      detail: { expected: "one of h2", received: "H2, h" },
    });
  });
});
