import { describe, expect, it } from "vitest";
import {
  acceptedStoredKey,
  checkEarlyAuth,
  checkRetriedEarlyAuth,
  early_auth,
  stored_auth_key,
} from "../../src/extensions/index.ts";
import { bytesOf, describeExtension } from "../support/codec.ts";
import { tlsErrorOf } from "../support/errors.ts";

// draft-wiggers-tls-authkem-psk-05 §4.2.1
describeExtension(stored_auth_key, {
  client_hello: {
    accepts: [["02 aabb 0001 cc", { keyFingerprint: bytesOf("aabb"), ciphertext: bytesOf("cc") }]],
    refuses: [
      ["00 0001 cc", /outside 1\.\.255/],
      ["01 aa 0000", /outside 1\.\.65535/],
    ],
  },
  server_hello: { accepts: [["01", 1]], refuses: [["", /needs 1 byte/]] },
});

// §4.2.2
const nothing = { accepts: [["", true]], refuses: [["00", /1 byte/]] } as const;
describeExtension(early_auth, { client_hello: nothing, server_hello: nothing });

describe("a stored key", () => {
  const draft = "draft-wiggers-tls-authkem-psk-05";

  it("is the condition of an early certificate", () => {
    expect(() => checkEarlyAuth({})).not.toThrow();
    expect(() => checkEarlyAuth({ stored_auth_key: {}, early_auth: true })).not.toThrow();
    const alone = tlsErrorOf(() => checkEarlyAuth({ early_auth: true }));
    expect(alone).toMatchObject({
      code: "illegal_parameter",
      detail: { section: `${draft} §4.2.2`, where: "client_hello.extensions.early_auth" },
    });
  });

  it("has no early certificate after a retry", () => {
    expect(() => checkRetriedEarlyAuth(undefined)).not.toThrow();
    expect(tlsErrorOf(() => checkRetriedEarlyAuth(true)).code).toBe("illegal_parameter");
  });

  it("is accepted with or without the certificate, or not at all", () => {
    expect(acceptedStoredKey({}, true)).toBeUndefined();
    expect(acceptedStoredKey({ stored_auth_key: 1 }, false)).toEqual({ earlyAuth: false });
    const both = { stored_auth_key: 1, early_auth: true } as const;
    expect(acceptedStoredKey(both, true)).toEqual({ earlyAuth: true });
    for (const [answer, isEarlySuite, where] of [
      [both, false, "early_auth"],
      [{ early_auth: true }, true, "early_auth"],
      [{ stored_auth_key: 2 }, true, "stored_auth_key"],
    ] as const) {
      const error = tlsErrorOf(() => acceptedStoredKey(answer, isEarlySuite));
      expect(error).toMatchObject({
        code: "illegal_parameter",
        detail: { where: `server_hello.extensions.${where}` },
      });
    }
  });
});
