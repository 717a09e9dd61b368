import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  createCredential,
  createCsr,
  createTrustStore,
  encodeOcspRequest,
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  parseCertificates,
  parseCrls,
  parseCsr,
  parseOcspResponse,
  parsePrivateKey,
  verifyChain,
} from "../../src/identity/index.ts";
import { itWith } from "../interop/peers.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const slow = { timeout: 120_000 };

/** Runs a command that must succeed. Gives its JSON. */
async function data<T = Record<string, unknown>>(args: string): Promise<T> {
  const { code, stdout, stderr } = await cli.run(`pki ${args} --json`);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return JSON.parse(stdout) as T;
}

async function refused(args: string, code: number): Promise<string> {
  const outcome = await cli.run(`pki ${args}`);
  expect([outcome.code, outcome.stdout]).toEqual([code, ""]);
  expect(outcome.stderr).toMatch(/^kemistry: [^\n]+\n$/);
  return outcome.stderr;
}

const file = (path: string): string => join(cli.folder, path);
const text = (path: string): string => readFileSync(file(path), "utf8");

interface Shown {
  readonly name: string;
  readonly serial: string;
  readonly state: string;
  readonly current: boolean;
}

/** A directory with a root `root`, a CA `ca` and a server `web`, all Ed25519. */
async function quick(dir: string): Promise<void> {
  await data(`init -d ${dir} -a ed25519`);
  await data(`issue ca -d ${dir} -p intermediate`);
  await data(`issue web -d ${dir} -i ca --dns localhost,a.example`);
}

const live = (dir: string, name: string, kind: "certificate" | "chain" | "key"): string =>
  `${dir}/live/${name}/${kind}.pem`;

const chainOf = (dir: string, name: string) => parseCertificates(text(live(dir, name, "chain")));

const verifyIn = (dir: string, name: string, more: object = {}) =>
  verifyChain({
    chain: chainOf(dir, name),
    trust: createTrustStore(text(live(dir, "root", "certificate"))),
    usage: "server",
    now: Date.now(),
    provider: native,
    ...more,
  });

