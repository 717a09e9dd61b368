// @ts-check
/** Faults in KeyUpdates (RFC 9846 §4.7.3, §5.5, §7.2). */
const updates = "test/scenario/key-update.test.ts";
const link = "test/record/link.test.ts";
const receiver = "test/record/receiver.test.ts";
const sender = "test/record/sender.test.ts";
const epoch = "test/record/epoch.test.ts";
const secrets = "test/schedule/secrets.test.ts";
const limits = "test/record/limits.test.ts";
const closing = "test/scenario/closing.test.ts";
const after = "test/handshake/client/after-handshake.test.ts";
const records = "test/scenario/bad-records.test.ts";

/** @type {import("../list.mjs").Fault[]} */
export default [
  {
    name: "next-key-is-the-same-key",
    file: "src/schedule/secrets.ts",
    find: 'new TrafficSecret(this.hash, this.derive("traffic upd", none), this.owner)',
    replace: "new TrafficSecret(this.hash, this.bytes.slice(), this.owner)",
    tests: [secrets],
    observable: "peer",
  },
  {
    name: "old-key-stays-after-an-update",
    file: "src/record/epoch.ts",
    find: "    this.wipe();\n    return successor;",
    replace: "    return successor;",
    tests: [epoch],
    observable: "local",
  },
  {
    name: "reader-stays-behind",
    file: "src/record/link.ts",
    find: "    this.#receiver.update();\n",
    replace: "",
    tests: [link, updates],
    observable: "peer",
  },
  {
    name: "writer-stays-behind",
    file: "src/record/sender.ts",
    find: "    this.#epoch = this.#epoch.next();\n",
    replace: "",
    tests: [sender, updates],
    observable: "peer",
  },
  {
    name: "update-inside-a-flight",
    file: "src/record/sender.ts",
    find: "    this.flush();\n    this.#epoch = this.#epoch.next();",
    replace: "    this.#epoch = this.#epoch.next();",
    tests: [sender, updates],
    observable: "peer",
  },
  {
    name: "request-is-not-answered",
    file: "src/record/link.ts",
    find: "else this.#answerOwed = true;",
    replace: "",
    tests: [link, updates],
    observable: "peer",
  },
  {
    name: "answer-asks-again",
    file: "src/record/link.ts",
    find: 'if (!this.#ended) this.#updateWriting("update_not_requested");',
    replace: 'if (!this.#ended) this.#updateWriting("update_requested");',
    tests: [link, updates],
    observable: "peer",
  },
  {
    name: "every-request-has-its-own-answer",
    file: "src/record/link.ts",
    find: "    this.#answerOwed = false;\n    if (!this.#ended)",
    replace: "    if (!this.#ended)",
    tests: [link, updates],
    observable: "peer",
  },
  {
    name: "requests-pile-up",
    file: "src/record/link.ts",
    find: 'request === "update_requested" && this.#updateAsked',
    replace: "false",
    tests: [link, updates],
    observable: "peer",
  },
  {
    name: "updates-without-end",
    file: "src/record/link.ts",
    find: "if (++this.#keyUpdatesInRow > this.#limits.keyUpdates) {",
    replace: "if (false) {",
    tests: [limits],
    observable: "peer",
  },
  {
    name: "empty-records-count-as-data-between-updates",
    file: "src/record/receiver.ts",
    find: "    return content.length === 0\n      ? undefined",
    replace: "    return content === undefined\n      ? undefined",
    tests: ["test/record/receiver.test.ts"],
    scenarios: ["key-update-flood-with-empty-data"],
    observable: "peer",
  },
  {
    name: "data-does-not-count-between-updates",
    file: "src/record/link.ts",
    find: "      this.#keyUpdatesInRow = 0;\n",
    replace: "",
    tests: [limits, link],
    observable: "peer",
  },
  {
    name: "answer-after-our-close",
    file: "src/record/link.ts",
    find: 'if (!this.#ended) this.#updateWriting("update_not_requested");',
    replace: 'this.#updateWriting("update_not_requested");',
    tests: [closing],
    observable: "peer",
    lives: "data is not sent after our close, and only data brings the answer",
  },
  {
    name: "unknown-request-is-taken",
    file: "src/handshake/key-update.ts",
    find: "if (body.requestUpdate > KeyUpdateRequest.update_requested) {",
    replace: "if (false) {",
    tests: [after, records],
    scenarios: ["key-update-value"],
    observable: "peer",
  },
  {
    name: "update-in-the-middle-of-a-record",
    file: "src/record/receiver.ts",
    find: "    this.expectBoundary();\n    this.#epoch?.wipe();",
    replace: "    this.#epoch?.wipe();",
    tests: [receiver, records],
    observable: "peer",
  },
  {
    name: "keys-protect-more-than-they-may",
    file: "src/record/sender.ts",
    find: "epoch.protection.records < epoch.recordLimit",
    replace: "true",
    tests: [sender, updates],
    observable: "peer",
  },
  {
    name: "keys-protect-one-record-too-many",
    file: "src/record/sender.ts",
    find: "epoch.protection.records < epoch.recordLimit",
    replace: "epoch.protection.records <= epoch.recordLimit",
    tests: [sender, updates],
    observable: "peer",
  },
];
