import { describe, expect, it } from "vitest";
import {
  continuityKey,
  defaultContinuityType as type,
  isContinuityOffered,
  promiseOf,
  readPromise,
} from "../../src/extensions/pq-cert-available.ts";
import { fromHex } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";

const block = (hex: string) => ({ [continuityKey(type)]: fromHex(hex) });
const entry = (hex: string) => ({ extensions: block(hex) });

// draft-sheffer-tls-pqc-continuity-02 §3.3
describe("pq_cert_available", () => {
  it("is offered empty", () => {
    expect(isContinuityOffered({}, type)).toBe(false);
    expect(isContinuityOffered(block(""), type)).toBe(true);
    const { code, detail } = tlsErrorOf(() => isContinuityOffered(block("00"), type));
    expect([code, detail.where]).toEqual(["malformed", "client_hello.extensions.0xff5a"]);
  });

  it("is a number of seconds beside a leaf, or nothing", () => {
    expect(readPromise([{ extensions: {} }], type)).toBeUndefined();
    expect(readPromise([entry("")], type)).toBeUndefined();
    expect(readPromise([entry("00015180")], type)).toBe(86_400);
    expect(tlsErrorOf(() => readPromise([entry("000151")], type)).code).toBe("malformed");
    const beside = [{ extensions: {} }, entry("00015180")];
    expect(tlsErrorOf(() => readPromise(beside, type)).code).toBe("illegal_parameter");
  });

  it("promises what the chain can keep", () => {
    expect(promiseOf(0xfedcba98, true)).toEqual(fromHex("fedcba98"));
    expect(promiseOf(86_400, false)).toEqual(new Uint8Array(0));
  });
});
