// @ts-check
/** Faults in the transcript, in what Finished covers, and in what binds both to a connection (RFC 9846 §4.1, §4.5.3). */
const transcript = "test/schedule/transcript.test.ts";
const proof = "test/schedule/proof.test.ts";
const peerFlight = "test/handshake/authentication/peer-flight.test.ts";
const rfc8448 = "test/scenario/rfc8448.test.ts";
const later = "test/scenario/later-authentication.test.ts";
const resumption = "test/scenario/resumption.test.ts";
const mutual = "test/scenario/negotiation.test.ts";
const early = "test/scenario/early-data.test.ts";

/** @type {import("../list.mjs").Fault[]} */
export default [
  {
    name: "hash-of-an-earlier-moment",
    file: "src/schedule/transcript.ts",
    find: "    this.#current = undefined;\n",
    replace: "",
    tests: [transcript, peerFlight],
    observable: "peer",
  },
  {
    name: "fork-shares-its-parent",
    file: "src/schedule/transcript.ts",
    find: "this.#running.copy()",
    replace: "this.#running",
    tests: [transcript, later],
    observable: "peer",
  },
  {
    name: "retry-keeps-the-first-hello-whole",
    file: "src/schedule/transcript.ts",
    find: "concat(header, hash.digest(clientHello))",
    replace: "clientHello",
    tests: [transcript],
    observable: "peer",
  },
  {
    name: "retry-leaves-itself-out",
    file: "src/schedule/transcript.ts",
    find: "    buffer.add(helloRetryRequest);\n",
    replace: "",
    tests: [transcript],
    observable: "peer",
  },
  {
    name: "message-hash-of-another-type",
    file: "src/schedule/transcript.ts",
    find: "HandshakeType.message_hash, 0, 0",
    replace: "HandshakeType.client_hello, 0, 0",
    tests: [transcript],
    observable: "peer",
  },
  {
    name: "binder-covers-its-own-hello-only",
    file: "src/schedule/transcript.ts",
    find: "this.#messages.length === 0 ? partial",
    replace: "true ? partial",
    tests: [transcript, resumption],
    observable: "peer",
  },
  {
    name: "client-leaves-encrypted-extensions-out",
    file: "src/handshake/client/parameters.ts",
    find: "  transcript.add(raw);\n",
    replace: "",
    tests: [peerFlight, rfc8448],
    observable: "peer",
  },
  {
    name: "server-leaves-encrypted-extensions-out",
    file: "src/handshake/server/parameters.ts",
    find: 'transcript.add(send(link, "encrypted_extensions", { extensions: parameters }));',
    replace: 'link.send("encrypted_extensions", { extensions: parameters });',
    tests: [peerFlight, rfc8448],
    observable: "peer",
  },
  {
    name: "server-leaves-its-request-out",
    file: "src/handshake/server/parameters.ts",
    find: 'transcript.add(send(link, "certificate_request", request));',
    replace: 'link.send("certificate_request", request);',
    tests: [peerFlight, mutual],
    observable: "peer",
  },
  {
    name: "certificate-left-out-of-what-is-signed",
    file: "src/handshake/authentication/own-flight.ts",
    find: "transcript.add(certificate);\n",
    replace: "",
    tests: [peerFlight, rfc8448],
    observable: "peer",
  },
  {
    name: "peer-certificate-left-out",
    file: "src/handshake/authentication/peer-flight.ts",
    find: "flight.transcript.add(raw);",
    replace: "",
    tests: [peerFlight, rfc8448],
    observable: "peer",
  },
  {
    name: "certificate-verify-left-out",
    file: "src/handshake/authentication/peer-flight.ts",
    find: "transcript.add(verify.raw);",
    replace: "",
    tests: [peerFlight, rfc8448],
    observable: "peer",
  },
  {
    name: "declined-certificate-left-out",
    file: "src/handshake/authentication/own-flight.ts",
    find: "  transcript.add(message);\n",
    replace: "",
    tests: [peerFlight, mutual],
    observable: "peer",
  },
  {
    name: "server-leaves-the-end-of-early-data-out",
    file: "src/handshake/server/handshake.ts",
    find: "transcript.add(end.raw);",
    replace: "",
    tests: [early],
    observable: "peer",
  },
  {
    name: "finished-is-not-compared",
    file: "src/schedule/proof.ts",
    find: "if (!equal(expected, verifyData)) {",
    replace: "if (false) {",
    tests: [proof, peerFlight],
    observable: "peer",
  },
  {
    name: "finished-of-any-length",
    file: "src/schedule/proof.ts",
    find: "if (verifyData.length !== expected.length) {",
    replace: "if (false) {",
    tests: [proof, peerFlight],
    observable: "peer",
  },
  {
    name: "finished-under-the-other-ends-secret",
    file: "src/schedule/proof.ts",
    find: "VerifiedFinished.check(traffic.handshake[peer.role],",
    replace:
      'VerifiedFinished.check(traffic.handshake[peer.role === "client" ? "server" : "client"],',
    tests: [proof],
    observable: "peer",
  },
  {
    name: "finished-opens-the-other-direction",
    file: "src/schedule/proof.ts",
    find: "new VerifiedFinished(peer.role, traffic[peer.role])",
    replace:
      'new VerifiedFinished(peer.role, traffic[peer.role === "client" ? "server" : "client"])',
    tests: [proof],
    observable: "peer",
  },
  {
    name: "finished-of-another-connection",
    file: "src/schedule/proof.ts",
    find: "if (!peer.fits(traffic)) {",
    replace: "if (false) {",
    tests: [proof],
    observable: "local",
  },
  {
    name: "finished-covers-itself",
    file: "src/handshake/keys.ts",
    find: "const transcriptHash = transcript.current();\n  transcript.add(finished.raw);",
    replace: "transcript.add(finished.raw);\n  const transcriptHash = transcript.current();",
    tests: [peerFlight, rfc8448],
    observable: "peer",
  },
  {
    name: "later-finished-is-not-compared",
    file: "src/handshake/server/later-requests.ts",
    find: "VerifiedFinished.check(this.#link.readingSecret, transcript.current(), body.verifyData);",
    replace: "void body;",
    tests: [later],
    observable: "peer",
  },
  {
    name: "later-request-left-out",
    file: "src/handshake/client/later-request.ts",
    find: "  transcript.add(raw);\n",
    replace: "",
    tests: [later],
    observable: "peer",
  },
  {
    name: "exporter-without-secret",
    file: "src/schedule/secrets.ts",
    find: 'hkdfExpandLabel(hash, secret, "exporter", hash.digest(context), length)',
    replace:
      'hkdfExpandLabel(hash, constantsOf(hash).zeros, "exporter", hash.digest(context), length)',
    tests: [],
    scenarios: ["random-with-server-key", "psk-with-server-key"],
    observable: "peer",
  },
];