describe("a hierarchy of three levels with ML-DSA-65", slow, () => {
  const dir = "lattice";
  beforeAll(async () => {
    await data(`init -d ${dir}`);
    await data(`issue ca -d ${dir} -i root -p intermediate`);
    await data(`issue web -d ${dir} -i ca --dns localhost`);
    await data(`issue ann -d ${dir} -i ca -p peer --uri spiffe://example.org/ann --dns localhost`);
    await data(`issue gone -d ${dir} -i ca --dns localhost`);
    await data(`revoke gone -d ${dir}`);
    await data(`crl -d ${dir}`);
  }, 60_000);

  it("is valid, and its key belongs to it", () => {
    const { path } = verifyIn(dir, "web", { name: "localhost" });
    expect(path.map(({ publicKey }) => publicKey.type)).toEqual(Array(3).fill("ML-DSA-65"));
    createCredential({
      certificates: chainOf(dir, "web"),
      privateKey: text(`${dir}/live/web/key.pem`),
      provider: native,
    });
  });

  itWith("openssl35", "is accepted by openssl verify, with its lists", ({ path }) => {
    const verify = (leaf: string) =>
      spawnSync(
        path,
        [
          "verify",
          "-x509_strict",
          "-crl_check_all",
          "-purpose",
          "sslserver",
          "-CAfile",
          live(dir, "root", "certificate"),
          "-CRLfile",
          `${dir}/crl/root.pem`,
          "-CRLfile",
          `${dir}/crl/ca.pem`,
          "-untrusted",
          `${dir}/live/${leaf}/chain.pem`,
          `${dir}/live/${leaf}/certificate.pem`,
        ],
        { cwd: cli.folder, encoding: "utf8" },
      );
    expect(verify("web")).toMatchObject({ status: 0, stdout: expect.stringContaining("OK") });
    expect(verify("gone")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("certificate revoked"),
    });
    const key = spawnSync(path, ["pkey", "-in", `${dir}/live/web/key.pem`, "-pubout"], {
      cwd: cli.folder,
      encoding: "utf8",
    });
    const own = spawnSync(
      path,
      ["x509", "-in", `${dir}/live/web/certificate.pem`, "-noout", "-pubkey"],
      {
        cwd: cli.folder,
        encoding: "utf8",
      },
    );
    expect(key.stdout).toBe(own.stdout);
  });

  itWith("node24", "is accepted by Node 24, in a handshake where both authenticate", ({ path }) => {
    const script = `
      const tls = require("node:tls"), fs = require("node:fs"), { X509Certificate } = require("node:crypto");
      const read = (name) => fs.readFileSync("${dir}/live/" + name);
      const ca = read("root/certificate.pem");
      const [root, middle] = [ca, read("ca/certificate.pem")].map((pem) => new X509Certificate(pem));
      console.log(middle.checkIssued(root) && middle.verify(root.publicKey));
      const end = (name) => ({ ca, cert: read(name + "/chain.pem"), key: read(name + "/key.pem") });
      const server = tls.createServer({ ...end("web"), requestCert: true, rejectUnauthorized: true }, (socket) => {
        console.log(socket.authorized, socket.getPeerCertificate().subjectaltname);
        socket.end();
      });
      server.listen(0, () => {
        const client = tls.connect({ ...end("ann"), port: server.address().port, host: "localhost" });
        client.on("secureConnect", () => console.log(client.authorized, client.getProtocol()));
        client.on("close", () => server.close());
        client.resume();
      });`;
    const { stdout, stderr } = spawnSync(path, ["-e", script], {
      cwd: cli.folder,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    const lines = stdout.trim().split("\n").toSorted();
    expect(lines).toEqual(
      ["true", "true TLSv1.3", "true DNS:localhost, URI:spiffe://example.org/ann"].toSorted(),
    );
  });
});

describe("issuing", slow, () => {
  beforeAll(() => quick("pki"), 60_000);

  it("keeps private keys from all but their owner", () => {
    for (const name of ["root", "ca", "web"]) {
      expect(statSync(file(`pki/live/${name}/key.pem`)).mode & 0o777).toBe(0o600);
      expect(parsePrivateKey(text(`pki/live/${name}/key.pem`)).type).toBe("ed25519");
    }
  });

  it("makes any kind of key, as long as asked", async () => {
    const entry = await data<{ notAfter: string }>(
      "issue short -i ca -a secp384r1 --ip 192.0.2.1,::1 --email a@example.org -l 15m -s O=Example,CN=short",
    );
    const left = Date.parse(entry.notAfter) - Date.now();
    expect(left).toBeGreaterThan(13 * 60_000);
    expect(left).toBeLessThan(16 * 60_000);
    const [leaf] = chainOf("pki", "short");
    expect(leaf?.publicKey.type).toBe("secp384r1");
    expect(leaf?.subject.text).toBe("CN=short,O=Example");
    verifyIn("pki", "short", { name: "::1" });
  });

  it("says in one line what is wrong", async () => {
    expect(await refused("issue a -i ca --dns b..example", 2)).toMatch(
      /"b\.\.example" is malformed/,
    );
    expect(await refused("issue a -i ca", 1)).toMatch(/nobody is named/);
    expect(await refused("issue a -i nobody --dns a.example", 2)).toMatch(
      /there is no authority "nobody", but root, ca/,
    );
    expect(await refused("issue a --dns a.example", 2)).toMatch(
      /give --issuer with one of root, ca/,
    );
    expect(await refused("issue a -i ca -p nothing --dns a.example", 2)).toMatch(
      /no profile "nothing" in pki\.json, but server, client/,
    );
    expect(await refused("issue a -i ca -p intermediate", 2)).toMatch(/pathLenConstraint 0/);
    expect(await refused("issue web -i ca --dns a.example", 2)).toMatch(
      /there is a certificate of web: renew or revoke it/,
    );
    expect(await refused("issue ../a -i ca --dns a.example", 2)).toMatch(/cannot be a name here/);
    expect(await refused("issue a -i ca --dns a.example -l soon", 2)).toMatch(/15m, 90d, 10y/);
    expect(await refused("issue a -i ca --dns a.example -s nonsense", 2)).toMatch(/O=Example,CN=a/);
    expect(await refused("issue a -d nowhere --dns a.example", 2)).toMatch(
      /nowhere is not a PKI directory; make one with: kemistry pki init --dir nowhere/,
    );
    expect(await refused("init", 2)).toMatch(/pki has authorities already/);
    expect(await refused("revoke nobody", 2)).toMatch(
      /there is no "nobody" here, but root, ca, web/,
    );
    expect(await refused("ocsp", 2)).toMatch(/either the name of a certificate or --request/);
    expect(await refused("crl nobody", 2)).toMatch(/there is no authority "nobody"/);
    expect(await refused("crl ca --delta", 2)).toMatch(/no complete list yet/);
  });

  it("obeys the profiles in pki.json", async () => {
    cpSync(file("pki"), file("edited"), { recursive: true, verbatimSymlinks: true });
    const settings = JSON.parse(text("edited/pki.json")) as {
      profiles: Record<string, Record<string, unknown>>;
    };
    settings.profiles["server"]!["names"] = { permitted: { dns: ["example"] } };
    settings.profiles["server"]!["lifetime"] = "1h";
    writeFileSync(file("edited/pki.json"), JSON.stringify(settings));
    const entry = await data<{ notAfter: string }>("issue a -d edited -i ca --dns a.example");
    expect(Date.parse(entry.notAfter) - Date.now()).toBeLessThanOrEqual(3_600_000);
    expect(await refused("issue b -d edited -i ca --dns b.test", 1)).toMatch(
      /a name that the profile does not permit; received "b\.test"/,
    );
    settings.profiles["server"]!["lifetime"] = "later";
    writeFileSync(file("edited/pki.json"), JSON.stringify(settings));
    expect(await refused("show -d edited", 2)).toMatch(/pki\.json: profiles\.server\.lifetime/);
  });

  it("puts keys under a passphrase, and opens them with it", async () => {
    writeFileSync(file("pass"), "correct horse\nand more\n");
    writeFileSync(file("wrong"), "battery\n");
    await data("init -d locked -a ed25519 --encrypt-with pass");
    expect(text(live("locked", "root", "key"))).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    expect(await refused("issue a -d locked --dns a.example", 2)).toMatch(/give --passphrase-file/);
    expect(await refused("issue a -d locked --dns a.example --passphrase-file wrong", 2)).toMatch(
      /the passphrase is wrong/,
    );
    await data("issue a -d locked --dns a.example --passphrase-file pass --encrypt-with pass");
    verifyIn("locked", "a");
    expect(await refused("show locked/live/a/key.pem", 2)).toMatch(/no passphrase is given/);
    const [shown] = await data<[object]>("show locked/live/a/key.pem --passphrase-file pass");
    expect(shown).toMatchObject({ kind: "private key", publicKey: { type: "ed25519" } });
  });
});

describe("export and import", slow, () => {
  it("carries a key and its certificates as PKCS #12", async () => {
    await quick("carried");
    writeFileSync(file("p12.pass"), "a passphrase\n");
    const { file: path } = await data<{ file: string }>(
      "export web -d carried --encrypt-with p12.pass",
    );
    expect([path, statSync(file(path)).mode & 0o777]).toEqual(["web.p12", 0o600]);
    expect(await refused("export web -d carried --encrypt-with p12.pass", 2)).toMatch(/exists/);
    await data("import web.p12 --passphrase-file p12.pass -o taken");
    expect(text("taken.pem")).toBe(text("carried/live/web/chain.pem"));
    expect(text("taken.key")).toBe(text("carried/live/web/key.pem"));
    writeFileSync(file("wrong.pass"), "another\n");
    expect(await refused("import web.p12 --passphrase-file wrong.pass -o again", 2)).toMatch(
      /the passphrase is wrong/,
    );
    expect(existsSync(file("again.key"))).toBe(false);
  });
});

/** The file of a directory's root. */
const rootOf = (directory: string) => join(directory, "live", "root", "certificate.pem");

describe("cross-sign", slow, () => {
  it("lets who knows one root find what is below another", async () => {
    await quick("ours");
    await data("init -d theirs -a ed25519 -s CN=Theirs");
    await data("issue web -d theirs --dns localhost");
    const root = `--cert ${rootOf("theirs")}`;
    await data(`cross-sign theirs -d ours -i root ${root} --permit dns:localhost --path-length 0`);
    const chain = [...chainOf("theirs", "web"), ...chainOf("ours", "theirs")];
    expect(verifyIn("ours", "web", { chain }).path).toHaveLength(3);
    expect(tlsErrorOf(() => verifyIn("ours", "web", { chain: chain.slice(0, 1) })).code).toBe(
      "unknown_ca",
    );
    await data("revoke theirs -d ours");
    const { length } = await data<object[]>("crl root -d ours");
    expect(length).toBe(1);
    expect(
      tlsErrorOf(() =>
        verifyIn("ours", "web", {
          chain,
          revocation: { crls: parseCrls(text("ours/crl/root.pem")), whenUnknown: "accept" },
        }),
      ).code,
    ).toBe("certificate_revoked");
  });

  it("refuses what is not one other authority", async () => {
    expect(await refused("cross-sign x -d ours -i root", 2)).toMatch(/either --of .* or --cert/);
    expect(
      await refused("cross-sign x -d ours -i root --cert theirs/live/web/chain.pem", 1),
    ).toMatch(/is not an authority/);
    await data("init -d same -a ed25519");
    // Both roots are CN=Root CA
    expect(await refused(`cross-sign x -d ours -i root --cert ${rootOf("same")}`, 1)).toMatch(
      /is the name of root here, which has another key/,
    );
  });

  it("goes with a roll, and the other way by hand", async () => {
    await data("roll root -d ours --overlap 1h --cross-sign");
    await data("cross-sign back -d ours --of root --issuer root-2");
    const names = (await data<Shown[]>("show -d ours")).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["root-2-by-root", "back"]));
  });
});

