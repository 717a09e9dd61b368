/** Vectors of authentication by KEM: made, replayed, and found wrong where they are. */
import { describe, expect, it } from "vitest";
import { createDecapsulator, parsePrivateKey } from "../../../src/identity/index.ts";
import { authKemCorpus } from "../../../src/lab/authkem/corpus.ts";
import {
  type AuthKemFile,
  type AuthKemVector,
  parseAuthKem,
} from "../../../src/lab/authkem/format.ts";
import { generateAuthKem } from "../../../src/lab/authkem/generate.ts";
import { defaultSeed } from "../../../src/lab/hybrid/index.ts";
import { readCorpus, runCorpus } from "../../../src/lab/vectors/index.ts";
import { fromHex } from "../../../src/wire/index.ts";
import { noble } from "../../../src/crypto/index.ts";
import { loadText } from "../../vectors/load.ts";
import { subjects } from "../../vectors/subjects.ts";

const text = loadText("authkem/handshakes.json.gz");
const file = parseAuthKem(text);

describe.each(subjects)("with $name", ({ subject }) => {
  it("every check of the published file passes", () => {
    const row = runCorpus("handshakes.json", readCorpus("handshakes.json", text), subject);
    expect(row.failures).toEqual([]);
    expect(row.passed).toBeGreaterThan(80);
    expect(row.reasons).toEqual([]);
  });
});

it("the published file is what its seed gives", () => {
  expect(generateAuthKem(defaultSeed)).toEqual(file);
});

it("has every kind, and what both ends must refuse", () => {
  expect(new Set(file.handshakes.map(({ kind }) => kind)).size).toBe(4);
  const ends = file.handshakes.flatMap(({ refusals }) => refusals.map(({ end }) => end));
  expect(new Set(ends)).toEqual(new Set(["client", "server"]));
});

/** What fails of one handshake when something in it is another. */
function failuresOf(kind: string, change: (vector: Mutable) => void): string[] {
  const vector = structuredClone(file.handshakes.find((each) => each.kind === kind)!) as Mutable;
  change(vector);
  const changed: AuthKemFile = { ...file, handshakes: [vector] };
  const { failures } = runCorpus("a", authKemCorpus(JSON.stringify(changed)), subjects[0]!.subject);
  return failures.map(({ id, problem }) => `${id.replace(/^.*: /, "")}: ${problem}`);
}
type Mutable = { -readonly [Name in keyof AuthKemVector]: AuthKemVector[Name] };
const flipped = (hex: string): string => (hex.startsWith("0") ? "1" : "0") + hex.slice(1);

describe("what is wrong in a file is found", () => {
  it.each([
    ["server", "main"],
    ["mutual", "clientAuthenticatedTraffic"],
    ["stored mutual", "clientEarlyHandshakeTraffic"],
  ])("%s: %s", (kind, name) => {
    const failures = failuresOf(kind, (vector) => {
      vector.secrets = { ...vector.secrets, [name]: flipped(vector.secrets[name]!) };
    });
    expect(failures).toContain(`schedule: secrets.${name} is not what follows`);
  });

  it("a secret of a KEM, a message, a flight, an alert", () => {
    expect(
      failuresOf("mutual", (vector) => {
        const { client } = vector.encapsulated;
        const sharedSecret = flipped(client!.sharedSecret);
        vector.encapsulated = { ...vector.encapsulated, client: { ...client!, sharedSecret } };
      }),
    ).toContain(
      "decapsulation of the client: encapsulated.client.sharedSecret is not what is decapsulated",
    );
    expect(
      failuresOf("server", (vector) => {
        const [first, ...rest] = vector.messages;
        vector.messages = [{ ...first!, bytes: first!.bytes.replace(/.$/, "f") }, ...rest];
      }).join(),
    ).toMatch(/schedule: .*finished: .*records: the flights of the client do not hold/);
    expect(
      failuresOf("stored", (vector) => {
        vector.flights = vector.flights.map(({ from, bytes }) => ({
          from,
          bytes: bytes.replace(/..$/, (end) => flipped(end)),
        }));
      }).join(),
    ).toMatch(/records: a record of the client does not open.*client: .*server: /);
    expect(
      failuresOf("stored", (vector) => {
        vector.refusals = vector.refusals.map((refusal) => ({ ...refusal, alert: "decode_error" }));
      }),
    ).toHaveLength(4);
  });

  it("members that nobody knows, or that are not there", () => {
    const [first] = file.handshakes;
    const { secrets: _, ...without } = first!;
    for (const handshakes of [[{ ...first, more: 1 }], [without]]) {
      const json = JSON.stringify({ ...file, handshakes });
      expect(() => parseAuthKem(json)).toThrow(/handshakes\[0\]/);
    }
  });
});

it("a private key is the certificate's", () => {
  for (const { server, encapsulated } of file.handshakes) {
    const decapsulator = createDecapsulator(parsePrivateKey(fromHex(server.privateKey)), noble);
    const [scheme] = decapsulator.schemes;
    const { ciphertext, sharedSecret } = encapsulated.server!;
    expect(decapsulator.decapsulate(scheme!, fromHex(ciphertext))).toEqual(fromHex(sharedSecret));
  }
});
