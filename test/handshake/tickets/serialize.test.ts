import { describe, expect, it } from "vitest";
import { deserializePsk, type Psk, serializePsk } from "../../../src/handshake/index.ts";
import { parseCertificate } from "../../../src/identity/index.ts";
import { DecodeError, utf8 } from "../../../src/wire/index.ts";
import { clientCredential, testTime } from "../../support/identities.ts";
import { changed } from "../../support/raw.ts";

const { chain } = clientCredential;
const full: Psk = {
  secret: utf8("a secret of any length"),
  hash: "sha384",
  kind: "resumption",
  origin: {
    suite: 0x1302,
    serverName: "server.example",
    alpn: "h2",
    group: "X25519MLKEM768",
    postQuantum: true,
    peer: { chain, verified: undefined },
    peerSignatureScheme: "ed25519",
    issuedAt: testTime,
    authenticatedAt: testTime - 1000,
    lifetime: 7200,
    ageAdd: 0xfedcba98,
    maxEarlyData: 16_384,
  },
};
const bare: Psk = {
  ...full,
  origin: {
    suite: 0x1301,
    serverName: undefined,
    alpn: undefined,
    group: undefined,
    postQuantum: false,
    peer: undefined,
    peerSignatureScheme: undefined,
    issuedAt: 0,
    authenticatedAt: 0,
    lifetime: 1,
    ageAdd: 0,
    maxEarlyData: 0,
  },
};

describe("a resumption key as bytes", () => {
  it.each([
    ["with all that a session has", full],
    ["with nothing that it may lack", bare],
  ])("is the same again, %s", (_, psk) => {
    const again = deserializePsk(serializePsk(psk));
    const withoutPeer = ({ origin, ...rest }: Psk) => ({
      ...rest,
      origin: { ...origin, peer: origin?.peer?.chain.map(({ der }) => der) },
    });
    expect(withoutPeer(again!)).toEqual(withoutPeer(psk));
  });

  it("keeps a raw public key", () => {
    const { publicKey } = chain[0]!;
    const peer = { chain: [], verified: undefined, rawPublicKey: publicKey };
    const again = deserializePsk(serializePsk({ ...full, origin: { ...full.origin!, peer } }));
    expect(again?.origin?.peer).toMatchObject({ chain: [], verified: undefined });
    expect(again?.origin?.peer?.rawPublicKey?.spki).toEqual(publicKey.spki);
  });

  it("reads certificates as it is told", () => {
    const seen: Uint8Array[] = [];
    deserializePsk(serializePsk(full), (der) => {
      seen.push(der);
      return parseCertificate(der);
    });
    expect(seen).toEqual([chain[0]!.der]);
  });

  it("of another version is none, and a damaged one is an error", () => {
    const bytes = serializePsk(full);
    expect(deserializePsk(changed(bytes, (copy) => (copy[0]! ^= 0xff)))).toBeUndefined();
    expect(deserializePsk(new Uint8Array(0))).toBeUndefined();
    expect(() => deserializePsk(bytes.subarray(0, -1))).toThrow(DecodeError);
  });

  it("is there only for resumption", () => {
    const { origin: _, ...external } = full;
    expect(() => serializePsk({ ...external, kind: "external" })).toThrow(TypeError);
  });
});
