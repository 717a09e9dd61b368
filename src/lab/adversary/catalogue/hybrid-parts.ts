import { type Group, groups, isHybrid, isPostQuantum } from "../../../groups/index.ts";
import { kemParameters, type KemName } from "../../../crypto/index.ts";
import type { AttackScenario, Expectation } from "../scenario.ts";
import type { Edit } from "../step.ts";
import { noticed } from "./expectations.ts";

/** The groups of RFC 10024: what may be done to their two parts, in both directions. */
const hybrids = groups.filter((group) => isHybrid(group) && isPostQuantum(group) && !group.draft);

const badAtServer: Expectation = { client: "told illegal_parameter", server: "bad_key_share" };
const badAtClient: Expectation = { client: "bad_key_share", server: "told illegal_parameter" };

interface Change {
  readonly name: string;
  readonly does: string;
  readonly edit: Edit;
  readonly expect: Expectation;
}

function clientChanges(classical: string, lattice: string): Change[] {
  const share = "extensions.key_share[0].keyExchange";
  return [
    { name: "swap", does: "swaps its parts", edit: { swapParts: share }, expect: badAtServer },
    {
      name: "zero-classical",
      does: `fills its ${classical} part with zeros`,
      edit: { fill: `${share}.${classical}`, with: 0 },
      expect: badAtServer,
    },
    {
      name: "non-reduced",
      does: `fills its ${lattice} part with coefficients that are not reduced`,
      edit: { fill: `${share}.${lattice}`, with: 0xff },
      expect: badAtServer,
    },
    {
      name: "zero-lattice",
      does: `fills its ${lattice} part with zeros, which is a well-formed key`,
      edit: { fill: `${share}.${lattice}`, with: 0 },
      expect: noticed,
    },
    {
      name: "truncate",
      does: "takes its last byte off",
      edit: { truncate: share, by: 1 },
      expect: badAtServer,
    },
    {
      name: "stretch",
      does: "puts a byte behind it",
      edit: { extend: share, by: 1 },
      expect: badAtServer,
    },
    {
      name: "classical-only",
      does: `leaves only its ${classical} part`,
      edit: { remove: `${share}.${lattice}` },
      expect: badAtServer,
    },
    {
      name: "lattice-only",
      does: `leaves only its ${lattice} part`,
      edit: { remove: `${share}.${classical}` },
      expect: badAtServer,
    },
  ];
}

function serverChanges(classical: string, lattice: string): Change[] {
  const share = "extensions.key_share.keyExchange";
  const checksPoint = classical !== "x25519";
  return [
    {
      name: "swap",
      does: checksPoint
        ? "swaps its parts"
        : "swaps its parts; any bytes are an x25519 key and a ciphertext",
      edit: { swapParts: share },
      expect: checksPoint ? badAtClient : noticed,
    },
    {
      name: "zero-classical",
      does: `fills its ${classical} part with zeros`,
      edit: { fill: `${share}.${classical}`, with: 0 },
      expect: badAtClient,
    },
    {
      name: "zero-ciphertext",
      does: `fills its ${lattice} ciphertext with zeros: implicit rejection`,
      edit: { fill: `${share}.${lattice}`, with: 0 },
      expect: noticed,
    },
    {
      name: "flip-ciphertext",
      does: `changes a bit of its ${lattice} ciphertext: implicit rejection`,
      edit: { flip: `${share}.${lattice}`, byte: 7 },
      expect: noticed,
    },
    {
      name: "truncate",
      does: "takes its last byte off",
      edit: { truncate: share, by: 1 },
      expect: badAtClient,
    },
    {
      name: "stretch",
      does: "puts a byte behind it",
      edit: { extend: share, by: 1 },
      expect: badAtClient,
    },
    {
      name: "classical-only",
      does: `leaves only its ${classical} part`,
      edit: { remove: `${share}.${lattice}` },
      expect: badAtClient,
    },
  ];
}

const namesOf = ({ kems }: Group): { classical: string; lattice: string } => {
  const names = kems.filter((kem): kem is KemName => typeof kem === "string");
  const lattice = names.find((name) => kemParameters[name].postQuantum) ?? "";
  return { lattice, classical: names.find((name) => name !== lattice) ?? "" };
};

export const hybridParts: readonly AttackScenario[] = hybrids.flatMap((group) => {
  const { classical, lattice } = namesOf(group);
  const scenario = (from: "client" | "server", change: Change): AttackScenario => ({
    name: `${group.name.toLowerCase()}-${from}-${change.name}`,
    family: "hybrid parts",
    does: `Takes the ${from}'s ${group.name} share and ${change.does}`,
    section: "RFC 10024 §4.2–4.3",
    both: { groups: [group.name] },
    steps: [{ from, on: `${from}_hello`, edit: [change.edit] }],
    expect: change.expect,
  });
  return [
    ...clientChanges(classical, lattice).map((change) => scenario("client", change)),
    ...serverChanges(classical, lattice).map((change) => scenario("server", change)),
  ];
});
