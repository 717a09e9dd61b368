// @ts-check
/** Faults in extensions of the caller's own (RFC 9846 §4.3), and in what decides about compatibility records (Appendix E.4). */
const own = "test/extensions/own.test.ts";
const link = "test/record/link.test.ts";
const rfc8448 = "test/scenario/rfc8448.test.ts";
const withoutRecords = "test/handshake/without-records.test.ts";

/** @type {import("../list.mjs").Fault[]} */
export default [
  {
    name: "own-extension-in-any-message",
    file: "src/extensions/own.ts",
    find: "const stray = own.find((each) => keyOf(each) in block);",
    replace: "const stray = own.find(() => false);",
    tests: [own],
    observable: "peer",
  },
  {
    name: "own-extension-is-answered-unasked",
    file: "src/extensions/own.ts",
    find: "if (answer === undefined || heard !== undefined) return answer;",
    replace: "return answer;",
    tests: [own],
    observable: "local",
  },
  {
    name: "own-extension-is-the-engines",
    file: "src/extensions/own.ts",
    find: "if (known !== undefined && !hasNoMeaning(known.bodies)) {",
    replace: "if (false) {",
    tests: [own],
    observable: "local",
  },
  {
    name: "own-extension-aliases-the-message",
    file: "src/extensions/own.ts",
    find: "return data === undefined ? undefined : new Uint8Array(data as Uint8Array);",
    replace: "return data as Uint8Array | undefined;",
    tests: [own],
    observable: "local",
  },
  {
    name: "own-extension-is-not-checked",
    file: "src/handshake/client/parameters.ts",
    find: "  checkOwn(config.extensions, offer.own, extensions);\n",
    replace: "",
    tests: [own, withoutRecords],
    observable: "local",
  },
  {
    name: "own-extension-is-forgotten-by-the-server",
    file: "src/handshake/server/received-hello.ts",
    find: "if (isUnregistered(name) && !own.includes(name)) delete",
    replace: "if (isUnregistered(name)) delete",
    tests: [own],
    observable: "peer",
  },
  {
    name: "compatibility-record-is-late",
    file: "src/record/link.ts",
    find: "    this.#sendChangeCipherSpec();\n    this.#sender.enter",
    replace: "    this.#sender.enter",
    tests: [link],
    observable: "peer",
  },
  {
    name: "compatibility-record-without-a-session-id",
    file: "src/record/link.ts",
    find: "(hello[sessionIdLengthAt] ?? 0) > 0",
    replace: "true",
    tests: [link, rfc8448],
    observable: "peer",
  },
  {
    name: "alert-in-the-clear-after-early-data",
    file: "src/record/link.ts",
    find: 'if (this.role === "server" && this.readingEpoch === "plaintext") {',
    replace: 'if (this.role === "server") {',
    tests: [link],
    observable: "peer",
  },
  {
    name: "early-data-ends-by-message-everywhere",
    file: "src/handshake/client/handshake.ts",
    find: "if (link.hasEndOfEarlyData) transcript",
    replace: "transcript",
    tests: [withoutRecords],
    observable: "peer",
  },
];
