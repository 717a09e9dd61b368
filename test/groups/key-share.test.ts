import { describe, expect, it } from "vitest";
import {
  encapsulate,
  generateShare,
  generateShares,
  type Group,
  groups,
  isHybrid,
  shareSizes,
} from "../../src/groups/index.ts";
import { NamedGroup, type NamedGroupName, TlsError } from "../../src/registry/index.ts";
import { concat } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";

function groupNamed(name: NamedGroupName): Group {
  const group = groups.find(({ code }) => code === NamedGroup[name]);
  if (group === undefined) throw new Error(`no group ${name}`);
  return group;
}

function changed(bytes: Uint8Array, at: number, value: (byte: number) => number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = value(copy[at]!);
  return copy;
}

function errorOf(action: () => unknown): TlsError {
  try {
    action();
  } catch (error) {
    if (error instanceof TlsError) return error;
    throw error;
  }
  throw new Error("expected an error");
}

describe.each(providers)("key shares with $name", ({ provider }) => {
  it.each(groups)("$name agrees on a secret of the declared sizes", (group) => {
    const sizes = shareSizes(group, provider);
    const client = generateShare(group, provider);
    const server = encapsulate(group, provider, client.keyExchange);
    expect(client.keyExchange).toHaveLength(sizes.client);
    expect(server.keyExchange).toHaveLength(sizes.server);
    expect(server.sharedSecret).toHaveLength(sizes.secret);
    expect(client.decapsulate(server.keyExchange)).toEqual(server.sharedSecret);
    const stranger = generateShare(group, provider);
    expect(stranger.decapsulate(server.keyExchange)).not.toEqual(server.sharedSecret);
  });

  it.each(groups)("$name is the plain concatenation of its parts, in order", (group) => {
    const kems = group.kems.map((kem) => (typeof kem === "string" ? provider.kems[kem] : kem));
    const client = generateShare(group, provider);
    let at = 0;
    const results = kems.map((kem) =>
      kem.encapsulate(client.keyExchange.subarray(at, (at += kem.publicKeyLength))),
    );
    const serverShare = concat(...results.map(({ ciphertext }) => ciphertext));
    expect(client.decapsulate(serverShare)).toEqual(
      concat(...results.map(({ sharedSecret }) => sharedSecret)),
    );
  });

  it.each(groups)("$name refuses shares of another length", (group) => {
    const sizes = shareSizes(group, provider);
    const client = generateShare(group, provider);
    for (const length of [0, sizes.client - 1, sizes.client + 1]) {
      const error = errorOf(() => encapsulate(group, provider, new Uint8Array(length)));
      expect(error.code).toBe("bad_key_share");
      expect(error.alert).toBe("illegal_parameter");
      expect(error.message).toContain(group.name);
      expect(error.message).toContain(`${sizes.client} bytes, received ${length} bytes`);
    }
    for (const length of [0, sizes.server - 1, sizes.server + 1]) {
      const error = errorOf(() => client.decapsulate(new Uint8Array(length)));
      expect(error.code).toBe("bad_key_share");
      expect(error.message).toContain(`${sizes.server} bytes, received ${length} bytes`);
    }
  });

  it("names the parts of a hybrid share of another length", () => {
    const error = errorOf(() =>
      encapsulate(groupNamed("X25519MLKEM768"), provider, new Uint8Array(1215)),
    );
    expect(error.message).toBe(
      "the client's X25519MLKEM768 share has the wrong length; expected ML-KEM-768 1184 + x25519 32 = 1216 bytes, " +
        "received 1215 bytes (client_hello.extensions.key_share.keyExchange, RFC 10024 §4.2)",
    );
  });

  // RFC 10024 §4.3
  it.each([
    ["X25519MLKEM768", 1184, 1088, 32],
    ["MLKEM512X25519", 800, 768, 32],
    ["x25519", 0, 0, 32],
    ["x448", 0, 0, 56],
  ] as const)("%s refuses an all-zero Montgomery result", (name, clientAt, serverAt, length) => {
    const group = groupNamed(name);
    const client = generateShare(group, provider);
    const zero = new Uint8Array(length);
    const clientShare = new Uint8Array(client.keyExchange);
    const serverShare = encapsulate(group, provider, clientShare).keyExchange.slice();
    clientShare.set(zero, clientAt);
    serverShare.set(zero, serverAt);
    for (const action of [
      () => encapsulate(group, provider, clientShare),
      () => client.decapsulate(serverShare),
    ]) {
      const error = errorOf(action);
      expect(error.code).toBe("bad_key_share");
      expect(error.message).toMatch(new RegExp(`x(25519|448) part of .*'s ${name} share`));
      expect(error.detail.section).toBe(
        isHybrid(group) ? "RFC 10024 §4.3" : "RFC 9846 §4.3.8.2, §7.4.2",
      );
    }
  });

  // RFC 10024 §4.3, RFC 9846 §4.3.8.2
  it.each([
    ["SecP256r1MLKEM768", 64],
    ["SecP384r1MLKEM1024", 96],
    ["SecP256r1MLKEM512", 64],
    ["secp256r1", 64],
    ["secp384r1", 96],
    ["secp521r1", 132],
  ] as const)("%s refuses a bad point", (name, lastByte) => {
    const group = groupNamed(name);
    const client = generateShare(group, provider);
    const { keyExchange } = encapsulate(group, provider, client.keyExchange);
    for (const [at, value] of [
      [lastByte, (byte: number) => byte ^ 1],
      [0, () => 2],
      [0, () => 6],
    ] as const) {
      const fromClient = changed(client.keyExchange, at, value);
      const fromServer = changed(keyExchange, at, value);
      expect(errorOf(() => encapsulate(group, provider, fromClient)).code).toBe("bad_key_share");
      expect(errorOf(() => client.decapsulate(fromServer)).code).toBe("bad_key_share");
    }
  });

  // RFC 10024 §4.2, FIPS 203 §7.2
  it.each([
    ["X25519MLKEM768", 0],
    ["SecP256r1MLKEM768", 65],
    ["SecP384r1MLKEM1024", 97],
    ["MLKEM512", 0],
    ["MLKEM768", 0],
    ["MLKEM1024", 0],
  ] as const)("%s refuses an encapsulation key that is not reduced", (name, at) => {
    const group = groupNamed(name);
    const { keyExchange } = generateShare(group, provider);
    const share = changed(
      changed(keyExchange, at, () => 0xff),
      at + 1,
      (byte) => byte | 0x0f,
    );
    const error = errorOf(() => encapsulate(group, provider, share));
    expect(error.code).toBe("bad_key_share");
    expect(error.message).toMatch(/ML-KEM-\d+ part/);
    expect(error.detail.section).toBe(
      isHybrid(group) ? "RFC 10024 §4.2" : "draft-ietf-tls-mlkem §4.2",
    );
  });

  it("takes a corrupted ML-KEM ciphertext, which gives another secret (FIPS 203 §6.3)", () => {
    const group = groupNamed("X25519MLKEM768");
    const client = generateShare(group, provider);
    const server = encapsulate(group, provider, client.keyExchange);
    const secret = client.decapsulate(changed(server.keyExchange, 0, (byte) => byte ^ 1));
    expect(secret.subarray(0, 32)).not.toEqual(server.sharedSecret.subarray(0, 32));
    expect(secret.subarray(32)).toEqual(server.sharedSecret.subarray(32));
  });

  it("fails as internal once it is wiped", () => {
    const group = groupNamed("X25519MLKEM768");
    const client = generateShare(group, provider);
    const { keyExchange } = encapsulate(group, provider, client.keyExchange);
    client.wipe();
    expect(errorOf(() => client.decapsulate(keyExchange)).code).toBe("internal");
  });
});

