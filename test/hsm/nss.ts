/**
 * NSS's softokn, the module that has ML-DSA. It is of another Debian than this one, so that the whole process runs with
 * that one's loader and libraries: this file is bundled and started as a program.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { algorithmOf } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  publishList,
} from "../../src/authority/index.ts";
import { openToken, TokenKeys, type TokenKeyType } from "../../src/hsm/index.ts";
import { createTrustStore, verifyChain } from "../../src/identity/index.ts";
import { utf8 } from "../../src/wire/index.ts";

const tree = fileURLToPath(new URL("../../.peers/sid/tree", import.meta.url));
const libraries = "usr/lib/x86_64-linux-gnu";

/** Absent where `npm run peers` has not brought it. */
export function findNss(): string | undefined {
  const module = join(tree, libraries, "libsoftokn3.so");
  return existsSync(module) ? realpathSync(module) : undefined;
}

export const pin = "a pin of NSS";
const label = "NSS Certificate DB";

/** Runs this file, bundled, with a token of its own. @returns what it says */
export function runWithNss(module: string, program: string, folder: string): unknown {
  const at = join(module, "..");
  const database = join(folder, "nss");
  const pinFile = join(folder, "pin");
  mkdirSync(database);
  writeFileSync(pinFile, `${pin}\n`);
  const inTree = (path: string, ...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(
      join(at, "ld-linux-x86-64.so.2"),
      ["--library-path", `${at}:${join(at, "nss")}`, path, ...args],
      {
        encoding: "utf8",
        // Where softokn has its keys; nothing else tells a program's module
        env: { ...process.env, NSS_LIB_PARAMS: `configdir='sql:${database}' secmod='secmod.db'` },
      },
    );
    if (status !== 0) throw new Error(`${path} ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  inTree(join(at, "../../bin/certutil"), "-N", "-d", `sql:${database}`, "-f", pinFile);
  return JSON.parse(inTree(realpathSync(process.execPath), program, "run", module, folder));
}

async function run(module: string, folder: string): Promise<object> {
  const types: readonly TokenKeyType[] = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];
  const token = await openToken({ module, token: label, pin });
  const keys = [];
  for (const type of types) {
    await token.generateKey(type, type);
    const key = await token.key(type);
    const [scheme, ...others] = key.signer.schemes;
    const message = utf8("a message");
    const signature = await key.signer.sign(scheme!, message);
    const verify = algorithmOf(scheme!, native).verifier(key.publicKey);
    const isRight = verify(message, signature) && !verify(utf8("another"), signature);
    const { type: found, extractable } = key;
    keys.push({ found, extractable, isRight, scheme: scheme!.name, others: others.length });
  }
  const signing = { provider: native, remoteKeys: new TokenKeys() };
  const keyUri = (name: string) =>
    `pkcs11:token=${encodeURIComponent(label)};object=${name}?module-path=${module}&pin-source=${folder}/pin`;
  const [day, path] = [86_400_000, join(folder, "pki")];
  const subjects = await PkiDirectory.create(path, firstSettings({}), async (pki) => {
    const root = { name: "root", subject: { CN: "Root" }, lifetime: 9 * day } as const;
    await issueRoot(pki, { ...root, algorithm: "ML-DSA-87", keyUri: keyUri("root") }, signing);
    const ca = { name: "ca", profile: "intermediate", names: {}, algorithm: "ML-DSA-65" } as const;
    await issue(pki, { ...ca, keyUri: keyUri("ca") }, signing);
    const web = { name: "web", profile: "server", issuer: "ca", names: { dns: ["web.example"] } };
    const entry = await issue(pki, { ...web, algorithm: "ML-DSA-44" }, signing);
    const list = { issuer: pki.current("ca"), isDelta: false, lifetime: day };
    await publishList(pki, list, signing);
    return verifyChain({
      chain: pki.chain(entry),
      trust: createTrustStore([pki.certificate(pki.current("root"))]),
      usage: "server",
      name: "web.example",
      now: Date.now(),
      provider: native,
    }).path.map(({ signatureAlgorithm }) => signatureAlgorithm);
  });
  await signing.remoteKeys.close();
  await token.close();
  return { keys, subjects };
}

if (process.argv[2] === "run") {
  console.log(JSON.stringify(await run(process.argv[3] ?? "", process.argv[4] ?? "")));
}
