import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { get, request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { audit, parseBundle, revoke } from "../../src/authority/index.ts";
import { extendProvider, type KeyType } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  type Certificate,
  createCredential,
  createCsr,
  createTrustStore,
  type Credential,
  encodeOcspRequest,
  encodePrivateKey,
  encodePublicKey,
  parseCertificates,
  parseCrl,
  parseCrls,
  parseOcspResponse,
} from "../../src/identity/index.ts";
import { openAuthority } from "../../src/mesh/index.ts";
import { falconSchemes } from "../../src/oqs/index.ts";
import { HttpsAgent, type HttpsAgentOptions } from "../../src/transport/node/index.ts";
import { toHex } from "../../src/wire/index.ts";
import { domain, type House, idOf, meshes } from "./support.ts";

const house = meshes();
const slow = { timeout: 60_000 };

interface Reply {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** Asks as anybody might: by host name, with a certificate or without. */
async function fetchFrom(
  { url, pki }: House,
  path: string,
  how: {
    readonly body?: Uint8Array;
    readonly headers?: Record<string, string>;
    readonly method?: string;
    readonly tls?: HttpsAgentOptions;
  } = {},
): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const ca = [pki.certificate(pki.current("root")).der];
  const agent = new HttpsAgent({ provider: native, ca, ...how.tls });
  const { body, headers = {}, method = body === undefined ? "GET" : "POST" } = how;
  try {
    return await new Promise<Reply>((resolve, reject) => {
      const options = { protocol: "https:", host: hostname, port, path, agent, method, headers };
      const request = httpRequest(options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => {
          const { statusCode: status = 0 } = response;
          resolve({ status, body: Buffer.concat(parts), headers: response.headers });
        });
      });
      request.on("error", reject).end(body);
    });
  } finally {
    agent.destroy();
  }
}

const errorIn = ({ body }: Reply): string =>
  (JSON.parse(body.toString()) as { error: string }).error;

function makeCsr(names: readonly string[]) {
  const key = native.generateKey("secp256r1");
  const privateKey = encodePrivateKey(key);
  const publicKey = encodePublicKey(key.type, key.publicKey);
  const csr = createCsr({
    subject: {},
    names: { uri: names },
    privateKey,
    publicKey,
    provider: native,
  });
  const credential = (pem: string): Credential =>
    createCredential({ certificates: parseCertificates(pem), privateKey, provider: native });
  return { csr: csr.der, credential };
}

async function enrolled(home: House, name: string): Promise<Credential> {
  const { csr, credential } = makeCsr([idOf(name)]);
  const headers = { authorization: `Bearer ${await home.token(name)}` };
  const reply = await fetchFrom(home, "/enrol", { body: csr, headers });
  expect(reply.status).toBe(200);
  return credential(reply.body.toString());
}

