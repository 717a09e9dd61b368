import { describe, expect, it } from "vitest";
import { encodeMessage, type Extensions } from "../../../src/messages/index.ts";
import { clientFacts } from "../../../src/probe/client/hello-facts.ts";

/** The example of technical_details/JA4.md: Chrome, with GREASE, in an order of its own. */
const suites = [
  0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014,
  0x009c, 0x009d, 0x002f, 0x0035,
];
const bytes = (count: number): Uint8Array => new Uint8Array(count);
const extensions: Extensions<"client_hello"> = {
  "0x3a3a": bytes(0),
  "0x001b": Uint8Array.of(2, 0, 2),
  server_name: [{ nameType: 0, name: "example.com" }],
  "0x0033": Uint8Array.of(0, 0),
  application_layer_protocol_negotiation: ["h2", "http/1.1"],
  "0x4469": bytes(3),
  "0x0017": bytes(0),
  "0x002d": Uint8Array.of(1, 1),
  signature_algorithms: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
  "0x0005": Uint8Array.of(1, 0, 0, 0, 0),
  "0x0023": bytes(0),
  "0x0012": bytes(0),
  supported_versions: [0x7a7a, 0x0304, 0x0303],
  "0xff01": bytes(1),
  "0x000b": Uint8Array.of(1, 0),
  supported_groups: [0x2a2a, 0x001d, 0x0017, 0x0018],
  "0x0015": bytes(10),
  "0x5a5a": bytes(1),
};

type Changes = Readonly<Record<string, unknown>>;
const ja4Of = (changes: Changes, codes = suites, legacy = 0x0303) =>
  clientFacts(
    encodeMessage("client_hello", {
      legacyVersion: legacy,
      random: bytes(32),
      legacySessionId: bytes(32),
      cipherSuites: codes,
      legacyCompressionMethods: bytes(1),
      extensions: { ...extensions, ...changes },
    }),
  ).ja4;

describe("JA4", () => {
  it("is that of the document's example", () => {
    expect(ja4Of({})).toBe("t13d1516h2_8daaf6152771_e5627efa2ab1");
  });

  it("does not depend on the order of suites and extensions, nor on GREASE", () => {
    const turned = Object.fromEntries(Object.entries(extensions).toReversed());
    const hello = encodeMessage("client_hello", {
      legacyVersion: 0x0303,
      random: bytes(32),
      legacySessionId: bytes(0),
      cipherSuites: [...suites.slice(1).toReversed(), 0x8a8a],
      legacyCompressionMethods: bytes(1),
      extensions: turned as Extensions<"client_hello">,
    });
    expect(clientFacts(hello).ja4).toBe("t13d1516h2_8daaf6152771_e5627efa2ab1");
  });

  it("depends on the order of signature schemes", () => {
    const schemes = extensions.signature_algorithms!.toReversed();
    expect(ja4Of({ signature_algorithms: schemes })).toMatch(/^t13d1516h2_8daaf6152771_(?!e5627)/);
  });

  it.each<[string, string, Changes]>([
    ["an address for a name", "t13i1515h2", { server_name: undefined }],
    ["no ALPN", "t13d151500", { application_layer_protocol_negotiation: undefined }],
    ["one of one letter", "t13d1516aa", { application_layer_protocol_negotiation: ["a"] }],
    [
      "one that is none",
      "t13d1516ab",
      { application_layer_protocol_negotiation: ["\u00a0\u00cb"] },
    ],
    ["no TLS 1.3", "t12d1515h2", { supported_versions: undefined }],
  ])("says of %s %s", (_, about, changes) => {
    expect(ja4Of(changes).split("_")[0]).toBe(about);
  });

  it("has zeros for no suites that mean anything", () => {
    expect(ja4Of({}, [0x1a1a]).split("_").slice(0, 2)).toEqual(["t13d0016h2", "000000000000"]);
  });
});
