/** What is left in a module's memory: a package that lends its instances to the test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadOqs } from "../../src/oqs/index.ts";
import { encodePrivateKey, encodePublicKey } from "../../src/identity/index.ts";
import type { SignatureAlgorithm } from "../../src/crypto/index.ts";

interface Lent {
  readonly HEAPU8: Uint8Array;
  /** Lengths of the buffers that were given and not taken back, by address. */
  readonly open: ReadonlyMap<number, number>;
  /** How many buffers were freed that were not overwritten. */
  readonly dirty: number;
  /** Gives no more memory. */
  exhausted?: boolean;
  [operation: `_OQS_${string}`]: () => number;
}
declare global {
  var lentByOqs: Lent[];
}

const folder = mkdtempSync(join(tmpdir(), "kemistry-oqs-"));
const from = pathToFileURL(folder);
const real = (file: string) =>
  new URL(`../../node_modules/@oqs/liboqs-js/dist/${file}.min.js`, import.meta.url).href;

function lend(file: string, what = file): void {
  writeFileSync(
    join(folder, `dist/${file}.min.js`),
    `import create from ${JSON.stringify(real(what))};
    export default async () => {
      const module = await create();
      const { _malloc, _free } = module;
      module.open = new Map();
      module.dirty = 0;
      module._malloc = (length) => {
        const address = module.exhausted ? 0 : _malloc(length);
        if (address !== 0) module.open.set(address, length);
        return address;
      };
      module._free = (address) => {
        const freed = module.HEAPU8.subarray(address, address + module.open.get(address));
        if (freed.some((byte) => byte !== 0)) module.dirty++;
        module.open.delete(address);
        _free(address);
      };
      globalThis.lentByOqs.push(module);
      return module;
    };`,
  );
}

beforeAll(() => {
  globalThis.lentByOqs = [];
  mkdirSync(join(folder, "dist"));
  const manifest = { name: "@oqs/liboqs-js", version: "0.15.9" };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  for (const file of ["sntrup761", "mayo-2", "ov-ip-pkc"]) lend(file);
  lend("hqc-128", "sntrup761");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The instance that was made last. */
const lastLent = (): Lent => globalThis.lentByOqs.at(-1)!;
const nothingLeft = { open: new Map(), dirty: 0 };

describe("the memory of a module", () => {
  it("is overwritten and freed after a call of a KEM, and whole after its release", async () => {
    const oqs = await loadOqs(["sntrup761"], { from });
    const lent = lastLent();
    const [kem] = oqs.kems;
    const pair = kem!.generate();
    const { ciphertext, sharedSecret } = kem!.encapsulate(pair.publicKey);
    expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
    expect(lent).toMatchObject(nothingLeft);
    expect(kem!.backend).toMatch(/^liboqs 0\.15\.9 \(sntrup761: /);
    expect(lent.HEAPU8.some((byte) => byte !== 0)).toBe(true);
    oqs.release();
    expect(lent.HEAPU8.every((byte) => byte === 0)).toBe(true);
  });

  it.each(["mayo-2", "ov-ip-pkc"])("is overwritten and freed after a call of %s", async (file) => {
    const oqs = await loadOqs([file], { from });
    const algorithm = oqs.schemes[0]!.algorithm as SignatureAlgorithm;
    const type = algorithm.keyTypes[0]!;
    const generated = { type, ...algorithm.generateKey!(() => new Uint8Array()) };
    const message = Uint8Array.of(1, 2, 3);
    const signature = algorithm.signer!(encodePrivateKey(generated))(message);
    const verify = algorithm.verifier(encodePublicKey(type, generated.publicKey));
    expect(verify(message, signature)).toBe(true);
    expect(lastLent()).toMatchObject(nothingLeft);
  });

  it("is not trusted where it has another algorithm than its name says", async () => {
    const loading = loadOqs(["sntrup761", "HQC-128"], { from });
    const error = await loading.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "misuse" });
    expect(String(error)).toContain("cannot load HQC-128");
    // What was loaded beside it is let go of
    const beside = globalThis.lentByOqs.filter(({ HEAPU8 }) => HEAPU8.every((byte) => byte === 0));
    expect(beside.length).toBeGreaterThan(0);
  });

  it("that traps is not used again", async () => {
    const oqs = await loadOqs(["sntrup761"], { from });
    const lent = lastLent();
    const pair = oqs.kems[0]!.generate();
    lent["_OQS_KEM_encaps"] = () => {
      throw new WebAssembly.RuntimeError("unreachable");
    };
    expect(() => oqs.kems[0]!.encapsulate(pair.publicKey)).toThrow("unreachable");
    expect(() => oqs.kems[0]!.generate()).toThrow("sntrup761 was released");
  });

  it("that is exhausted is an error, and leaves nothing behind", async () => {
    const oqs = await loadOqs(["sntrup761"], { from });
    const lent = lastLent();
    lent.exhausted = true;
    expect(() => oqs.kems[0]!.generate()).toThrow("bytes of memory");
    expect(lent).toMatchObject(nothingLeft);
    lent.exhausted = false;
    expect(() => oqs.kems[0]!.generate()).not.toThrow();
  });
});
