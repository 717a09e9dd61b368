import { describe, expect, it } from "vitest";
import { labelOf } from "../../../src/lab/trace/names.ts";
import { registeredName } from "../../../src/lab/trace/registered.ts";
import { messageFacts } from "../../../src/lab/trace/message-facts.ts";
import { dumpMessage } from "../../../src/lab/trace/dump.ts";
import {
  AlertDescription,
  CertificateType,
  CipherSuite,
  ContentType,
  ExtensionType,
  HandshakeType,
  NamedGroup,
  SignatureScheme,
} from "../../../src/registry/index.ts";
import { encodeMessage } from "../../../src/messages/index.ts";
import { ordinaryHello } from "../../support/hello.ts";

describe("a label", () => {
  it("is the registry's name, or the number", () => {
    expect(labelOf(NamedGroup, 0x11ec)).toBe("X25519MLKEM768");
    expect(labelOf(NamedGroup, 0xfe31)).toBe("0xfe31");
  });

  // What others say: the values of IANA's registries, of which the engine speaks a part
  it.each([
    [AlertDescription, 100, "no_renegotiation"],
    [CertificateType, 1, "OpenPGP"],
    [CipherSuite, 0x0000, "TLS_NULL_WITH_NULL_NULL"],
    [CipherSuite, 0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"],
    [CipherSuite, 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
    [CipherSuite, 0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"],
    [CipherSuite, 0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"],
    [CipherSuite, 0xc0b5, "TLS_SHA384_SHA384"],
    [ContentType, 24, "heartbeat"],
    [ExtensionType, 11, "ec_point_formats"],
    [ExtensionType, 35, "session_ticket"],
    [ExtensionType, 62, "tls_flags"],
    [HandshakeType, 12, "server_key_exchange_RESERVED"],
    [NamedGroup, 22, "secp256k1"],
    [NamedGroup, 0x0104, "ffdhe8192"],
    [SignatureScheme, 0x0708, "sm2sig_sm3"],
    [SignatureScheme, 0x0203, "ecdsa_sha1"],
  ])("has the names of what the engine does not speak: %#", (table, value, name) => {
    expect(labelOf(table, value)).toBe(name);
  });

  it("never stands for a value that has a name in the engine already", () => {
    for (const table of [
      AlertDescription,
      CertificateType,
      CipherSuite,
      ContentType,
      ExtensionType,
      HandshakeType,
      NamedGroup,
      SignatureScheme,
    ]) {
      const twice = Object.values(table).filter((value) => registeredName(table, value));
      expect(twice).toEqual([]);
    }
  });

  it("is what dumps and facts have for extensions that the engine does not know", () => {
    const sparse = encodeMessage("client_hello", {
      ...ordinaryHello(),
      extensions: {
        "0x000b": Uint8Array.of(1, 0),
        "0x0023": new Uint8Array(0),
        "0x1a1a": new Uint8Array(0),
        "0xeeee": new Uint8Array(0),
      },
    });
    const names = ["ec_point_formats", "session_ticket", "GREASE", "0xeeee"];
    expect(messageFacts(sparse).extensions?.map(({ name }) => name)).toEqual(names);
    const shown = dumpMessage(sparse).map(({ name }) => name);
    expect(shown).toEqual(expect.arrayContaining(names));
  });

  // RFC 8701 §2
  it.each([0x0a0a, 0x5a5a, 0xfafa])("calls %i GREASE", (value) => {
    expect(labelOf(NamedGroup, value)).toBe("GREASE");
  });

  it.each([0x0a1a, 0x0a0b, 0x0b0b])("does not call %i GREASE", (value) => {
    expect(labelOf(NamedGroup, value)).toMatch(/^0x/);
  });
});