describe("an authority that runs", slow, () => {
  it("certifies what is registered, and nothing that is not", async () => {
    const home = await house();
    const names = { uri: [idOf("ann")], dns: ["ann.example"] };
    await home.register("ann", { names, lifetime: 60_000, keyTypes: ["secp256r1"] });
    const { chain } = await enrolled(home, "ann");
    expect(chain[0]!.subjectAltNames?.dns).toEqual(["ann.example"]);
    const life = chain[0]!.notAfter - Date.now();
    expect(life).toBeGreaterThan(30_000);
    expect(life).toBeLessThan(60_001);
    await home.register("bob", { keyTypes: ["ed25519"] });
    const headers = { authorization: `Bearer ${await home.token("bob")}` };
    const wrongKey = await fetchFrom(home, "/enrol", { body: makeCsr([idOf("bob")]).csr, headers });
    expect([wrongKey.status, errorIn(wrongKey)]).toEqual([403, expect.stringMatching(/ed25519/)]);
    const other = await fetchFrom(home, "/enrol", { body: makeCsr([idOf("eve")]).csr, headers });
    expect([other.status, errorIn(other)]).toEqual([
      403,
      expect.stringMatching(/is not registered/),
    ]);
    const garbage = await fetchFrom(home, "/enrol", { body: Uint8Array.of(1, 2), headers });
    expect(garbage.status).toBe(400);
    const large = await fetchFrom(home, "/enrol", { body: new Uint8Array(70_000), headers });
    expect(large.status).toBe(413);
    expect((await fetchFrom(home, "/else")).status).toBe(404);
    expect((await fetchFrom(home, "/health")).body.toString()).toMatch(/"ok"/);
    // What it has done is in the journal, with who asked for it
    const { lines } = audit(`${home.pki.path}/journal.jsonl`);
    const line = lines.find(({ event }) => event.type === "issuing" && event.name === "ann");
    expect(line?.who).toBe("who has a token");
  });

  it("lets go of lines of the journal that nobody needs, once there are many", async () => {
    const home = await house();
    const { path } = home.pki;
    const lists = Array.from({ length: 10_001 }, (_, at) => ({
      type: "list" as const,
      issuer: "gone",
      number: at + 1,
      at: new Date().toISOString(),
    }));
    await home.pki.change(() => home.pki.record(...lists));
    const cut = () => audit(`${path}/journal.jsonl`).cut;
    const second = await openAuthority({ directory: path, domain, keepJournal: 0 });
    try {
      await vi.waitFor(() => expect(cut()).toBeGreaterThan(10_000), { timeout: 20_000 });
    } finally {
      await second.close();
    }
    await home.pki.refresh();
    expect(home.pki.records.listsOf("gone").last).toBe(10_001);
    await home.register("ann");
    expect((await enrolled(home, "ann")).chain).not.toHaveLength(0);

    // What cannot be kept is refused
    const settings = JSON.parse(readFileSync(`${path}/pki.json`, "utf8")) as object;
    const database = "postgres://nobody@127.0.0.1:1/none";
    writeFileSync(`${path}/pki.json`, JSON.stringify({ ...settings, database }));
    await expect(openAuthority({ directory: path, domain, keepJournal: 0 })).rejects.toThrow(
      /keepJournal is not for a database/,
    );
  });

  it("gives the same certificate again to who did not hear the answer, and to nobody else", async () => {
    const home = await house();
    await home.register("ann");
    const { csr } = makeCsr([idOf("ann")]);
    const headers = { authorization: `Bearer ${await home.token("ann")}` };
    const [first, second] = [
      await fetchFrom(home, "/enrol", { body: csr, headers }),
      await fetchFrom(home, "/enrol", { body: csr, headers }),
    ];
    expect([first.status, second.body]).toEqual([200, first.body]);
    const thief = await fetchFrom(home, "/enrol", { body: makeCsr([idOf("ann")]).csr, headers });
    expect(errorIn(thief)).toBe("the token was used already");
  });

  it("does nothing for who has gone away while others were served", async () => {
    const home = await house();
    await home.register("ann");
    const authorization = `Bearer ${await home.token("ann")}`;
    const { csr } = makeCsr([idOf("ann")]);
    let release: (() => void) | undefined;
    const held = home.pki.change(() => new Promise<void>((resolve) => (release = resolve)));
    await vi.waitFor(() => expect(release).toBeDefined(), 30_000);
    const { hostname: host, port } = new URL(home.url);
    const ca = [home.pki.certificate(home.pki.current("root")).der];
    const agent = new HttpsAgent({ provider: native, ca });
    const how = { protocol: "https:", host, port, path: "/enrol", method: "POST", agent };
    const asked = httpRequest({ ...how, headers: { authorization } }).on("error", () => {});
    asked.end(csr);
    while (!home.authority.metrics().includes("authority_requests_total 1\n")) await sleep(10);
    agent.destroy();
    // By the time of this answer the server has heard of that end
    expect((await fetchFrom(home, "/health")).status).toBe(200);
    release?.();
    await held;
    while (!home.events.some(({ type }) => type === "refused")) await sleep(10);
    await home.pki.refresh();
    expect(home.pki.records.ofName("ann")).toEqual([]);
    // The token is as good as before
    const headers = { authorization };
    expect((await fetchFrom(home, "/enrol", { body: csr, headers })).status).toBe(200);
  });

  it("renews for who shows the certificate before, also a while after its end", async () => {
    const home = await house();
    await home.register("ann", { lifetime: 2000, grace: 30_000 });
    await home.register("bob", { lifetime: 2000 });
    const [ann, bob] = [await enrolled(home, "ann"), await enrolled(home, "bob")];
    const renew = (name: string, credentials: readonly Credential[]) =>
      fetchFrom(home, "/renew", { body: makeCsr([idOf(name)]).csr, tls: { credentials } });
    expect((await renew("ann", [])).status).toBe(401);
    expect(errorIn(await renew("bob", [ann]))).toMatch(/is not registered for it/);
    await sleep(3100);
    const late = await renew("ann", [ann]);
    expect(late.status).toBe(200);
    await expect(renew("bob", [bob])).rejects.toThrow(/certificate_expired/);
    await home.pki.change((pki) => revoke(pki, { name: "ann" }, "superseded"));
    // Not by the one before either, which had ended when its successor was revoked
    expect(errorIn(await renew("ann", [ann]))).toMatch(/is revoked since/);
  });

  it("lists what any process revokes, at once, and says nothing twice", async () => {
    const home = await house();
    await home.register("ann");
    const ann = await enrolled(home, "ann");
    const before = await fetchFrom(home, "/crl");
    expect(
      parseCrls(before.body.toString())
        .map(({ issuer }) => issuer.text)
        .toSorted(),
    ).toEqual(["CN=Root", "CN=ca"].toSorted());
    const tag = String(before.headers["etag"]);
    const headers = { "if-none-match": tag };
    expect((await fetchFrom(home, "/crl", { headers })).status).toBe(304);
    await home.pki.change((pki) => revoke(pki, { name: "ann" }, "keyCompromise"));
    const after = await fetchFrom(home, "/crl", { headers });
    expect(after.status).toBe(200);
    const one = parseCrl(new Uint8Array((await fetchFrom(home, "/crl/ca.crl")).body));
    expect(one.entries.map(({ serialNumber }) => toHex(serialNumber))).toEqual([
      toHex(ann.chain[0]!.serialNumber),
    ]);
    expect((await fetchFrom(home, "/crl/../pki.json")).status).toBe(404);
    expect((await fetchFrom(home, "/crl/none.crl")).status).toBe(404);
  });

  it("makes lists before they end, without anybody asking", async () => {
    const home = await house({ listLifetime: 3000 });
    const first = home.events.filter(({ type }) => type === "list").length;
    await sleep(3500);
    expect(home.events.filter(({ type }) => type === "list").length).toBeGreaterThan(first);
    expect(
      parseCrls((await fetchFrom(home, "/crl")).body.toString())[0]?.nextUpdate,
    ).toBeGreaterThan(Date.now());
  });

  it("answers OCSP requests, by POST and GET, with the nonce that it was given", async () => {
    const home = await house();
    await home.register("ann");
    const { chain } = await enrolled(home, "ann");
    const [leaf, issuer] = chain as [Certificate, Certificate];
    const nonce = native.random(32);
    const ask = encodeOcspRequest({ issuer, certificates: [leaf], nonce });
    const posted = await fetchFrom(home, "/ocsp", { body: ask });
    expect(posted.headers["content-type"]).toBe("application/ocsp-response");
    const response = parseOcspResponse(new Uint8Array(posted.body));
    expect(response.responses[0]?.status.kind).toBe("good");
    expect(Buffer.from(posted.body).includes(Buffer.from(nonce))).toBe(true);
    await home.pki.change((pki) => revoke(pki, { name: "ann" }, "superseded"));
    const plain = Buffer.from(encodeOcspRequest({ issuer, certificates: [leaf] })).toString(
      "base64",
    );
    const got = await fetchFrom(home, `/ocsp/${encodeURIComponent(plain)}`);
    expect(parseOcspResponse(new Uint8Array(got.body)).responses[0]?.status.kind).toBe("revoked");
    // RFC 9654 §2.1: malformedRequest
    const malformed = [0x30, 0x03, 0x0a, 0x01, 0x01];
    for (const body of [
      encodeOcspRequest({ issuer, certificates: [leaf], nonce: new Uint8Array(0) }),
      encodeOcspRequest({ issuer, certificates: [leaf], nonce: new Uint8Array(129) }),
      Uint8Array.of(0x30),
      encodeOcspRequest({ issuer, certificates: Array.from({ length: 17 }, () => leaf) }),
    ]) {
      expect([...(await fetchFrom(home, "/ocsp", { body })).body]).toEqual(malformed);
    }
    const longest = encodeOcspRequest({ issuer, certificates: [leaf], nonce: new Uint8Array(128) });
    expect((await fetchFrom(home, "/ocsp", { body: longest })).body.length).toBeGreaterThan(100);
    // RFC 6960 §2.3: unauthorized, about a certificate of another authority
    const foreign = encodeOcspRequest({ issuer: leaf, certificates: [leaf] });
    expect([...(await fetchFrom(home, "/ocsp", { body: foreign })).body].at(-1)).toBe(6);
  });

  it("gives its roots as a SPIFFE bundle", async () => {
    const home = await house();
    const { body } = await fetchFrom(home, "/bundle");
    const { roots, sequence, refreshHint } = parseBundle(body.toString());
    expect(roots.map(({ der }) => der)).toEqual([
      home.pki.certificate(home.pki.current("root")).der,
    ]);
    expect([sequence, refreshHint]).toEqual([1, 10]);
    const { keys } = JSON.parse(body.toString()) as { keys: object[] };
    expect(keys).toEqual([expect.objectContaining({ use: "x509-svid", kty: "EC", crv: "P-256" })]);
  });

  it("tells figures, on an address of their own", async () => {
    const home = await house();
    await home.register("ann");
    await enrolled(home, "ann");
    const port = await home.authority.listenForMetrics();
    const [response] = (await once(get({ port, path: "/metrics" }), "response")) as [
      AsyncIterable<Buffer>,
    ];
    let text = "";
    for await (const part of response) text += String(part);
    expect(text).toMatch(/^kemistry_authority_enrolled_total 1$/m);
    expect(text).toMatch(/^kemistry_authority_registrations 1$/m);
    expect(text).toMatch(/^kemistry_authority_list_number\{issuer="ca"\} 1$/m);
    expect((await fetchFrom(home, "/metrics")).status).toBe(404);
  });

  it("may be several processes for one directory: no number is given twice", async () => {
    const home = await house();
    const second = await openAuthority({ directory: home.pki.path, domain });
    const url = `https://localhost:${await second.listen(0, "localhost")}`;
    try {
      const names = ["a", "b", "c", "d"];
      for (const name of names) await home.register(name);
      await Promise.all(
        names.map((name, at) => enrolled(at % 2 === 0 ? home : { ...home, url }, name)),
      );
      await home.pki.refresh();
      const serials = home.pki.entries.map(({ serial }) => serial);
      expect(new Set(serials).size).toBe(serials.length);
      expect(names.every((name) => home.pki.has(name))).toBe(true);
    } finally {
      await second.close();
    }
  });

  it("is what only it can be: no registration takes its ID", async () => {
    const home = await house();
    const names = { uri: [`spiffe://${domain}/kemistry/authority`] };
    await expect(home.register("eve", { names })).rejects.toThrow(/authority's own/);
    await expect(home.register("kemistry-authority")).rejects.toThrow(/cannot be a name/);
    const trust = createTrustStore([home.pki.certificate(home.pki.current("root"))]);
    expect(trust.anchors).toHaveLength(1);
  });
});

describe("a key of a candidate algorithm", slow, () => {
  const { keyType, name } = falconSchemes[0]!;
  it("of an authority is refused before anything is served", async () => {
    const provider = extendProvider(native, { schemes: falconSchemes });
    await expect(house({}, keyType, provider)).rejects.toMatchObject({
      name: "AuthorityError",
      code: "misuse",
      message: expect.stringMatching(
        /^the key of root is of the type 1\.3\.9999\.3\.11, .*ML-DSA-65$/,
      ),
    });
  });

  it("of an agent is refused where it is asked for", async () => {
    const { register, join } = await house();
    await register("ann");
    for (const algorithm of [keyType, name]) {
      await expect(join("ann", { algorithm: algorithm as KeyType })).rejects.toThrow(
        /algorithm must be one of "secp256r1"/,
      );
    }
  });
});
