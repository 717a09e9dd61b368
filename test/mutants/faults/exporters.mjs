// @ts-check
/** Faults in exporters and in what they are bound to (RFC 9846 §7.5, RFC 9266). */
const secrets = "test/schedule/secrets.test.ts";
const early = "test/scenario/early-data.test.ts";
const connection = "test/connection/connection.test.ts";
const keyLog = "test/handshake/key-logger.test.ts";
const rfc8448 = "test/scenario/rfc8448.test.ts";

/** @type {import("../list.mjs").Fault[]} */
export default [
  {
    name: "exporter-ignores-its-context",
    file: "src/schedule/secrets.ts",
    find: "hash.digest(context), length",
    replace: "hash.digest(none), length",
    tests: [secrets],
    observable: "peer",
  },
  {
    name: "exporter-ignores-its-label",
    file: "src/schedule/secrets.ts",
    find: "consume(this.derive(label, constantsOf(hash).emptyHash)",
    replace: 'consume(this.derive("exporter", constantsOf(hash).emptyHash)',
    tests: [secrets],
    observable: "peer",
  },
  {
    name: "exporter-of-the-resumption-secret",
    file: "src/schedule/secrets.ts",
    find: 'this.derive("exp master", serverFinished)',
    replace: 'this.derive("res master", serverFinished)',
    tests: [secrets],
    observable: "peer",
  },
  {
    name: "early-exporter-is-the-traffic-secret",
    file: "src/schedule/secrets.ts",
    find: 'this.derive("e exp master", clientHello)',
    replace: 'this.derive("c e traffic", clientHello)',
    tests: [secrets],
    observable: "peer",
  },
  {
    name: "client-exports-too-early",
    file: "src/handshake/client/handshake.ts",
    find: "const { verifyData: theirs, transcriptHash } = yield* expectFinished(transcript);\n  const { traffic, exporter } = applicationKeys(main, transcript, keyLog);\n",
    replace:
      "const { traffic, exporter } = applicationKeys(main, transcript, keyLog);\n  const { verifyData: theirs, transcriptHash } = yield* expectFinished(transcript);\n",
    tests: [rfc8448, "test/scenario/watching.test.ts", connection],
    observable: "peer",
  },
  {
    name: "exports-after-the-end",
    file: "src/connection/connection.ts",
    find: 'if (this.#established === undefined || this.#over) {\n      throw new TlsError("misuse", `nothing to export',
    replace:
      'if (this.#established === undefined) {\n      throw new TlsError("misuse", `nothing to export',
    tests: [connection, "test/scenario/closing.test.ts"],
    observable: "local",
    lives: "the exporter's secret is wiped by then, and refuses too",
  },
  {
    name: "early-exporter-of-refused-data",
    file: "src/connection/connection.ts",
    find: '|| earlyData !== "accepted" ||',
    replace: "||",
    tests: [early],
    observable: "local",
  },
  {
    name: "key-log-names-the-other-direction",
    file: "src/handshake/key-logger.ts",
    find: "this.#clientRandom, secrets.client.reveal()",
    replace: "this.#clientRandom, secrets.server.reveal()",
    tests: [keyLog],
    observable: "local",
  },
  {
    name: "key-log-of-an-early-exporter-is-the-other",
    file: "src/handshake/key-logger.ts",
    find: 'this.exporter("EARLY_EXPORTER_SECRET", exporter);',
    replace: 'this.exporter("EXPORTER_SECRET", exporter);',
    tests: [keyLog, early],
    observable: "local",
  },
];
