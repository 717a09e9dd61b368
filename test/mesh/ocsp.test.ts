import { describe, expect, it } from "vitest";
import { parseOcspResponse } from "../../src/identity/index.ts";
import { encodeCertId } from "../../src/identity/revocation/ocsp-cert-id.ts";
import { constructed, Tag } from "../../src/identity/der/der-tags.ts";
import { der, octetString, oid, sequence } from "../../src/identity/der/der-writer.ts";
import { Responder } from "../../src/mesh/service/ocsp.ts";
import { fromHex } from "../../src/wire/index.ts";
import { type House, meshes, signing } from "./support.ts";

const house = meshes();

/** A responder, the number of answers that it signed, and how to name a certificate of its authority. */
async function responder(): Promise<{
  readonly ask: (request: Uint8Array) => Promise<Uint8Array>;
  readonly signed: () => number;
  readonly idOf: (serial: string) => Uint8Array;
  /** Something was written into the journal. */
  readonly change: () => void;
}> {
  const { pki }: House = await house();
  let signed = 0;
  let changes = 0;
  const changing = new Proxy(pki, {
    get(target, name) {
      if (name === "head") return { ...target.head, hash: `${target.head.hash} ${changes}` };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const own = new Responder(changing, signing, { lifetime: 60_000, signed: () => signed++ });
  const issuer = pki.certificate(pki.current("ca"));
  return {
    ask: (request) => own.respond(request),
    signed: () => signed,
    idOf: (serial) => encodeCertId(issuer, fromHex(serial), "sha1"),
    change: () => void changes++,
  };
}

const request = (id: Uint8Array, ...before: readonly Uint8Array[]): Uint8Array =>
  sequence(sequence(...before, sequence(sequence(id))));

describe("a responder", { timeout: 60_000 }, () => {
  it("keeps an answer by what was asked, whatever else a request says", async () => {
    const { ask, signed, idOf } = await responder();
    const name = der(
      constructed(1),
      der(constructed(4), sequence(octetString(new Uint8Array(60)))),
    );
    const answer = await ask(request(idOf("01")));
    expect(parseOcspResponse(answer).responses[0]?.status.kind).toBe("unknown");
    expect(await ask(request(idOf("01"), name))).toEqual(answer);
    expect(signed()).toBe(1);
    expect(await ask(request(idOf("02")))).not.toEqual(answer);
  });

  it("keeps the answers of last: who asks for others makes no room for none", async () => {
    const { ask, signed, idOf } = await responder();
    const serial = (number: number): string => (number + 0x1000).toString(16);
    for (let number = 0; number <= 1000; number++) await ask(request(idOf(serial(number))));
    expect(signed()).toBe(1001);
    await ask(request(idOf(serial(1000))));
    expect(signed()).toBe(1001);
    await ask(request(idOf(serial(0))));
    expect(signed()).toBe(1002);
  });

  it("keeps no answer that was being signed while something was revoked", async () => {
    const { ask, signed, idOf, change } = await responder();
    const before = ask(request(idOf("01")));
    change();
    await Promise.all([before, ask(request(idOf("02")))]);
    await ask(request(idOf("02")));
    expect(signed()).toBe(2);
    await ask(request(idOf("01")));
    expect(signed()).toBe(3);
  });

  // RFC 5754 §2
  it("signs nothing that somebody hid in the parameters of a hash", async () => {
    const { ask, signed, idOf } = await responder();
    const sha1 = oid("1.3.14.3.2.26");
    // Behind the headers of the two sequences
    const rest = idOf("01").subarray(2 + 2 + sha1.length + 2);
    const id = (parameters: Uint8Array): Uint8Array => sequence(sequence(sha1, parameters), rest);
    expect(id(der(Tag.null))).toEqual(idOf("01"));
    expect(await ask(request(id(octetString(new Uint8Array(50_000)))))).toEqual(
      Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x01),
    );
    expect(signed()).toBe(0);
  });
});