describe("sign-request", slow, () => {
  beforeAll(() => quick("requests"), 60_000);

  const key = noble.generateKey("secp256r1");
  const request = (dns: string) =>
    createCsr({
      subject: { CN: "agent" },
      names: { dns: [dns] },
      privateKey: encodePrivateKey(key),
      publicKey: encodePublicKey("secp256r1", key.publicKey),
      provider: noble,
    });

  it("certifies a key that it never sees, and renews it", async () => {
    writeFileSync(file("agent.csr"), encodePem("CERTIFICATE REQUEST", request("b.example").der));
    const entry = await data<{ files: object }>(
      "sign-request agent agent.csr -d requests -i ca -p peer",
    );
    expect(Object.keys(entry.files)).toEqual(["certificate", "chain"]);
    const certified = () => chainOf("requests", "agent")[0]!;
    const first = certified();
    expect(first.publicKey.key).toEqual(key.publicKey);
    verifyIn("requests", "agent", { name: "b.example" });
    await data("renew agent -d requests");
    expect(certified().publicKey.key).toEqual(key.publicKey);
    expect(certified().serialNumber).not.toEqual(first.serialNumber);
    writeFileSync(file("agent.der"), request("c.example").der);
    expect(await refused("sign-request other agent.der -d requests -i ca -s CN=x", 1)).toMatch(
      /this key is that of agent/,
    );
    await data("request other -s CN=agent --dns c.example");
    writeFileSync(file("agent.der"), parseCsr(text("other.csr")).der);
    expect(await refused("sign-request other agent.der -d requests -i ca", 1)).toMatch(
      /asks for a subject that nobody has checked; expected .*, received "CN=agent"/,
    );
    await data("sign-request other agent.der -d requests -i ca -s O=Example,CN=other");
    expect(chainOf("requests", "other")[0]?.subject.text).toBe("CN=other,O=Example");
  });

  it("request makes what it is for, and overwrites nothing", async () => {
    writeFileSync(file("pass"), "correct horse\n");
    await data("request box --uri spiffe://example.org/box -a ML-DSA-65 --encrypt-with pass");
    expect(statSync(file("box.key")).mode & 0o777).toBe(0o600);
    expect(text("box.key")).toContain("BEGIN ENCRYPTED PRIVATE KEY");
    expect(parseCsr(text("box.csr"))).toMatchObject({ publicKey: { type: "ML-DSA-65" } });
    expect(await refused("request box --dns a.example", 2)).toMatch(/box\.key exists/);
    await data("sign-request box box.csr -d requests -i ca -p peer");
    expect(chainOf("requests", "box")[0]?.subjectAltNames?.uri).toEqual([
      "spiffe://example.org/box",
    ]);
    await data("request second --uri spiffe://example.org/box");
    expect(await refused("sign-request second second.csr -d requests -i ca", 1)).toMatch(
      /spiffe:\/\/example\.org\/box is box's: revoke that, or say --share-id/,
    );
    await data("sign-request second second.csr -d requests -i ca --share-id");
  });

  it("refuses what is not a request, and one that is not its own", async () => {
    const { der } = request("b.example");
    const forged = Uint8Array.from(der);
    forged[forged.length - 1]! ^= 1;
    writeFileSync(file("forged.csr"), encodePem("CERTIFICATE REQUEST", forged));
    expect(await refused("sign-request x forged.csr -d requests -i ca", 1)).toMatch(
      /not signed with the key that it is for/,
    );
    expect(
      await refused("sign-request x requests/live/web/certificate.pem -d requests -i ca", 2),
    ).toMatch(/not usable as a certification request: found 0/);
    expect(await refused("sign-request x nowhere.csr -d requests -i ca", 2)).toMatch(
      /cannot read nowhere\.csr: there is no such file/,
    );
  });
});