// RFC 9954 §3.2
describe.each(providers)("several shares with $name", ({ provider }) => {
  const offered = [groupNamed("X25519MLKEM768"), groupNamed("x25519"), groupNamed("MLKEM768")];

  it("have key pairs of their own", () => {
    const [hybrid, classic] = generateShares(offered, provider);
    expect(classic?.keyExchange).not.toEqual(hybrid?.keyExchange.subarray(1184));
  });

  it("share a component's key pair if asked to", () => {
    const [hybrid, classic, lattice] = generateShares(offered, provider, { reuseComponents: true });
    expect(classic?.keyExchange).toEqual(hybrid?.keyExchange.subarray(1184));
    expect(lattice?.keyExchange).toEqual(hybrid?.keyExchange.subarray(0, 1184));
    expect(generateShare(offered[1]!, provider).keyExchange).not.toEqual(classic?.keyExchange);
  });

  it("lose a shared key pair with the last of them", () => {
    const shares = generateShares(offered, provider, { reuseComponents: true });
    const answers = shares.map(({ group, keyExchange }) =>
      encapsulate(group, provider, keyExchange),
    );
    const [hybrid, classic] = shares;
    hybrid?.wipe();
    hybrid?.wipe();
    expect(() => hybrid?.decapsulate(answers[0]!.keyExchange)).toThrow("wiped");
    expect(classic?.decapsulate(answers[1]!.keyExchange)).toEqual(answers[1]!.sharedSecret);
    classic?.wipe();
    expect(() => classic?.decapsulate(answers[1]!.keyExchange)).toThrow("wiped");
  });
});
