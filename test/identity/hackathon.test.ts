/** Certificates and keys of OpenSSL 3.5 and Bouncy Castle, as the IETF Hackathon has them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { root } from "../architecture/tree.ts";
import { providers } from "../crypto/providers.ts";
import { judge } from "./hackathon.ts";

/** Private keys of SLH-DSA give their public halves by noble, whatever the provider. */
const slow = { timeout: 180_000 };
const file = join(root, "vectors/hackathon/certificates.json.gz");
const published: Record<string, Record<string, string>> = JSON.parse(
  gunzipSync(readFileSync(file)).toString(),
);
const filesOf = (provider: string): Map<string, Uint8Array> =>
  new Map(
    Object.entries(published[provider]!).map(([name, text]) => [
      name,
      new Uint8Array(Buffer.from(text, "base64")),
    ]),
  );
const wrongIn = (files: Map<string, Uint8Array>, provider: Parameters<typeof judge>[1]) =>
  judge(files, provider)
    .filter(({ result }) => result !== "right")
    .map((row) => row.file);

describe.each(providers)("with $name", slow, ({ provider }) => {
  it.each(Object.keys(published))("all that %s published is right", (name) => {
    const rows = judge(filesOf(name), provider);
    expect(rows.length).toBe({ ossl35: 28, bc: 8 }[name]);
    expect(rows.filter(({ result }) => result !== "right")).toEqual([]);
  });
});

describe("what was changed is wrong", slow, () => {
  const { provider } = providers.find(({ name }) => name === "native")!;
  const changed = (name: string, change: string): string[] => {
    const files = filesOf(name);
    const [found] = [...files.keys()].filter((each) => each.startsWith(change));
    const bytes = files.get(found!)!;
    files.set(found!, bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1));
    return wrongIn(files, provider);
  };

  it.each([
    ["bc", "MLDSA44-Ed25519-SHA512-1.3.6.1.5.5.7.6.39_ta.der"],
    ["bc", "MLDSA87-Ed448-SHAKE256-1.3.6.1.5.5.7.6.51_ta.der"],
    ["ossl35", "ml-kem-768-2.16.840.1.101.3.4.4.2_ee.der"],
    ["ossl35", "slh-dsa-sha2-128s-2.16.840.1.101.3.4.3.20_ta.der"],
    // Of a private key the last bytes are the other half, or what rejects implicitly
    ["bc", "MLDSA44-Ed25519-SHA512-1.3.6.1.5.5.7.6.39_priv.der"],
  ])("%s: a bit of %s", (name, path) => {
    expect(changed(name, path)).toEqual([path]);
  });

  it("a ciphertext with another secret, with every form of the key", () => {
    expect(changed("ossl35", "ml-kem-512-2.16.840.1.101.3.4.4.1_ciphertext.bin")).toEqual(
      ["both", "expandedkey", "seed"].map(
        (form) => `ml-kem-512-2.16.840.1.101.3.4.4.1_${form}_priv.der`,
      ),
    );
  });
});
