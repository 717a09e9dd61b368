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
    ["[1]", /scenario 1 must be an object/],
    ['{"steps":[]}', /scenario 1\.name must be a name .*, not nothing/],
    [scenario({ name: "../a" }), /name must be a name of letters/],
    [scenario({ speed: 1 }), /a has an unknown field "speed" \(name, steps, family/],
    ['{"name":"a"}', /a\.steps must be a list/],
    [scenario({ keys: "some" }), /a\.keys must be one of none, traffic, server, all, not "some"/],
    [scenario({ earlier: false }), /a\.earlier must be an object/],
    [scenario({ lost: "x" }), /a\.lost must be a list/],
    [scenario({ lost: [{ times: 0 }] }), /a\.lost\[0\]\.times must be a whole number/],
    [scenario({ replayTo: "me" }), /a\.replayTo must be one of another server/],
    [scenario({ replays: -1 }), /a\.replays must be a whole number from 1/],
    [scenario({ expect: { client: "opne" } }), /a\.expect\.client must be an object/],
    [scenario({ expect: { client: { outcome: "opne" } } }), /client\.outcome must be one of open/],
    [scenario({ expect: { client: { where: "x" } } }), /client\.outcome must be .*, not nothing/],
    [scenario({ expect: { agreed: { groop: "x" } } }), /agreed has an unknown field "groop"/],
    [scenario({ expect: { agreed: { retried: 1 } } }), /agreed\.retried must be true or false/],
    [scenario({ expect: { findings: ["nope"] } }), /findings\[0\] must be one of sentinel/],
    // Ends
    [scenario({ client: { colour: 1 } }), /a\.client has an unknown field "colour"/],
    [scenario({ client: { groups: "x25519" } }), /a\.client\.groups must be a list/],
    [scenario({ client: { groups: ["nope"] } }), /groups\[0\] must be one of X25519MLKEM768/],
    [scenario({ server: { credential: "nope" } }), /credential must be one of own/],
    [scenario({ server: { retry: "never" } }), /retry must be one of for-preferred/],
    [scenario({ server: { tickets: 1 } }), /tickets must be one of sealed/],
    [scenario({ client: { policy: { retry: "no" } } }), /policy\.retry must be one of any/],
    [scenario({ client: { lax: false } }), /lax must be true/],
    [scenario({ client: { certificateSchemes: ["x"] } }), /certificateSchemes\[0\] must be one of/],
    [scenario({ server: { recordSizeLimit: 3 } }), /a whole number from 64 to 16385, not 3/],
    [scenario({ client: { externalKey: "zz" } }), /externalKey must be bytes in hexadecimal/],
    // Steps
    [step({ from: "me", drop: true }), /steps\[0\]\.from must be one of client, server/],
    [step({ on: "hello", drop: true }), /steps\[0\]\.on must be one of/],
    [step({}), /exactly one action is expected, not none \(drop, hold/],
    [step({ drip: true }), /exactly one action is expected, not drip/],
    [step({ drop: true, hold: 1 }), /not drop and hold/],
    [step({ drop: false }), /drop must be true/],
    [step({ nth: 0, drop: true }), /nth must be one of a number from 1, every, not 0/],
    [step({ hold: "x" }), /hold must be a whole number/],
    [step({ duplicate: 1e12 }), /duplicate must be a whole number from 1 to 100000/],
    [step({ flip: { bite: 3 } }), /flip has an unknown field "bite"/],
    [step({ flip: {} }), /flip\.byte must be a whole number .*, not nothing/],
    [step({ split: 3 }), /split must be a list/],
    [step({ cut: "during" }), /cut must be one of before, after/],
    [step({ forge: "x" }), /forge must be one of finished/],
    [step({ sign: { key: "x" } }), /sign\.key must be one of own/],
    [step({ sign: { scheme: "x" } }), /sign\.scheme must be one of/],
    [step({ sign: { context: "x" } }), /sign\.context must be one of client, server/],
    // Edits
    [step({ edit: [{ burn: "x" }] }), /exactly one edit is expected, not burn \(set,/],
    [step({ edit: [{ flip: "x", too: 1 }] }), /edit\[0\] has an unknown field "too"/],
    [step({ edit: [{ set: "random" }] }), /edit\[0\]\.to is missing/],
    [step({ edit: [{ set: "", to: 1 }] }), /edit\[0\]\.set must be a path/],
    [step({ edit: [{ fill: "random" }] }), /edit\[0\]\.with must be a whole number/],
    [step({ edit: [{ extend: "random", by: 1e12 }] }), /edit\[0\]\.by must be a whole number/],
    [step({ edit: [{ copy: "random" }] }), /fromEarlier must be an object/],
    // Parcels
    [step({ before: { alert: "x" } }), /before must be a list/],
    [step({ before: [{}] }), /exactly one parcel is expected, not none/],
    [step({ before: [{ alert: "nope" }] }), /alert must be one of close_notify/],
    [step({ before: [{ record: "nope", content: "" }] }), /record must be one of alert/],
    [step({ before: [{ message: "nope", body: {} }] }), /message must be one of/],
    [step({ before: [{ record: 22, content: "", times: 1e9 }] }), /times must be a whole number/],
    [step({ before: [{ bytes: "0" }] }), /bytes must be bytes in hexadecimal, not "0"/],
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
      /x448 is no component \(ML-KEM-768, x25519\)/,
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
