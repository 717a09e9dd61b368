/** ML-DSA in a module: PKCS#11 3.2. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openToken } from "../../src/hsm/index.ts";
import { root } from "../architecture/tree.ts";
import { bundle } from "../authority/bundle.ts";
import { emptyFolders } from "../authority/folders.ts";
import { isRequired, itWith } from "../interop/peers.ts";
import { findNss, runWithNss } from "./nss.ts";
import { makeTokens, pin, softHsm } from "./softhsm.ts";

const folder = emptyFolders();
let place: { remove(): void } | undefined;
afterAll(() => place?.remove());

it(
  "makes keys in NSS's softokn, signs with them, and runs an authority on them",
  { timeout: 120_000 },
  ({ skip }) => {
    const module = findNss();
    if (module === undefined) {
      expect(isRequired("interop-nss")).toBe(false);
      return skip("no softokn of NSS: npm run peers gets it on Debian");
    }
    symlinkSync(join(root, "node_modules"), folder.at("node_modules"));
    const program = bundle("test/hsm/nss.ts", folder.at("nss.mjs"));
    const key = (type: string, scheme: string) => ({
      found: type,
      extractable: false,
      isRight: true,
      scheme,
      others: 0,
    });
    expect(runWithNss(module, program, folder.path)).toEqual({
      keys: [key("ML-DSA-44", "mldsa44"), key("ML-DSA-65", "mldsa65"), key("ML-DSA-87", "mldsa87")],
      subjects: ["ML-DSA-65", "ML-DSA-87", "ML-DSA-87"],
    });
  },
);

itWith("softhsm", "is refused in one line by a token that has none", async () => {
  place = makeTokens("old");
  const token = await openToken({ module: softHsm(), token: "old", pin });
  try {
    await expect(token.generateKey("ML-DSA-65", "x")).rejects.toMatchObject({
      code: "misuse",
      message: expect.stringMatching(
        /making a key of type ML-DSA-65: the token does not know this algorithm \(CKR_MECHANISM_INVALID\)/,
      ),
    });
    expect(await token.has("x")).toBe(false);
    // It is none of its losses: the token is there as before
    expect((await token.generateKey("secp256r1", "y")).type).toBe("secp256r1");
  } finally {
    await token.close();
  }
});