describe("renewal, revocation and what tells of it", slow, () => {
  const dir = "life";
  beforeAll(() => quick(dir), 60_000);
  const shown = () => data<Shown[]>(`show -d ${dir}`);
  const lists = () => ["root", "ca"].flatMap((name) => parseCrls(text(`${dir}/crl/${name}.pem`)));

  it("renew replaces the key with the certificate, and a CA keeps its own", async () => {
    const keyOf = (name: string) => text(`${dir}/live/${name}/key.pem`);
    const before = [keyOf("web"), keyOf("ca"), keyOf("root")];
    const [old] = chainOf(dir, "web");
    await data(`renew web -d ${dir}`);
    await data(`renew ca -d ${dir}`);
    await data(`renew root -d ${dir}`);
    expect(keyOf("web")).not.toBe(before[0]);
    expect([keyOf("ca"), keyOf("root")]).toEqual(before.slice(1));
    const [renewed] = chainOf(dir, "web");
    expect(renewed?.subjectAltNames?.dns).toEqual(old?.subjectAltNames?.dns);
    verifyIn(dir, "web", { name: "a.example" });
    const same = keyOf("web");
    await data(`renew web -d ${dir} --keep-key`);
    expect(keyOf("web")).toBe(same);
    const states = (await shown()).filter(({ name }) => name === "web");
    expect(states.map(({ current }) => current)).toEqual([false, false, true]);
  });

  it("revoke is seen in lists, in a delta, and in responses", async () => {
    await data(`issue b -d ${dir} -i ca --dns b.example`);
    await data(`crl -d ${dir}`);
    verifyIn(dir, "b", { revocation: { crls: lists() } });
    await data(`revoke b -d ${dir} -r keyCompromise`);
    expect(await refused(`revoke b -d ${dir}`, 2)).toMatch(/is revoked since/);
    expect(await refused(`revoke root -d ${dir}`, 2)).toMatch(/a root cannot be revoked/);
    const [delta] = await data<[{ number: number; baseNumber: number; revoked: string[] }]>(
      `crl ca -d ${dir} --delta`,
    );
    expect(delta).toMatchObject({ number: 2, baseNumber: 1, revoked: [expect.any(String)] });
    const withDelta = [...lists(), ...parseCrls(text(`${dir}/crl/ca-delta.pem`))];
    verifyIn(dir, "b", { revocation: { crls: lists() } });
    expect(tlsErrorOf(() => verifyIn(dir, "b", { revocation: { crls: withDelta } }))).toMatchObject(
      { code: "certificate_revoked" },
    );
    const [complete] = await data<[{ number: number }]>(`crl ca -d ${dir}`);
    expect(complete.number).toBe(3);
    expect(tlsErrorOf(() => verifyIn(dir, "b", { revocation: { crls: lists() } })).message).toMatch(
      /keyCompromise/,
    );
    verifyIn(dir, "web", { revocation: { crls: lists() } });
    expect((await shown()).find(({ name }) => name === "b")?.state).toBe("revoked: keyCompromise");
  });

  it("revoke --all takes an identity, and renew --expiring what ends, but not what is revoked", async () => {
    const own = "others";
    await quick(own);
    const id = "spiffe://example.org/ann";
    await data(`issue ann -d ${own} -i ca -p peer --uri ${id} -l 15m`);
    await data(`issue bob -d ${own} -i ca -p peer --uri ${id} -l 15m --share-id`);
    await data(`issue eve -d ${own} -i ca -p peer --uri ${id}/eve -l 15m`);
    const revoked = await data<Shown[]>(`revoke --all ${id} -d ${own} -r keyCompromise`);
    expect(revoked.map(({ name }) => name)).toEqual(["ann", "bob"]);
    expect(await refused(`renew ann -d ${own}`, 1)).toMatch(/is revoked since .* issue a new one/);
    const renewed = await data<Shown[]>(`renew --expiring 1d -d ${own}`);
    expect(renewed.map(({ name }) => name)).toEqual(["eve"]);
    expect(await data(`renew --expiring 1d -d ${own}`)).toEqual([]);
    const all = await data<Shown[]>(`renew --expiring 11y -d ${own}`);
    expect(all.map(({ name }) => name)).toEqual(["root", "ca", "web", "eve"]);
    expect(await refused(`renew web --expiring 1d -d ${own}`, 2)).toMatch(/either the name .* or/);
  });

  it("renew --exec runs a command for each, and --revoke-old takes back what was renewed", async () => {
    const own = "cron";
    await quick(own);
    const [before] = (await data<Shown[]>(`show -d ${own}`)).filter(({ name }) => name === "web");
    const hook = (lines: string) =>
      writeFileSync(file("hook"), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    hook(
      "echo $KEMISTRY_NAME $KEMISTRY_SERIAL > ran; cat $KEMISTRY_CHAIN $KEMISTRY_KEY >> ran; echo ran",
    );
    const renewing = `pki renew web -d ${own} --json --exec ./hook`;
    const first = await cli.run(`${renewing} --revoke-old 1s`);
    expect(first.stderr).toBe("ran\n");
    await sleep(1500);
    const { code, stdout, stderr } = await cli.run(`${renewing} --revoke-old 1s`);
    const { serial } = JSON.parse(stdout) as Shown;
    expect([code, stderr.trimEnd().split("\n").at(-1)]).toEqual([0, "ran"]);
    expect(stderr).toContain(`web ${before?.serial} is revoked: it was renewed`);
    expect(text("ran")).toMatch(new RegExp(`^web ${serial}\n[^]*CERTIFICATE[^]*PRIVATE KEY`));
    hook("exit 3");
    const failed = await cli.run(`pki renew web -d ${own} --exec ./hook`);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/web is renewed, and the command for it ended with 3/);
  });

  it("init and issue set limits to what a CA may name", async () => {
    await data("init -d limited -a ed25519 --permit dns:example,uri:example.org");
    await data("issue eu -d limited -p intermediate --exclude dns:us.example");
    await data("issue a -d limited -i eu --dns a.example");
    for (const name of ["a.us.example", "a.test"]) {
      expect(await refused(`issue b -d limited -i eu --dns ${name}`, 1)).toMatch(
        /would not be valid/,
      );
    }
    expect(await refused("issue c -d limited -p intermediate --permit example", 2)).toMatch(
      /Write it as dns:example\.org/,
    );
  });

  it("check says what is wrong, and repairs it", async () => {
    expect((await cli.run(`pki check -d ${dir}`)).stdout).toBe("nothing is wrong\n");
    rmSync(file(`${dir}/live/ca`));
    mkdirSync(file(`${dir}/issued/stray`));
    const found = await cli.run(`pki check -d ${dir}`);
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(
      /^issued\/stray is not in the journal.*; --repair would remove it$/m,
    );
    expect(found.stdout).toMatch(/^live\/ca does not point to the current certificate/m);
    expect((await cli.run(`pki check --repair -d ${dir}`)).code).toBe(0);
    expect(await data(`check -d ${dir}`)).toEqual([]);
  });

  it("ocsp makes responses to staple, by the authority or its responder", async () => {
    await data(`issue status -d ${dir} -i ca -p ocsp`);
    await data(`issue c -d ${dir} -i ca --dns c.example`);
    const stapled = () => new Uint8Array(readFileSync(file(`${dir}/ocsp/c.der`)));
    for (const responder of ["", " --responder status"]) {
      await data(`ocsp c -d ${dir}${responder}`);
      expect(parseOcspResponse(stapled()).certificates).toHaveLength(responder === "" ? 0 : 1);
      verifyIn(dir, "c", { stapled: stapled() });
    }
    await data(`revoke c -d ${dir}`);
    await data(`ocsp c -d ${dir}`);
    expect(tlsErrorOf(() => verifyIn(dir, "c", { stapled: stapled() })).code).toBe(
      "certificate_revoked",
    );
    expect(await refused(`ocsp c -d ${dir} --responder web`, 2)).toMatch(
      /is not a responder of ca/,
    );
    expect(await refused(`ocsp root -d ${dir}`, 2)).toMatch(/nobody speaks for a root/);
  });

  it("ocsp answers requests, also about what it does not know", async () => {
    const [ca] = chainOf(dir, "ca");
    const [web] = chainOf(dir, "web");
    const ask = (issuer = ca!) =>
      writeFileSync(
        file("req.der"),
        encodeOcspRequest({
          issuer,
          certificates: [web!, { ...web!, serialNumber: Uint8Array.of(5) }],
          nonce: Uint8Array.of(1, 2, 3),
        }),
      );
    ask();
    const answer = await data<{ statuses: { status: string }[] }>(
      `ocsp -d ${dir} --request req.der -o resp.der`,
    );
    expect(answer.statuses.map(({ status }) => status)).toEqual(["good", "unknown"]);
    expect(parseOcspResponse(new Uint8Array(readFileSync(file("resp.der")))).nonce).toHaveLength(5);
    ask(web);
    expect(await refused(`ocsp -d ${dir} --request req.der`, 2)).toMatch(/of no authority here/);
  });

  it("show prints what files say, for people and as data", async () => {
    const { stdout } = await cli.run(`pki show ${dir}/live/web/chain.pem ${dir}/crl/ca.crl`);
    expect(stdout).toMatch(/subject +CN=web\n/);
    expect(stdout).toMatch(/dns +localhost, a\.example\n/);
    expect(stdout).toMatch(/kind +revocation list\n/);
    const facts = await data<Record<string, unknown>[]>(`show ${dir}/live/web/chain.pem`);
    expect(facts).toMatchObject([
      { kind: "certificate", subject: "CN=web", names: { dns: ["localhost", "a.example"] } },
      { kind: "certificate", subject: "CN=ca", ca: true, pathLength: 0 },
    ]);
    expect(facts[0]?.["extensions"]).toContain("keyUsage (critical)");
    const { stdout: secret } = await cli.run(`pki show ${dir}/live/web/key.pem --json`);
    const key = parsePrivateKey(text(`${dir}/live/web/key.pem`)).key;
    expect(secret).not.toContain(Buffer.from(key).toString("hex"));
    expect(facts[0]).not.toHaveProperty("findings");
    writeFileSync(file("odd.crt"), oddCertificate());
    expect(await data("show odd.crt")).toMatchObject([
      {
        findings: [
          {
            rule: expect.stringContaining("a CA must have a keyUsage"),
            section: "RFC 5280 §4.2.1.3",
          },
        ],
      },
    ]);
    writeFileSync(file("junk"), "junk");
    expect(await refused("show junk", 2)).toMatch(/junk: neither PEM nor DER that is known here/);
    const { stdout: listing } = await cli.run(`pki show -d ${dir}`);
    expect(listing).toMatch(/^web \(old\) +server +ca +valid/m);
  });
});

