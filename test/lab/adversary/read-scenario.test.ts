import { describe, expect, it } from "vitest";
import { createNative } from "../../../src/crypto/native.ts";
import { runAttack } from "../../../src/lab/adversary/attack.ts";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { ScenarioError } from "../../../src/lab/adversary/edit.ts";
import { readScenarios } from "../../../src/lab/adversary/read-scenario.ts";
import { thrownBy } from "../../support/errors.ts";

const hello = { from: "client", on: "client_hello" };
const read = (data: unknown) => readScenarios(JSON.stringify(data));
const run = (step: object) =>
  runAttack(read({ name: "mine", steps: [{ ...hello, ...step }] })[0]!, {
    makeProvider: createNative,
  });

describe("a scenario file", () => {
  it("is in the language of the catalogue", () => {
    const plain = catalogue.filter(({ steps }) => !JSON.stringify(steps).includes('{"0":'));
    expect(plain.length).toBeGreaterThan(400);
    expect(read(plain)).toEqual(JSON.parse(JSON.stringify(plain)));
  });

  it("runs, and may leave out what has a default", () => {
    expect(run({ split: [10] })).toMatchObject({ asPredicted: true, client: { outcome: "open" } });
    expect(run({ drop: true }).problems).toEqual([
      "client: open was predicted, waiting it is",
      "server: open was predicted, waiting it is",
    ]);
  });

  const scenario = (fields: object) => JSON.stringify({ name: "a", steps: [], ...fields });
  const step = (fields: object) => scenario({ steps: [{ ...hello, ...fields }] });

  it.each([
    ["{", /it is not JSON/],
    ["[]", /there is no scenario in it/],
    ["[1]", /^scenario 1: the scenario: expected an object, got 1/],
    ['{"steps":[]}', /^scenario 1: name: expected text, got nothing/],
    [scenario({ name: "../a" }), /name: expected letters, digits, dots and hyphens, got/],
    [scenario({ speed: 1 }), /^a: speed: expected no such member, got 1/],
    ['{"name":"a"}', /^a: steps: expected a list, got nothing/],
    [
      scenario({ keys: "some" }),
      /^a: keys: expected one of none, traffic, server, all, got "some"/,
    ],
    [scenario({ earlier: false }), /earlier: expected true, or an object, got false/],
    [scenario({ lost: "x" }), /lost: expected a list/],
    [scenario({ lost: [{ times: 0 }] }), /lost\[0\]\.times: expected a number from 1, got 0/],
    [scenario({ replayTo: "me" }), /replayTo: expected one of another server/],
    [scenario({ replays: -1 }), /replays: expected a number from 1, got -1/],
    [
      scenario({ expect: { client: "opne" } }),
      /expect\.client: expected one of open, .*, got "opne"/,
    ],
    [
      scenario({ expect: { client: { outcome: "opne" } } }),
      /client\.outcome: expected one of open/,
    ],
    [scenario({ expect: { client: { where: "x" } } }), /client\.outcome: expected .*, got nothing/],
    [scenario({ expect: { agreed: { groop: "x" } } }), /agreed\.groop: expected no such member/],
    [
      scenario({ expect: { agreed: { retried: 1 } } }),
      /agreed\.retried: expected true or false, got 1/,
    ],
    [scenario({ expect: { findings: ["nope"] } }), /findings\[0\]: expected one of sentinel/],
    // Ends
    [scenario({ client: { colour: 1 } }), /client\.colour: expected no such member/],
    [scenario({ client: { groups: "x25519" } }), /client\.groups: expected a list/],
    [scenario({ client: { groups: ["nope"] } }), /groups\[0\]: expected one of X25519MLKEM768/],
    [scenario({ server: { credential: "nope" } }), /credential: expected one of own/],
    [scenario({ server: { retry: "never" } }), /retry: expected one of for-preferred/],
    [scenario({ server: { tickets: 1 } }), /tickets: expected true or false, or sealed, got 1/],
    [scenario({ client: { policy: { retry: "no" } } }), /policy\.retry: expected one of any/],
    [scenario({ client: { lax: false } }), /lax: expected true, got false/],
    [
      scenario({ client: { certificateSchemes: ["x"] } }),
      /certificateSchemes\[0\]: expected one of/,
    ],
    [
      scenario({ server: { recordSizeLimit: 3 } }),
      /recordSizeLimit: expected a number from 64, got 3/,
    ],
    [
      scenario({ client: { externalKey: "zz" } }),
      /externalKey: expected bytes in hexadecimal, got "zz"/,
    ],
    // Steps
    [step({ from: "me", drop: true }), /steps\[0\]\.from: expected one of client, server/],
    [step({ on: "hello", drop: true }), /steps\[0\]\.on: expected one of/],
    [step({}), /steps\[0\]: expected exactly one of drop, hold, .*, got/],
    [step({ drip: true }), /steps\[0\]: expected exactly one of drop, .* got \{.*"drip"/],
    [
      step({ drop: true, hold: 1 }),
      /steps\[0\]: expected exactly one of drop, .*"drop":true,"hold":1/,
    ],
    [step({ drop: false }), /drop: expected true, got false/],
    [step({ nth: 0, drop: true }), /nth: expected a number from 1, got 0/],
    [step({ hold: "x" }), /hold: expected a number, got "x"/],
    [step({ duplicate: 1e12 }), /duplicate: expected at most 100000/],
    [step({ flip: { bite: 3 } }), /flip\.byte: expected a number, got nothing/],
    [step({ flip: {} }), /flip\.byte: expected a number, got nothing/],
    [step({ split: 3 }), /split: expected a list/],
    [step({ cut: "during" }), /cut: expected one of before, after/],
    [step({ forge: "x" }), /forge: expected finished/],
    [step({ sign: { key: "x" } }), /sign\.key: expected one of own/],
    [step({ sign: { scheme: "x" } }), /sign\.scheme: expected one of/],
    [step({ sign: { context: "x" } }), /sign\.context: expected one of client, server/],
    // Edits
    [step({ edit: [{ burn: "x" }] }), /edit\[0\]: expected exactly one of set, .*burn/],
    [step({ edit: [{ flip: "x", too: 1 }] }), /edit\[0\]\.too: expected no such member/],
    [step({ edit: [{ set: "random" }] }), /edit\[0\]\.to: expected .*, got nothing/],
    [step({ edit: [{ set: "", to: 1 }] }), /edit\[0\]\.set: expected more than nothing, got ""/],
    [step({ edit: [{ fill: "random" }] }), /edit\[0\]\.with: expected a number, got nothing/],
    [step({ edit: [{ extend: "random", by: 1e12 }] }), /edit\[0\]\.by: expected at most/],
    [step({ edit: [{ copy: "random" }] }), /fromEarlier: expected an object/],
    // Parcels
    [step({ before: { alert: "x" } }), /before: expected a list/],
    [step({ before: [{}] }), /before\[0\]: expected exactly one of message, record/],
    [step({ before: [{ alert: "nope" }] }), /alert: expected one of close_notify/],
    [step({ before: [{ record: "nope", content: "" }] }), /record: expected .*alert/],
    [step({ before: [{ message: "nope", body: {} }] }), /message: expected one of/],
    [step({ before: [{ record: 22, content: "", times: 1e9 }] }), /times: expected at most 100000/],
    [step({ before: [{ bytes: "0" }] }), /bytes: expected bytes in hexadecimal, got "0"/],
  ])("is refused with a reason: %s", (text, reason) => {
    expect(thrownBy(ScenarioError, () => readScenarios(text)).message).toMatch(reason);
  });

  it("does not run with ends that cannot be", () => {
    const [impossible] = readScenarios(scenario({ both: { policy: "cnsa2", groups: ["x25519"] } }));
    const error = thrownBy(ScenarioError, () =>
      runAttack(impossible!, { makeProvider: createNative }),
    );
    expect(error.message).toMatch(/^a: /);
  });

  it.each([
    [{ edit: [{ remove: "extensions.nothing" }] }, /client_hello has no extensions\.nothing/],
    [
      { edit: [{ set: "extensions.key_share[9].group", to: 1 }] },
      /nothing at 9 in extensions\.key_share/,
    ],
    [{ edit: [{ set: "random", to: "xyz" }] }, /random: bytes in hexadecimal/],
    [{ edit: [{ set: "random", to: "00" }] }, /cannot be written/],
    [{ edit: [{ set: "cipherSuites", to: ["TLS_NULL"] }] }, /a number or one of TLS_AES_128/],
    [{ edit: [{ swapParts: "random" }] }, /no components to swap/],
    [
      { edit: [{ fill: "extensions.key_share[0].keyExchange.x448", with: 0 }] },
      /x448 is not a component \(ML-KEM-768, x25519\)/,
    ],
    [{ flip: { byte: 99_999 } }, /has no byte 99999/],
    [{ nth: 2, drop: true }, /nothing came to apply this to: client_hello 2 of the client: drop/],
    [{ forge: "finished" }, /takes the secrets/],
    [
      { instead: [{ earlier: { from: "server", on: "finished" } }] },
      /there was no finished of the server/,
    ],
    [
      { edit: [{ insert: "cipherSuites", value: 1, at: 99 }] },
      /^mine: cipherSuites has no place 99: it ends at 2/,
    ],
    [{ edit: [{ truncate: "random", by: 33 }] }, /random has no 33 bytes to take off/],
  ])("cannot do what does not apply: %j", (action, reason) => {
    expect(thrownBy(ScenarioError, () => run(action)).message).toMatch(reason);
  });
});
