import { describe, expect, it } from "vitest";
import { TlsError } from "../../src/registry/index.ts";
import { SecretOwner } from "../../src/schedule/index.ts";
import { thrownBy } from "../support/errors.ts";

/** Something that counts how often it was wiped. */
function wipeable() {
  const secret = { times: 0, wipe: () => void secret.times++ };
  return secret;
}
const bytes = () => Uint8Array.of(1, 2, 3);
const wiped = new Uint8Array(3);

describe("the owner of secrets", () => {
  it("wipes what it owns when it ends, once, and not before", () => {
    const owner = new SecretOwner();
    const [first, second] = [wipeable(), wipeable()];
    expect(owner.own(first)).toBe(first);
    owner.own(second);
    expect([first.times, second.times]).toEqual([0, 0]);
    owner.wipe();
    owner.wipe();
    expect([first.times, second.times]).toEqual([1, 1]);
  });

  it("wipes bytes, too, and takes none for none", () => {
    const owner = new SecretOwner();
    const secret = bytes();
    expect(owner.hold(secret)).toBe(secret);
    expect(owner.hold(undefined)).toBeUndefined();
    expect(secret).toEqual(bytes());
    owner.wipe();
    expect(secret).toEqual(wiped);
  });

  it("leaves alone what it was told to let go of", () => {
    const owner = new SecretOwner();
    const [kept, gone] = [owner.own(wipeable()), owner.own(wipeable())];
    owner.release(gone);
    owner.wipe();
    expect([kept.times, gone.times]).toEqual([1, 0]);
  });

  it("takes nothing after its end: what comes then is wiped at once, and refused", () => {
    const owner = new SecretOwner();
    owner.wipe();
    const late = wipeable();
    const error = thrownBy(TlsError, () => owner.own(late));
    expect(error.code).toBe("internal");
    expect(error.message).toContain("after its owner had ended");
    expect(late.times).toBe(1);
    const secret = bytes();
    expect(() => owner.hold(secret)).toThrow(TlsError);
    expect(secret).toEqual(wiped);
  });
});
