// @ts-check
/** Faults in what a caller brings along, in what a server has promised, and in how a stream ends. */
const promises = "test/scenario/pqc-continuity.test.ts";
const names = "test/connection/names.test.ts";
const ends = "test/connection/end-of-stream.test.ts";
const candidates = ["test/oqs/load.test.ts"];

/** @type {import("../list.mjs").Fault[]} */
export default [
  {
    name: "promise-without-end",
    file: "src/handshake/continuity.ts",
    find: "commitment !== undefined && now < commitment.until",
    replace: "commitment !== undefined",
    tests: [promises],
    observable: "peer",
  },
  {
    name: "promise-is-never-taken-back",
    file: "src/handshake/continuity.ts",
    find: "    cache.forget(key);\n    return;",
    replace: "    return;",
    tests: [promises],
    observable: "peer",
  },
  {
    name: "promise-of-any-length",
    file: "src/handshake/continuity.ts",
    find: "Math.min(period * 1000, longest)",
    replace: "period * 1000",
    tests: [promises],
    observable: "peer",
  },
  {
    name: "promise-is-kept-by-the-leaf-alone",
    file: "src/handshake/continuity.ts",
    find: "  chain.every(",
    replace: "  chain.slice(0, 1).every(",
    tests: [promises],
    observable: "peer",
  },
  {
    name: "promise-is-kept-by-keys-alone",
    file: "src/handshake/continuity.ts",
    find: "known.bySignature(signatureAlgorithm).some(({ postQuantum }) => postQuantum)",
    replace: "known.bySignature(signatureAlgorithm).length > 0",
    tests: [promises],
    observable: "peer",
  },
  {
    name: "promise-of-a-client-without-schemes",
    file: "src/handshake/continuity.ts",
    find: "if (schemes.some(({ postQuantum }) => postQuantum)) return;",
    replace: "return;",
    tests: [promises],
    observable: "peer",
  },
  {
    name: "own-value-is-not-checked",
    file: "src/connection/names.ts",
    find: "    registry.check(entry);\n",
    replace: "",
    tests: [names],
    observable: "local",
  },
  {
    name: "own-value-with-the-name-of-another",
    file: "src/connection/names.ts",
    find: "(name === entry.name) !== (code === entry.code)",
    replace: "name !== entry.name && code === entry.code",
    tests: [names],
    observable: "peer",
  },
  {
    name: "own-value-with-the-code-point-of-another",
    file: "src/connection/names.ts",
    find: "(name === entry.name) !== (code === entry.code)",
    replace: "name === entry.name && code !== entry.code",
    tests: [names],
    observable: "peer",
  },
  {
    name: "own-values-are-not-compared-with-each-other",
    file: "src/connection/names.ts",
    find: "[...registry.entries, ...own.slice(0, index)]",
    replace: "[...registry.entries]",
    tests: [names],
    observable: "peer",
  },
  {
    name: "end-of-stream-without-close-notify-is-an-end",
    file: "src/connection/connection.ts",
    find: '    const { expected } = this.#position();\n    this.#fail(\n      new TlsError("truncated"',
    replace:
      '    const { expected } = this.#position();\n    if (expected) return;\n    this.#fail(\n      new TlsError("truncated"',
    tests: [ends],
    observable: "peer",
  },
  {
    name: "candidate-takes-keys-of-any-length",
    file: "src/oqs/kem.ts",
    find: 'checkLength(name, "encapsulation key", publicKey, key);',
    replace: "",
    tests: candidates,
    observable: "peer",
  },
  {
    name: "candidate-keeps-its-secret-key",
    file: "src/oqs/kem.ts",
    find: "wipe: () => void held.wipe(),",
    replace: "wipe: () => undefined,",
    tests: candidates,
    observable: "local",
  },
  {
    name: "broken-promise-has-another-alert",
    file: "src/handshake/continuity.ts",
    find: '    "certificate_unknown",\n    "a certificate that is not post-quantum, where that was promised",',
    replace:
      '    "bad_certificate",\n    "a certificate that is not post-quantum, where that was promised",',
    tests: [],
    scenarios: [
      "promise-broken",
      "promise-given-anew-with-a-classical-certificate",
      "promise-by-a-classical-certificate",
    ],
    observable: "peer",
  },
  {
    name: "chain-is-never-post-quantum",
    file: "src/handshake/authentication/peer-flight.ts",
    find: "if (chain.length === certificateList.length && isPostQuantumChain(chain, knownSchemes))",
    replace: "if (false)",
    tests: [],
    scenarios: ["promise-kept"],
    observable: "peer",
  },
  {
    name: "promise-of-a-wrong-length-is-illegal",
    file: "src/extensions/pq-cert-available.ts",
    find: 'new TlsError("malformed", "pq_cert_available',
    replace: 'new TlsError("illegal_parameter", "pq_cert_available',
    tests: [],
    scenarios: ["promise-of-a-wrong-length"],
    observable: "peer",
  },
];
