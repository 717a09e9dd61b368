import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import {
  createTrustStore,
  encodePem,
  KeyPurpose,
  verifyChain,
} from "../../../src/identity/index.ts";
import { constructed, primitive } from "../../../src/identity/der/der-tags.ts";
import { ascii, der, sequence } from "../../../src/identity/der/der-writer.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { certificates, type Change, day, type Entity, now, Pki } from "../pki.ts";

/** The same chains to us and to `openssl verify`: both say the same of each. */
const { provider } = providers[0]!;
const pki = new Pki(provider);
const root = pki.root("Root", { type: "secp256r1" });
const name = "a.example";

/** Leaf, then CAs from the lower to the upper. */
function chain(leaf: Change, ...cas: readonly Change[]): Entity[] {
  const path = [root];
  for (const [index, change] of cas.toReversed().entries()) {
    path.unshift(pki.ca(`CA ${index}`, path[0]!, { type: "secp256r1", ...change }));
  }
  const issued = pki.leaf(name, path[0]!, { type: "secp256r1", ...leaf });
  return [issued, ...path.slice(0, -1)];
}

const reversed = ([leaf, ...cas]: readonly Entity[]): Entity[] => [leaf!, ...cas.toReversed()];

const constraints = (permitted: string) => ({
  oid: ExtensionOid.nameConstraints,
  critical: true,
  value: sequence(der(constructed(0), sequence(der(primitive(2), ascii(permitted))))),
});
const unknown = (critical: boolean) => ({ oid: "1.2.3.4", critical, value: Uint8Array.of(5, 0) });
const { serverAuth, clientAuth } = KeyPurpose;

const cases: readonly (readonly [string, boolean, readonly Entity[]])[] = [
  ["a leaf below the root", true, chain({})],
  ["two CAs", true, chain({}, {}, {})],
  ["two CAs in another order", true, reversed(chain({}, {}, {}))],
  ["a CA is missing", false, chain({}, {}, {}).filter((_, index) => index !== 2)],
  ["pathLenConstraint 0", true, chain({}, { ca: { pathLength: 0 } })],
  ["pathLenConstraint 0 and another CA", false, chain({}, {}, { ca: { pathLength: 0 } })],
  ["pathLenConstraint 1 and another CA", true, chain({}, {}, { ca: { pathLength: 1 } })],
  ["no keyCertSign", false, chain({}, { keyUsage: ["cRLSign"] })],
  ["an expired leaf", false, chain({ notAfter: now - day })],
  ["an expired CA", false, chain({}, { notAfter: now - day })],
  ["a leaf of the future", false, chain({ notBefore: now + day })],
  ["an unknown critical extension in the leaf", false, chain({ extensions: [unknown(true)] })],
  ["an unknown extension in the leaf", true, chain({ extensions: [unknown(false)] })],
  ["an unknown critical extension in a CA", false, chain({}, { extensions: [unknown(true)] })],
  ["for servers", true, chain({ extendedKeyUsage: [serverAuth] })],
  ["for clients", false, chain({ extendedKeyUsage: [clientAuth] })],
  ["a CA for servers", true, chain({}, { extendedKeyUsage: [serverAuth] })],
  ["a CA for clients", false, chain({}, { extendedKeyUsage: [clientAuth] })],
  ["a permitted name", true, chain({}, { extensions: [constraints("example")] })],
  ["a name that is not permitted", false, chain({}, { extensions: [constraints("example.org")] })],
  ["constraints further up", false, chain({}, {}, { extensions: [constraints("example.org")] })],
  ["another name", false, chain({ names: { dns: ["b.example"] } })],
];

const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (file: string, entities: readonly Entity[]): string => {
  const path = join(folder, file);
  const pems = certificates(...entities).map((each) => encodePem("CERTIFICATE", each.der));
  writeFileSync(path, pems.join(""));
  return path;
};

function ours(entities: readonly Entity[]): boolean {
  try {
    const trust = createTrustStore(certificates(root));
    verifyChain({ chain: certificates(...entities), trust, usage: "server", name, now, provider });
    return true;
  } catch {
    return false;
  }
}

function theirs(openssl: string, [leaf, ...others]: readonly Entity[]): boolean {
  const untrusted = others.length === 0 ? [] : ["-untrusted", write("others.pem", others)];
  const options = [
    "-x509_strict",
    "-purpose",
    "sslserver",
    "-verify_hostname",
    name,
    "-attime",
    String(now / 1000),
  ];
  const files = ["-CAfile", write("root.pem", [root]), ...untrusted, write("leaf.pem", [leaf!])];
  return spawnSync(openssl, ["verify", ...options, ...files]).status === 0;
}

for (const [title, valid, entities] of cases) {
  itWith("openssl", `${title}: ${valid ? "valid" : "invalid"} to both`, ({ path }) => {
    expect([ours(entities), theirs(path, entities)]).toEqual([valid, valid]);
  });
}
