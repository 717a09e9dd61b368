import { describe, expect, it } from "vitest";
import { suites } from "../../../src/crypto/index.ts";
import { groups } from "../../../src/groups/index.ts";
import {
  chooseGroup,
  chooseSuite,
  firstCommon,
} from "../../../src/handshake/server/negotiation.ts";
import { NamedGroup, type NamedGroupName } from "../../../src/registry/index.ts";
import { tlsErrorOf } from "../../support/errors.ts";

const some = [{ code: 1 }, { code: 2 }, { code: 3 }];
const grease = 0x2a2a;

describe("what two lists have in common", () => {
  it("is the first by the preference that decides", () => {
    expect(firstCommon(some, [9, 3, 2], "server")).toEqual({ code: 2 });
    expect(firstCommon(some, [9, 3, 2], "client")).toEqual({ code: 3 });
    expect(firstCommon(some, [9], "server")).toBeUndefined();
    expect(firstCommon(some, [], "client")).toBeUndefined();
  });
});

// RFC 9846 §4.2.1
describe("the suite", () => {
  it("is one of both", () => {
    expect(chooseSuite(suites, [grease, 0x1303, 0x1301], "server").name).toBe(
      "TLS_AES_128_GCM_SHA256",
    );
    expect(chooseSuite(suites, [grease, 0x1303, 0x1301], "client").name).toBe(
      "TLS_CHACHA20_POLY1305_SHA256",
    );
  });

  it("is none of both", () => {
    const error = tlsErrorOf(() => chooseSuite(suites.slice(0, 1), [grease, 0x1302], "server"));
    expect(error).toMatchObject({ code: "no_common_cipher_suite", alert: "handshake_failure" });
    expect(error.detail).toMatchObject({
      expected: "one of TLS_AES_128_GCM_SHA256",
      received: "0x2a2a, TLS_AES_256_GCM_SHA384",
    });
  });
});

// RFC 9846 §4.3.8
describe("the group", () => {
  const named = (names: readonly NamedGroupName[]) =>
    names.map((name) => groups.find((group) => group.name === name)!);
  const codes = (names: readonly NamedGroupName[]) => names.map((name) => NamedGroup[name]);
  const hybrid = "X25519MLKEM768";

  it.each([
    ["a share that is there", [hybrid], "for-post-quantum", hybrid, false],
    ["a retry that gains", ["x25519"], "for-post-quantum", hybrid, true],
    ["no retry where it is not wanted", ["x25519"], "if-needed", "x25519", false],
    ["a retry for the preferred", ["MLKEM768"], "for-preferred", hybrid, true],
    ["no retry between post-quantum groups", ["MLKEM768"], "for-post-quantum", "MLKEM768", false],
    ["a retry without a share", [], "if-needed", hybrid, true],
  ] as const)("is %s", (_, shares, policy, group, retry) => {
    const ours = named([hybrid, "MLKEM768", "x25519"]);
    const theirs = [grease, ...codes(["x25519", "MLKEM768", hybrid])];
    const choice = chooseGroup(ours, theirs, codes(shares), "server", policy);
    expect([choice.group.name, choice.retry]).toEqual([group, retry]);
  });

  it("says nothing of preference by its share alone", () => {
    const ours = named(["x25519", "secp256r1"]);
    const theirs = codes(["secp256r1", "x25519"]);
    const choose = (shares: readonly NamedGroupName[]) =>
      chooseGroup(ours, theirs, codes(shares), "client", "if-needed").group.name;
    expect(choose(["x25519", "secp256r1"])).toBe("secp256r1");
    expect(choose(["x25519"])).toBe("x25519");
  });

  it("is none of both", () => {
    const error = tlsErrorOf(() =>
      chooseGroup(named(["x25519"]), [grease, NamedGroup.x448], [grease], "server", "if-needed"),
    );
    expect(error).toMatchObject({ code: "no_common_group", alert: "handshake_failure" });
    expect(error.detail).toMatchObject({ expected: "one of x25519", received: "0x2a2a, x448" });
  });
});
