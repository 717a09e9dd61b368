import { describe, expect, it } from "vitest";
import { type AddressedStep, type Experiment, usual } from "../../src/play/address.ts";
import { answer } from "../../src/play/answer.ts";
import { scriptOf } from "../../src/play/network.ts";

const run = (special: Partial<Experiment> = {}) =>
  answer({ kind: "run", experiment: { ...usual, ...special } });
const steps = (...list: readonly AddressedStep[]) => list;
const hello = { from: "client", on: "client_hello" };

describe("the playground's worker", { timeout: 60_000 }, () => {
  it("runs what is chosen, and explains it", async () => {
    const { html, says, flights, verdict } = await run();
    expect(says).toBe("Client: open. Server: open.");
    expect(html).toContain('id="client_hello.key_share[0].keyExchange.ML-KEM-768"');
    expect(html).toContain("The key log says the same");
    expect(flights[0]?.from).toBe("client");
    expect(verdict).toBeNull();
  });

  it.each<[string, Partial<Experiment>, string]>([
    [
      "a retry",
      { serverGroups: ["secp256r1"], groups: ["x25519", "secp256r1"] },
      'id="hello_retry_request"',
    ],
    ["another share", { shares: ["x25519"], serverGroups: ["x25519"] }, "key exchange, x25519"],
    ["both with certificates", { mutual: true }, 'id="certificate_request"'],
    ["a session that goes on", { resume: true }, "resumed"],
    ["0-RTT data", { earlyData: true }, "0-RTT data accepted"],
    ["post-quantum certificates", { credential: "post-quantum" }, "<li>mldsa44</li>"],
    ["a chain of one's own", { chain: ["ML-DSA-65", "secp384r1", "ed448"] }, "<li>mldsa65</li>"],
    ["AuthKEM", { chain: ["ML-KEM-768", "ed25519"] }, "<li>server authenticated by KEM"],
    [
      "AuthKEM of both ends",
      { chain: ["ML-KEM-768", "ed25519"], mutual: true },
      "<li>client authenticated by KEM",
    ],
    [
      "signatures that the client takes",
      { signatures: ["mldsa44"], credential: "post-quantum" },
      "<li>mldsa44</li>",
    ],
    ["another suite", { suites: ["TLS_AES_256_GCM_SHA384"] }, "TLS_AES_256_GCM_SHA384"],
  ])("honours %s", async (_, special, found) => {
    const { html, says } = await run(special);
    expect(says).toBe("Client: open. Server: open.");
    expect(html).toContain(found);
    expect((await run()).html).not.toContain(found);
  });

  it("lets a client refuse what signs the server's chain", async () => {
    const { says } = await run({ signatures: ["mldsa44"] });
    expect(says).toMatch(/Client: told handshake_failure.*Server: no_common_/);
  });

  it("says who refuses a swapped hybrid share, with which alert, by which section", async () => {
    const swap = { ...hello, edit: [{ swapParts: "extensions.key_share[0].keyExchange" }] };
    const { says, html } = await run({ steps: steps(swap) });
    expect(says).toMatch(
      /Client: told illegal_parameter.*Server: bad_key_share at client_hello.*RFC 10024 §4\.2/,
    );
    expect(html).toContain("changed on the way");
  });

  it("knows the key of a session that goes on, and by what AuthKEM's secrets are made", async () => {
    const { html } = await run({ resume: true });
    expect(html).toMatch(/<dt>PSK<\/dt><dd>[^]*?<code>[\da-f ]{95}<\/code>/);
    expect(html).toMatch(/<dt>Main Secret<\/dt><dd>[^]*?<code>[\da-f ]{95}<\/code>/);
    expect(html).not.toContain("The key log says something else");
    const kem = await run({ chain: ["ML-KEM-768", "ed25519"] });
    expect(kem.html).toContain("<dt>SSs</dt>");
    expect(kem.html).toContain("From Auth. Secret, bound to");
    expect(kem.html).not.toContain("The key log says something else");
  });

  it("flips any bit in flight, also of what is encrypted", async () => {
    const flip = { from: "server", on: "certificate_verify", flip: { byte: 20, mask: 4 } };
    const { says } = await run({ steps: steps(flip) });
    expect(says).toMatch(/Client: bad_signature.*Server: told decrypt_error/);
  });

  it("shows what an attack has put into the page as text", async () => {
    const edit = [{ set: "extensions.server_name[0].name", to: "<img src=x>" }];
    const { html } = await run({ steps: steps({ ...hello, edit }) });
    expect(html).toContain("&#60;img src=x&#62;");
    expect(html).not.toContain("<img");
  });

  it.each<[string, Partial<Experiment>, RegExp]>([
    ["an unknown group", { groups: ["nonsense"] }, /groups\[0\]/],
    ["an unknown signature", { signatures: ["nonsense"] }, /schemes\[0\]/],
    ["an unknown suite", { suites: ["nonsense"] }, /suites\[0\]/],
    ["an unknown chain", { credential: "nonsense" }, /credential/],
    ["a chain of one certificate", { chain: ["ed25519"] }, /chain/],
    ["a KEM that certifies", { chain: ["ed25519", "ML-KEM-768"] }, /chain.*certify nothing/],
    [
      "to remove what every message has",
      { steps: steps({ ...hello, edit: [{ remove: "random" }] }) },
      /client_hello cannot be written without random$/,
    ],
    [
      "a value for what has no bytes",
      {
        resume: true,
        steps: steps({ ...hello, edit: [{ set: "extensions.early_data", to: "x" }] }),
      },
      /early_data: true, since it has no bytes, is expected, not "x"/,
    ],
    ["an unknown step", { steps: steps({ ...hello, explode: true }) }, /explode|kind/],
    [
      "a step for which nothing came",
      { steps: steps({ ...hello, nth: 7, drop: true }) },
      /nothing came/,
    ],
    ["an unknown attack", { attack: "nonsense" }, /the catalogue has no nonsense/],
  ])("refuses %s, and says why", async (_, special, message) => {
    await expect(run(special)).rejects.toThrow(message);
  });

  it("puts predictions of the catalogue beside outcomes", async () => {
    const attacks = await answer({ kind: "catalogue" });
    expect(attacks.length).toBeGreaterThan(400);
    const name = "strip-tls13";
    expect(attacks.map((attack) => attack.name)).toContain(name);
    const verdict = await answer({ kind: "attack", name });
    expect(verdict).toMatchObject({ asPredicted: true, problems: [] });
    expect(verdict.server).toContain("protocol_version");
    expect((await run({ attack: name })).verdict).toEqual(verdict);
  });
});

