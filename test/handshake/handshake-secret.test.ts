import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { extractHandshakeSecret } from "../../src/handshake/handshake-secret.ts";
import { EarlySecret, HandshakeSecret } from "../../src/schedule/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { freshOwners } from "../support/secrets.ts";

const { sha256 } = noble.hashes;
const shared = utf8("shared");
const early = () => new EarlySecret(sha256, utf8("a key that both had before"), freshOwners());
const revealed = (secret: HandshakeSecret) => secret.traffic(sha256.digest(shared)).client.reveal();

// RFC 9846 §7.1
describe("the handshake secret", () => {
  it("is made of what was negotiated", () => {
    const both = extractHandshakeSecret(sha256, early(), shared, freshOwners());
    const exchanged = extractHandshakeSecret(sha256, undefined, shared, freshOwners());
    const before = extractHandshakeSecret(sha256, early(), undefined, freshOwners());
    expect(revealed(both)).toEqual(revealed(early().handshake(shared)));
    expect(revealed(exchanged)).toEqual(
      revealed(HandshakeSecret.withoutPsk(sha256, shared, freshOwners())),
    );
    expect(revealed(before)).toEqual(revealed(early().handshake()));
    expect(new Set([both, exchanged, before].map((each) => String(revealed(each)))).size).toBe(3);
  });

  it("is not made of nothing", () => {
    expect(
      tlsErrorOf(() => extractHandshakeSecret(sha256, undefined, undefined, freshOwners())).code,
    ).toBe("internal");
  });
});
