import { statSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { type Hash, noble, suites } from "../../src/crypto/index.ts";
import { groups, isHybrid, isPostQuantum, shareSizes } from "../../src/groups/index.ts";
import { keyLogOf } from "../../src/lab/hybrid/describe.ts";
import { features } from "../../src/lab/hybrid/features.ts";
import {
  type FeatureName,
  type HandshakeVector,
  handshakeKinds,
} from "../../src/lab/hybrid/format.ts";
import { cutRecords } from "../../src/lab/hybrid/records.ts";
import { derivePsk } from "../../src/lab/hybrid/secrets.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { hkdfExpandLabel } from "../../src/schedule/index.ts";
import { fromHex, toHex } from "../../src/wire/index.ts";
import {
  featureFiles,
  groupOf,
  handshakeFiles,
  hybridFiles,
  loadHandshakes,
  loadShares,
  recordedFiles,
  shareFiles,
} from "./hybrid-files.ts";
import { loadText, vectorsFolder } from "./load.ts";

const validate = new Ajv2020({ strictTypes: false }).compile(
  JSON.parse(loadText("hybrid/schema.json")) as object,
);

describe("the schema", () => {
  it.each(hybridFiles)("has %s", (path) => {
    validate(JSON.parse(loadText(path)));
    expect(validate.errors).toBeNull();
  });

  const text = loadText("hybrid/handshakes/X25519MLKEM768.json.gz");
  it.each([
    ["an unknown version", /"version":1/, '"version":2'],
    ["another format", /"format":"kemistry handshakes"/, '"format":"handshakes"'],
    ["an odd number of digits", /"serverShare":"../, '"serverShare":"0'],
    ["upper case", /"sharedSecret":"../, '"sharedSecret":"AB'],
    ["a member that it does not know", /"license":/, '"licence":"MIT","license":'],
    ["a secret of another length", /"early":"../, '"early":"'],
    ["a kind without its session", /"kind":"full"/, '"kind":"resumed"'],
    ["another role", /"from":"client"/, '"from":"eve"'],
  ])("refuses %s", (_, pattern, replacement) => {
    expect(text).toMatch(pattern);
    expect(validate(JSON.parse(text.replace(pattern, replacement)))).toBe(false);
  });
});

it("the folder is below two megabytes", () => {
  const sizes = hybridFiles.map((path) => statSync(join(vectorsFolder, path)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000_000);
});

it("there is a file of handshakes for every group, of shares for every hybrid", () => {
  const names = groups.map(({ name }) => name).toSorted();
  expect(handshakeFiles.map(groupOf)).toEqual(names);
  expect(featureFiles.map(groupOf)).toEqual(names);
  const hybrids = groups.filter(isHybrid).map(({ name }) => name);
  expect(shareFiles.map(groupOf)).toEqual(hybrids.toSorted());
  const registered = groups.filter(({ draft }) => !draft).map(({ name }) => name);
  expect(recordedFiles.map(groupOf)).toEqual(registered.toSorted());
});

describe.each([...handshakeFiles, ...recordedFiles])("%s", (path) => {
  const file = loadHandshakes(path);
  const group = groups.find(({ name }) => name === groupOf(path))!;
  const { handshakes } = file;

  it("is of this group", () => {
    expect(file.group).toEqual({ name: group.name, code: group.code, components: group.kems });
  });

  it.each(handshakes.map((vector) => [vector.name, vector] as const))(
    "%s: shares and secret are the components', in order and of the right sizes",
    (_, { exchange }) => {
      const sizes = shareSizes(group, noble);
      const { components } = exchange;
      const joined = (values: readonly (string | undefined)[]) => values.join("");
      expect(components.map(({ kem }) => kem)).toEqual(group.kems);
      expect(exchange.clientShare).toBe(joined(components.map(({ publicKey }) => publicKey)));
      expect(exchange.serverShare).toBe(joined(components.map(({ ciphertext }) => ciphertext)));
      expect(exchange.sharedSecret).toBe(joined(components.map((each) => each.sharedSecret)));
      expect(exchange.clientShare).toHaveLength(2 * sizes.client);
      expect(exchange.serverShare).toHaveLength(2 * sizes.server);
      expect(exchange.sharedSecret).toHaveLength(2 * sizes.secret);
    },
  );

  it.each(handshakes.map((vector) => [vector.name, vector] as const))(
    "%s: is what its kind says",
    (_, vector) => {
      const has = (type: string) => vector.messages.some((message) => message.type === type);
      const { kind, negotiated } = vector;
      expect(negotiated).toEqual({
        cipherSuite: vector.suite,
        group: group.name,
        retried: kind === "retry",
        resumed: kind === "resumed",
        serverSignature: kind === "resumed" ? null : vector.signature,
        clientSignature: kind === "mutual" ? vector.signature : null,
      });
      expect(has("hello_retry_request")).toBe(kind === "retry");
      expect(has("certificate_request")).toBe(kind === "mutual");
      expect(has("certificate")).toBe(kind !== "resumed");
      expect(vector.refused !== undefined).toBe(kind === "retry" && "client" in vector.seeds);
    },
  );

  it("resumes with the PSK of an earlier ticket", () => {
    const resumed = handshakes.filter(({ kind }) => kind === "resumed");
    expect(resumed.length).toBeGreaterThan(0);
    for (const vector of resumed) {
      const { from, ticket, psk } = vector.session!;
      const first = handshakes.find(({ name }) => name === from)!;
      expect(pskOf(first)).toEqual({ ticket, psk });
      expect(vector.messages[0]!.bytes.endsWith(toHex(binderOf(vector)))).toBe(true);
    }
  });
});

const hashOf = ({ suite }: HandshakeVector): Hash =>
  noble.hashes[suites.find(({ name }) => name === suite)!.hash];

function pskOf(vector: HandshakeVector) {
  const raw = vector.messages.find(({ type }) => type === "new_session_ticket")!.bytes;
  const { ticket, ticketNonce } = decodeMessage("new_session_ticket", fromHex(raw)).body;
  const psk = derivePsk(hashOf(vector), fromHex(vector.secrets.resumption), ticketNonce);
  return { ticket: toHex(ticket), psk: toHex(psk) };
}

/** RFC 9846 §4.3.11.2: the MAC over the ClientHello up to its binders, of which there is one. */
function binderOf(vector: HandshakeVector): Uint8Array {
  const hash = hashOf(vector);
  const hello = fromHex(vector.messages[0]!.bytes);
  const truncated = hello.subarray(0, -(hash.length + 3));
  const binderKey = fromHex(vector.session!.binderKey);
  const key = hkdfExpandLabel(hash, binderKey, "finished", new Uint8Array(), hash.length);
  return hash.hmac(key, hash.digest(truncated));
}

describe.each(handshakeFiles)("%s", (path) => {
  const { handshakes } = loadHandshakes(path);

  it("has every kind with every suite, and post-quantum certificates where they fit", () => {
    const expected = suites.flatMap(({ name }) => handshakeKinds.map((kind) => `${kind} ${name}`));
    const group = groups.find(({ name }) => name === groupOf(path))!;
    if (isPostQuantum(group)) expected.push("full TLS_AES_256_GCM_SHA384 mldsa65");
    expect(handshakes.map(({ name }) => name)).toEqual(expected);
  });

  it("knows every private key", () => {
    const components = handshakes.flatMap(({ exchange }) => exchange.components);
    for (const { privateKey, randomness } of components) {
      expect([privateKey, randomness]).not.toContain(undefined);
    }
  });
});

describe.each(featureFiles)("%s", (path) => {
  const { handshakes, group } = loadHandshakes(path);

  it("has a zero in front of the shared secret of every component", () => {
    const zeros = handshakes.flatMap(({ leadingZero, exchange }) =>
      leadingZero === undefined ? [] : [[leadingZero, exchange.components[leadingZero]] as const],
    );
    expect(zeros.map(([at]) => at)).toEqual(group.components.map((_, at) => at));
    for (const [at, component] of zeros) {
      expect(component?.kem).toBe(group.components[at]);
      expect(component?.sharedSecret).toMatch(/^00/);
    }
  });
});

describe("handshakes for features", () => {
  const { handshakes } = loadHandshakes("hybrid/features/X25519MLKEM768.json.gz");
  const vectorOf = (feature: FeatureName) => handshakes.find((each) => each.feature === feature)!;
  const typesOf = (feature: FeatureName, epoch: string) =>
    vectorOf(feature).messages.flatMap((each) => (each.epoch === epoch ? [each.type] : []));
  const recordsOf = (feature: FeatureName, from: string) =>
    vectorOf(feature)
      .flights.filter((flight) => flight.from === from)
      .flatMap(({ bytes }) => cutRecords(fromHex(bytes)));

  it("are all there", () => {
    const named = handshakes.flatMap(({ feature }) => feature ?? []);
    expect(named).toEqual(Object.keys(features));
    expect(new Set(handshakes.map(({ suite }) => suite)).size).toBe(suites.length);
  });

  it("have an application protocol, and 0-RTT data under it", () => {
    const [first, early] = [vectorOf("protocol"), vectorOf("early data")];
    expect([first.negotiated.alpn, early.negotiated.alpn]).toEqual(["h2", "h2"]);
    expect(early.session).toMatchObject({ from: first.name, maxEarlyData: 1000 });
    expect(early.messages.map(({ type }) => type)).toContain("end_of_early_data");
    expect(early.early).not.toBe("");
    expect(first.exports?.map(({ context, length }) => [context.length / 2, length])).toEqual([
      [3, 32],
      [300, 16],
    ]);
  });

  it("bind a PSK in each hello before and after a retry", () => {
    const { negotiated, messages, session } = vectorOf("resumed retry");
    expect(negotiated).toMatchObject({ retried: true, resumed: true });
    const hellos = messages.filter(({ type }) => type === "client_hello");
    const binders = hellos.map(({ bytes }) => bytes.slice(-64));
    expect(new Set(binders).size).toBe(2);
    const identities = hellos.map(({ bytes }) => bytes.includes(session!.ticket));
    expect(identities).toEqual([true, true]);
  });

  it("begin with keys that both have", () => {
    const [external, imported] = [vectorOf("external key"), vectorOf("imported key")];
    expect(external.key?.imported).toBeUndefined();
    expect(imported.key?.identity).toContain(imported.key?.imported?.identity);
    expect(imported.key?.psk).not.toBe(imported.key?.imported?.secret);
    expect([external, imported].map(({ negotiated }) => negotiated.resumed)).toEqual([
      false,
      false,
    ]);
  });

  it("change keys, authenticate later, and keep to limits", () => {
    const updates = vectorOf("key update").messages.filter(({ type }) => type === "key_update");
    expect(updates.map(({ from }) => from)).toEqual(["client", "server"]);
    expect(typesOf("later authentication", "application")).toEqual([
      "new_session_ticket",
      "certificate_request",
      "certificate",
      "certificate_verify",
      "finished",
    ]);
    const limited = ["client", "server"].flatMap((from) => recordsOf("record limits", from));
    const sealed = limited.filter(([type]) => type === 23).map(({ length }) => length - 5 - 16);
    expect(Math.max(...sealed)).toBe(512);
    expect(sealed.every((length) => length % 64 === 0)).toBe(true);
    for (const from of ["client", "server"]) {
      expect(recordsOf("many records", from).length).toBeGreaterThan(300);
    }
  });
});

describe.each(recordedFiles)("%s", (path) => {
  const { handshakes, origin } = loadHandshakes(path);

  it("was recorded with OpenSSL, in both roles", () => {
    expect(origin).toMatchObject({
      kind: "recorded",
      peer: expect.stringMatching(/^OpenSSL 3\.5/),
    });
    const roles = handshakes.map(({ seeds, kind }) => `${Object.keys(seeds).join()} ${kind}`);
    expect(roles).toEqual([
      "client full",
      "client resumed",
      "client retry",
      "client mutual",
      "server full",
      "server retry",
    ]);
  });

  it("has the secrets that OpenSSL logged", () => {
    for (const vector of handshakes) expect(keyLogOf(vector)).toEqual(vector.peerKeyLog);
  });
});

describe.each(shareFiles)("%s", (path) => {
  const { shares, group } = loadShares(path);

  it("has wrong shares of both ends and every outcome, each once", () => {
    const names = shares.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const from of ["client", "server"]) {
      const alerts = new Set(shares.filter((share) => share.from === from).map((s) => s.alert));
      expect([...alerts].toSorted()).toEqual([
        "bad_record_mac",
        "illegal_parameter",
        "missing_extension",
      ]);
      for (const kem of group.components) {
        expect(
          names.filter((name) => name.startsWith(`${from}: ${kem} part`)).length,
        ).toBeGreaterThan(8);
      }
    }
  });

  it("carries each in its hello", () => {
    for (const { name, share, hello } of shares) {
      expect([name, hello.includes(share ?? "")]).toEqual([name, true]);
    }
  });
});
