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
    expect(plain.length).toBeGreaterThan(200);
    expect(read(plain)).toEqual(JSON.parse(JSON.stringify(plain)));
  });

  it("runs, and may leave out what has a default", () => {
    expect(run({ split: [10] })).toMatchObject({ asPredicted: true, client: { outcome: "open" } });
    expect(run({ drop: true }).problems).toEqual([
      "client: open was predicted, waiting it is",
      "server: open was predicted, waiting it is",
    ]);
  });

  it.each([
    ["{", /it is not JSON/],
    ["[1]", /the scenario must be an object/],
    ['{"name":"a","steps":[],"speed":1}', /the scenario has an unknown field "speed"/],
    ['{"name":"a"}', /a: steps must be a list/],
    ['{"name":"a","steps":[],"client":{"colour":1}}', /a: client has an unknown field "colour"/],
    ['{"name":"a","steps":[],"keys":"all"}', /a: keys must be one of none, traffic, server/],
    [
      '{"name":"a","steps":[{"from":"me","on":"finished","drop":true}]}',
      /steps\[0\]\.from must be/,
    ],
    ['{"name":"a","steps":[{"from":"client","on":"hello","drop":true}]}', /steps\[0\]\.on must be/],
    ['{"name":"a","steps":[{"from":"client","on":"finished"}]}', /exactly one action .* none/],
    [
      '{"name":"a","steps":[{"from":"client","on":"finished","drop":true,"hold":1}]}',
      /drop and hold/,
    ],
    [
      '{"name":"a","steps":[{"from":"client","on":"finished","edit":[{"burn":"x"}]}]}',
      /there is no edit "burn"/,
    ],
    [
      '{"name":"a","steps":[{"from":"client","on":"finished","edit":[{"flip":"x","too":1}]}]}',
      /unknown field "too"/,
    ],
  ])("is refused with a reason: %s", (text, reason) => {
    expect(thrownBy(ScenarioError, () => readScenarios(text)).message).toMatch(reason);
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
    [{ instead: [{ bytes: "0" }] }, /not hexadecimal/],
  ])("cannot do what does not apply: %j", (step, reason) => {
    expect(thrownBy(ScenarioError, () => run(step)).message).toMatch(reason);
  });
});