/** A CA that does not say what its key may do, in DER. */
function oddCertificate(): Uint8Array {
  const key = noble.generateKey("ed25519");
  return issueCertificate({
    subject: { CN: "odd" },
    ca: {},
    keyUsage: [],
    publicKey: encodePublicKey("ed25519", key.publicKey),
    signingKey: encodePrivateKey(key),
    notBefore: 0,
    notAfter: 1e12,
    provider: noble,
  }).der;
}

describe("a directory that is written to by several, or dies", slow, () => {
  const dir = "busy";
  beforeAll(() => quick(dir), 60_000);

  /** Every line of the index has its files, and every link points to the last line of its name. */
  async function expectConsistent(): Promise<Shown[]> {
    const entries = await data<Shown[]>(`show -d ${dir}`);
    for (const { name, serial, current } of entries) {
      const folder = `${dir}/issued/${name}-${serial}`;
      const [certificate] = parseCertificates(text(`${folder}/certificate.pem`));
      createCredential({
        certificates: [certificate!],
        privateKey: text(`${folder}/key.pem`),
        provider: noble,
      });
      if (current) {
        expect(readlinkSync(file(`${dir}/live/${name}`))).toBe(`../issued/${name}-${serial}`);
      }
    }
    return entries;
  }

  it("loses nothing of eight writers at once", async () => {
    const names = Array.from({ length: 8 }, (_, at) => `w${at}`);
    await Promise.all(
      names.map((name) => data(`issue ${name} -d ${dir} -i ca --dns ${name}.example`)),
    );
    const entries = await expectConsistent();
    expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(readdirSync(file(`${dir}/lock`))).toEqual([]);
  });

  it("is in its old state or its new one whenever a writer is killed", async () => {
    let issued = 0;
    for (let round = 0; round < 12; round++) {
      const running = cli.start(`pki renew web -d ${dir} --json`);
      const timer = setTimeout(() => running.process.kill("SIGKILL"), 60 + 17 * round);
      const { code } = await running.outcome;
      clearTimeout(timer);
      if (code === 0) issued++;
      const entries = await data<Shown[]>(`show -d ${dir}`);
      const web = entries.filter(({ name }) => name === "web");
      expect(web.length).toBeGreaterThanOrEqual(issued + 1);
      // What readers see is a pair that belongs together, old or new
      createCredential({
        certificates: chainOf(dir, "web"),
        privateKey: text(`${dir}/live/web/key.pem`),
        provider: noble,
      });
    }
    await data(`renew web -d ${dir}`);
    await expectConsistent();
    const left = readdirSync(file(dir)).concat(readdirSync(file(`${dir}/issued`)));
    expect(left.filter((name) => name.startsWith(".unfinished"))).toEqual([]);
  });

  it("puts a link right that a crash left behind", async () => {
    const link = file(`${dir}/live/web`);
    rmSync(link);
    await data(`renew ca -d ${dir}`);
    expect(existsSync(join(link, "chain.pem"))).toBe(true);
  });
});
