// @ts-check
/** Faults in an authority's lists and answers, in the mesh, and in what is held against other implementations. */
const lists = "test/authority/authority.test.ts";
const mesh = "test/mesh/mesh.test.ts";
const verdict = "test/interop/verdict.test.ts";
const packets = ["test/lab/capture/read.test.ts", "test/lab/capture/connections.test.ts"];

/** @type {import("../list.mjs").Fault[]} */
export default [
  {
    name: "list-with-the-number-of-the-last",
    file: "src/authority/lists.ts",
    find: "const number = before.last + 1;",
    replace: "const number = Math.max(before.last, 1);",
    tests: [lists],
    observable: "peer",
  },
  {
    name: "list-of-all-authorities",
    file: "src/authority/lists.ts",
    find: "entry.issuer === issuer && belongs(entry)",
    replace: "belongs(entry)",
    tests: [lists],
    observable: "peer",
  },
  {
    name: "delta-with-all-that-is-revoked",
    file: "src/authority/lists.ts",
    find: "const revoked = isDelta ? newIn(pki, name, before) : listed(pki, name, before);",
    replace: "const revoked = listed(pki, name, before);",
    tests: [lists],
    observable: "peer",
  },
  {
    name: "list-beside-one-that-the-journal-does-not-know",
    file: "src/authority/lists.ts",
    find: "  if (published <= last) return;\n",
    replace: "  return;\n",
    tests: [lists],
    observable: "local",
  },
  {
    name: "answer-about-a-root",
    file: "src/authority/responses.ts",
    find: 'if (entry.profile === "root") {',
    replace: "if (false) {",
    tests: ["test/cli/pki.test.ts"],
    observable: "local",
  },
  {
    name: "agent-calls-whoever-answers",
    file: "src/mesh/agent/sockets.ts",
    find: "    if (own === to) return verify(question);\n",
    replace: "    if (own === to || true) return verify(question);\n",
    tests: [mesh],
    observable: "peer",
  },
  {
    name: "new-terms-reach-no-server",
    file: "src/mesh/agent/sockets.ts",
    find: "[...this.#servers, ...this.#contexts.values()];",
    replace: "[...this.#contexts.values()];",
    tests: [mesh],
    observable: "peer",
  },
  {
    name: "connections-are-not-judged-again",
    file: "src/mesh/agent/sockets.ts",
    find: "const all: readonly Judged[] = [...this.#servers, ...this.#agents];",
    replace: "const all: readonly Judged[] = [];",
    tests: [mesh],
    observable: "peer",
  },
  {
    name: "other-alerts-pass",
    file: "src/interop/verdict.ts",
    find: "first?.from === end && (alerts as readonly string[]).includes(first.alert)",
    replace: "first?.from === end",
    tests: [verdict],
    observable: "local",
  },
  {
    name: "alerts-of-either-end-pass",
    file: "src/interop/verdict.ts",
    find: "first?.from === end && (alerts",
    replace: "first !== undefined && (alerts",
    tests: [verdict],
    observable: "local",
  },
  {
    name: "data-that-did-not-arrive-passes",
    file: "src/interop/verdict.ts",
    find: "if (!conversation.heard) problems.push",
    replace: "if (false) problems.push",
    tests: [verdict],
    observable: "local",
  },
  {
    name: "no-connection-passes",
    file: "src/interop/verdict.ts",
    find: "return { problems: [`no connection: ${why}`], unseen: [], seen: undefined };",
    replace: "return { problems: [], unseen: [why], seen: undefined };",
    tests: [verdict],
    observable: "local",
  },
  {
    name: "fragment-is-a-packet",
    file: "src/lab/capture/ip.ts",
    find: 'if ((uint16(ip, 6) & 0x3fff) !== 0) return "fragments";',
    replace: "",
    tests: packets,
    observable: "local",
  },
  {
    name: "one-vlan-tag-only",
    file: "src/lab/capture/ip.ts",
    find: "for (; vlanTags.includes(type); behind += 4) type = uint16(packet, behind + 2);",
    replace:
      "if (vlanTags.includes(type)) {\n    type = uint16(packet, behind + 2);\n    behind += 4;\n  }",
    tests: packets,
    observable: "local",
  },
];