describe("the network", () => {
  const flights = [
    { from: "client", bytes: 1400, cpu: 0 },
    { from: "server", bytes: 5000, cpu: 30 },
    { from: "client", bytes: 60, cpu: 10 },
  ] as const;
  const sequence = (special: Partial<Experiment>) =>
    answer({ kind: "network", flights, experiment: { ...usual, ...special } });

  it("lets an end write when all before it has arrived", () => {
    expect(scriptOf(flights)).toEqual({
      client: [
        { received: 0, cpu: 0, write: 1400 },
        { received: 5000, cpu: 10, write: 60 },
        { received: 5000 },
      ],
      server: [{ received: 1400, cpu: 30, write: 5000 }, { received: 1460 }],
    });
  });

  it("takes as long as its round trips", async () => {
    const after = async (special: Partial<Experiment>) =>
      Number(/after ([\d.]+) ms/.exec((await sequence(special)).says)?.[1]);
    expect(await after({ rtt: 100 })).toBeCloseTo(250, -1);
    expect(await after({ rtt: 200 })).toBeCloseTo(500, -1);
    // One segment at first needs further rounds for 5000 bytes
    expect(await after({ rtt: 100, window: 1 })).toBeGreaterThan(400);
  });

  it("takes what the ends compute, if that is wanted", async () => {
    const idle = await sequence({ rtt: 100 });
    const busy = await sequence({ rtt: 100, compute: true });
    const after = ({ says }: { readonly says: string }) =>
      Number(/after ([\d.]+) ms/.exec(says)?.[1]);
    expect(after(busy)).toBeCloseTo(after(idle) + 40, 0);
    expect(busy.says).toMatch(/client computed for 10 ms and the server for 30 ms/);
    expect(idle.says).not.toContain("computed");
  });

  it("names packets that leave together by all their bytes", async () => {
    const { svg } = await sequence({ rtt: 100, loss: 0 });
    expect(svg).toMatch(/>\d{4,} bytes, [2-9] packets<\/text>/);
  });

  it("draws what is lost, as it is drawn", async () => {
    const lost = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (draw) => (await sequence({ loss: 25, draw })).svg),
    );
    expect(lost.some((svg) => svg.includes(">×<"))).toBe(true);
    expect(new Set(lost).size).toBeGreaterThan(1);
    expect((await sequence({ loss: 0 })).svg).not.toContain(">×<");
  });
});
