/** Compressed certificates of both ends: RFC 8879. */
import { describe, expect, it } from "vitest";
import type { CertificateCompressor } from "../../../src/handshake/index.ts";
import type { CompressedCertificate } from "../../../src/messages/index.ts";
import { certificateCompressors } from "../../../src/node.ts";
import { clientCredential } from "../../support/identities.ts";
import { edit, intercept, type Rules } from "../../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold, type Refusal } from "../../support/refusal.ts";
import { type Client, helloOf, type Server, typesBy } from "../../support/sessions.ts";

const [brotli, zlib] = [2, 1].map((algorithm) =>
  certificateCompressors.find((each) => each.algorithm === algorithm)!,
) as [CertificateCompressor, CertificateCompressor];
const certificateCompression = [brotli, zlib];
const mutual: [Client, Server] = [
  { certificateCompression, credentials: [clientCredential] },
  { certificateCompression, clientAuthentication: "require" },
];

const certificatesIn = (between: ReturnType<typeof intercept>) =>
  between.messages.flatMap(({ by, type }) =>
    type.endsWith("certificate") ? [`${by} ${type}`] : [],
  );

describe("certificate compression", () => {
  it("is used by both ends where both know it", () => {
    const between = intercept({}, ...mutual);
    expect(certificatesIn(between)).toEqual([
      "server compressed_certificate",
      "client compressed_certificate",
    ]);
    expect(between.client.negotiated?.peer?.verified).toBeDefined();
    expect(between.server.negotiated?.peer?.verified).toBeDefined();
    expect(helloOf(between).extensions.compress_certificate).toEqual([2, 1]);
  });

  it.each<[string, Client, Server, string]>([
    ["the server", { certificateCompression }, {}, "server certificate"],
    ["the client", {}, { certificateCompression }, "server certificate"],
    [
      "both, of the same",
      { certificateCompression: [zlib] },
      { certificateCompression: [brotli] },
      "server certificate",
    ],
    [
      "nobody",
      { certificateCompression: [zlib] },
      { certificateCompression },
      "server compressed_certificate",
    ],
  ])("is not used where %s lacks it", (_, client, server, sent) => {
    const between = intercept({}, client, server);
    expect(certificatesIn(between)).toEqual([sent]);
    expect(between.server.state).toBe("open");
  });

  it("is the server's choice among what the client offers", () => {
    const algorithmOf = (...compressors: CertificateCompressor[]) => {
      let algorithm: number | undefined;
      const look = edit("compressed_certificate", (body: CompressedCertificate) => {
        ({ algorithm } = body);
      });
      intercept(
        { server: { compressed_certificate: look } },
        { certificateCompression },
        { certificateCompression: compressors },
      );
      return algorithm;
    };
    expect(algorithmOf(zlib, brotli)).toBe(1);
    expect(algorithmOf(brotli, zlib)).toBe(2);
  });

  it("is nothing that a peer must use", () => {
    const none: Server = { certificateCompression: [] };
    expect(certificatesIn(intercept({}, { certificateCompression }, none))).toEqual([
      "server certificate",
    ]);
  });

  it("is in the transcript as it was sent", () => {
    const slower: CertificateCompressor = {
      ...zlib,
      // The same content in other bytes: stored, not deflated
      compress: (data) => storedBlock(data),
    };
    const between = intercept({}, { certificateCompression }, { certificateCompression: [slower] });
    expect(between.server.state).toBe("open");
    const swapped: Rules = {
      server: {
        compressed_certificate: edit("compressed_certificate", (body: CompressedCertificate) => {
          const plain = zlib.decompress(body.compressedCertificateMessage, body.uncompressedLength);
          return { ...body, compressedCertificateMessage: storedBlock(plain) };
        }),
      },
    };
    const other = intercept(
      swapped,
      { certificateCompression },
      { certificateCompression: [zlib] },
    );
    expectRefusedAndTold(other, "client", { code: "bad_signature" });
  });
});

// RFC 8879 §4
describe.each(["client", "server"] as const)("a compressed certificate of the %s", (by) => {
  const refuses = (
    change: (body: CompressedCertificate) => Partial<CompressedCertificate>,
    refusal: Refusal,
  ) => {
    const rule = edit("compressed_certificate", (body: CompressedCertificate) => ({
      ...body,
      ...change(body),
    }));
    const between = intercept({ [by]: { compressed_certificate: rule } }, ...mutual);
    expectRefusedAndTold(between, by === "client" ? "server" : "client", refusal);
  };
  const lies: Refusal = {
    code: "bad_certificate",
    where: "compressed_certificate",
    section: "RFC 8879 §4",
  };

  it.each([1, -1, 100, -100])("says %d bytes too many", (more) => {
    refuses(({ uncompressedLength }) => ({ uncompressedLength: uncompressedLength + more }), lies);
  });

  it("says more than anybody would take", () => {
    refuses(() => ({ uncompressedLength: 0x20001 }), lies);
    refuses(() => ({ uncompressedLength: 0xffffff }), lies);
  });

  it("is a bomb", () => {
    const compressedCertificateMessage = brotli.compress(new Uint8Array(60_000_000));
    refuses(() => ({ compressedCertificateMessage }), lies);
    refuses(() => ({ compressedCertificateMessage, uncompressedLength: 0x20000 }), lies);
  });

  it("is damaged", () => {
    refuses(({ compressedCertificateMessage }) => {
      const copy = compressedCertificateMessage.slice();
      copy[copy.length >> 1]! ^= 0xff;
      return { compressedCertificateMessage: copy.subarray(0, -3) };
    }, lies);
  });

  it.each([3, 1000])("is compressed in a way that nobody offered: %d", (algorithm) => {
    refuses(() => ({ algorithm }), {
      code: "illegal_parameter",
      where: "compressed_certificate.algorithm",
      section: "RFC 8879 §4",
    });
  });

  it("holds a message that is no certificate", () => {
    const nonsense = Uint8Array.of(0, 0, 0, 9);
    refuses(
      () => ({
        compressedCertificateMessage: brotli.compress(nonsense),
        uncompressedLength: nonsense.length,
      }),
      { code: "malformed", alert: "decode_error" },
    );
  });
});

it("a server that was not offered compression uses none", () => {
  const rules: Rules = {
    client: {
      client_hello: edit("client_hello", ({ extensions }) => {
        extensions.compress_certificate = [2];
      }),
    },
  };
  const between = intercept(rules, {}, { certificateCompression });
  expect(typesBy("server", between)).toContain("compressed_certificate");
  // The client's keys are other ones by now; what it awaits is what it offered
  expectRefused(between, "client", { code: "bad_record_mac" });
});

/** A zlib stream (RFC 1950) with its data as it is. */
function storedBlock(data: Uint8Array): Uint8Array {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  const length = [data.length & 0xff, data.length >> 8];
  const complement = length.map((byte) => byte ^ 0xff);
  const checksum = [b >> 8, b & 0xff, a >> 8, a & 0xff];
  return Uint8Array.from([0x78, 0x01, 0x01, ...length, ...complement, ...data, ...checksum]);
}
