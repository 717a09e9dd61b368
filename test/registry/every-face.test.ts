/**
 * No public function takes an option and ignores it: each either refuses a name that it does not know, or stands
 * among those that take no options. One that is added and stands in neither list fails here.
 */
import { describe, expect, it } from "vitest";
import * as authority from "../../src/authority/index.ts";
import * as client from "../../src/client.ts";
import * as core from "../../src/index.ts";
import * as lab from "../../src/lab.ts";
import * as mesh from "../../src/mesh/index.ts";
import { Sockets } from "../../src/mesh/agent/sockets.ts";
import * as oqs from "../../src/oqs/index.ts";
import * as nodeFace from "../../src/node.ts";
import * as pki from "../../src/pki.ts";
import * as probe from "../../src/probe/index.ts";

const node = { ...pki, ...nodeFace };
const any = undefined as never;
const certificate = { der: any, subject: any, publicKey: any } as never;
const { noble } = node;

const { PkiDirectory } = authority;
const done = () => {};
const sockets = new Sockets(any);
const signing = { provider: noble };

const name = "ann";
const names = { uri: ["spiffe://example.org/ann"] };
const key = noble.generateKey("ed25519");
const publicKey = node.encodePublicKey("ed25519", key.publicKey);
const privateKey = node.encodePrivateKey(key);
const csr = node.createCsr({ subject: {}, names, publicKey, privateKey, provider: noble });
const issuer = { serial: "01", name: "ca", issuer: "root" } as authority.Entry;

const silent = { takeOutput: () => [], receive() {} };
const talkers = { client: silent, server: silent };

const network = { up: { delay: 1 }, down: { delay: 1 } };
const quicSizes = { clientHello: 1, serverHello: 1, serverFlight: 1, clientFlight: 1 };

type Options = never;
const takers: Readonly<Record<string, (options: Options) => unknown>> = {
  CertificateCache: (o) => new node.CertificateCache(o),
  HttpsAgent: (o) => new node.HttpsAgent(o),
  HttpsServer: (o) => new node.HttpsServer(o),
  MemoryContinuityCache: (o) => new node.MemoryContinuityCache(o),
  MemoryHistory: (o) => new node.MemoryHistory(o),
  NetworkMedium: (o) => new lab.NetworkMedium(network, o),
  OnPath: (o) => new lab.OnPath(o),
  QuicRunner: (o) => new lab.QuicRunner(network, quicSizes, o),
  RedisReplayGuard: (o) => new node.RedisReplayGuard(any, o),
  RedisTicketStore: (o) => new node.RedisTicketStore(any, o),
  Renewer: (o) => new node.Renewer(any, o),
  Rotating: (o) => new node.Rotating(any, o),
  Runner: (o) => new lab.Runner(network, { client: [], server: [] }, o),
  TlsServer: (o) => new node.TlsServer(o),
  TlsSocket: (o) => new node.TlsSocket(any, o),
  admitByToken: (o) => authority.admitByToken(any, o, noble),
  admitKey: (o) => authority.admitKey(any, o),
  allow: (o) => node.allow([o]),
  answer: (o) => authority.answer(any, { issuer, certificates: [] }, o, signing),
  approveRequest: (o) => authority.approveRequest(any, o),
  bundleOf: (o) => authority.bundleOf([], o),
  certifyRequest: (o) => authority.certifyRequest(any, o, signing),
  certifyService: (o) => authority.certifyService(any, o, signing),
  compositeScheme: (o) => node.compositeScheme("MLDSA65-Ed25519-SHA512", o),
  connect: (o) => node.connect(o),
  createClientConnection: (o) => node.createClientConnection(o),
  createClientProbe: (o) => probe.createClientProbe(o),
  createCredential: (o) => node.createCredential(o),
  createKemCredential: (o) => node.createKemCredential(o),
  createCsr: (o) => node.createCsr(o),
  createDevelopmentCa: (o) => node.createDevelopmentCa(o),
  createHttp2Server: (o) => node.createHttp2Server(o),
  createHttpsServer: (o) => node.createHttpsServer(o),
  createNative: (o) => node.createNative(o),
  createNoble: (o) => node.createNoble(o),
  createSecureContext: (o) => node.createSecureContext(o),
  createServer: (o) => node.createServer(o),
  createServerConnection: (o) => node.createServerConnection(o),
  createServerContext: (o) => node.createServerContext(o),
  delegate: (o) => node.delegate(o),
  draftCertificate: (o) => node.draftCertificate(o),
  draftCrl: (o) => node.draftCrl(o),
  draftCsr: (o) => node.draftCsr(o),
  draftForRequest: (o) => node.draftForRequest(any, o, any),
  draftOcspResponse: (o) => node.draftOcspResponse(o),
  draftUnderProfile: (o) => node.draftUnderProfile(o, any, any),
  crossSign: (o) => authority.crossSign(any, o, signing),
  encodeOcspRequest: (o) => node.encodeOcspRequest(o),
  encryptPrivateKey: (o) => node.encryptPrivateKey({ pkcs8: new Uint8Array(0) }, "", o),
  enrol: (o) => authority.enrol(any, o, signing),
  extendProvider: (o) => node.extendProvider(noble, o),
  firstSettings: (o) => authority.firstSettings(o),
  importDelegation: (o) => node.importDelegation(o),
  importPsk: (o) => node.importPsk(noble, o, "sha256"),
  isWaiting: (o) => authority.isWaiting(any, any, o),
  issue: (o) => authority.issue(any, o, signing),
  issueCertificate: (o) => node.issueCertificate(o),
  issueCrl: (o) => node.issueCrl(o),
  issueOcspResponse: (o) => node.issueOcspResponse(o),
  issueRoot: (o) => authority.issueRoot(any, o, signing),
  issueUnderProfile: (o) => node.issueUnderProfile(o, any),
  joinMesh: (o) => mesh.joinMesh(o),
  judgeAgain: (o) => node.judgeAgain("client", any, any, o),
  keepRequest: (o) => authority.keepRequest(any, any, o),
  loadOqs: (o) => oqs.loadOqs([], o),
  ledgerOf: (o) => lab.ledgerOf(any, o),
  explain: (o) => lab.explain({ events: [], keyLog: [] }, o),
  ticketKeys: (o) => lab.ticketKeys({ events: [], keyLog: [] }, o),
  measureHandshake: (o) => lab.measureHandshake(any, o),
  nameConstraints: (o) => node.nameConstraints(o),
  openAuthority: (o) => mesh.openAuthority(o),
  oqsProvider: (o) => oqs.oqsProvider(o),
  openToken: (o) => node.openToken(o),
  parsePrivateKey: (o) => node.parsePrivateKey("", o),
  prepareClient: (o) => node.prepareClient(o),
  prepareServer: (o) => node.prepareServer(o),
  probeServer: (o) => probe.probeServer(o),
  captureOf: (o) => lab.captureOf([], o),
  inspectCapture: (o) => lab.inspectCapture([], o),
  inspectTrace: (o) => lab.inspectTrace({ events: [], keyLog: [] }, o),
  publishList: (o) => authority.publishList(any, o, signing),
  pump: (o) => lab.pump(talkers, o),
  pumpAsync: (o) => lab.pumpAsync(talkers, o),
  readTrace: (o) => lab.readTrace({ events: [], keyLog: [] }, o),
  recordAttack: (o) => lab.recordAttack(any, o),
  register: (o) => authority.register(any, o),
  renew: (o) => authority.renew(any, o, signing),
  renewRegistered: (o) => authority.renewRegistered(any, o, signing),
  revoke: (o) => authority.revoke(any, o, "superseded"),
  revokeSuperseded: (o) => authority.revokeSuperseded(any, o),
  rollRoot: (o) => authority.rollRoot(any, o, signing),
  rotatingTickets: (o) => node.rotatingTickets(noble, o),
  markdown: (o) => lab.markdown({ title: "", lead: [], warnings: [], sections: [] }, o),
  writePkcs12: (o) => authority.writePkcs12(any, "", o),
  resolveExperiment: (o) => lab.resolveExperiment(lab.studyOf("paquin2020"), o),
  runExperiment: (o) =>
    lab.runExperiment(lab.resolveExperiment(lab.experimentOf({ name: "a" })), o),
  validate: (o) => lab.validate(["paquin2020"], o),
  runAttack: (o) => lab.runAttack(any, o),
  runPlan: (o) => lab.runPlan(any, o),
  runHandshake: (o) => lab.runHandshake(o),
  runLoad: (o) => lab.runLoad(network, { client: [], server: [] }, o),
  sealedTickets: (o) => node.sealedTickets(any, o),
  setUp: (o) => lab.setUp(o),
  signRequest: (o) => node.signRequest(any, o),
  storedTickets: (o) => node.storedTickets(any, any, o),
  symmetric: (o) => lab.symmetric(o),
  toWebStreams: (o) => node.toWebStreams(any, any, o),
  traceRun: (o) => lab.traceRun(network, { client: [], server: [] }, 0, o),
  verifyAgainst: (o) => node.verifyAgainst(node.createTrustStore([]), o),
  verifyChain: (o) => node.verifyChain(o),
  verifyWorkload: (o) => node.verifyWorkload(node.createTrustStore([]), o),
  webSocketStreams: (o) => node.webSocketStreams(any, o),
  writeWhole: (o) => authority.writeWhole("", "", o),
};

/** Of what a constructor, or another function, makes. */
const methods: typeof takers = {
  "Mesh.agent": (o) => sockets.agent(o),
  "Mesh.connect": (o) => sockets.connect(o),
  "Mesh.httpsServer": (o) => sockets.httpsServer(o),
  "Mesh.createServer": (o) => sockets.server(o),
  "PkiDirectory.change": (o) => PkiDirectory.change("", done, o),
  "PkiDirectory.create": (o) => PkiDirectory.create("", authority.firstSettings({}), done, o),
  "PkiDirectory.create: settings": (o) => PkiDirectory.create("", o, done),
  "PkiDirectory.prototype.change": (o) => PkiDirectory.prototype.change.call(any, done, o),
  "answer: question": (o) => authority.answer(any, o, { lifetime: 1 }, signing),
};

/** What signs is checked wherever it is given. */
const signed: typeof takers = {
  answer: (o) => authority.answer(any, { issuer, certificates: [] }, { lifetime: 1 }, o),
  certifyRequest: (o) => authority.certifyRequest(any, { name, profile: "peer", csr }, o),
  certifyService: (o) =>
    authority.certifyService(any, { issuer: "ca", names, publicKey, lifetime: 1 }, o),
  crossSign: (o) => authority.crossSign(any, { name, certificate }, o),
  enrol: (o) => authority.enrol(any, { csr }, o),
  issue: (o) => authority.issue(any, { name, profile: "peer", names }, o),
  issueRoot: (o) =>
    authority.issueRoot(any, { name, subject: {}, algorithm: "ed25519", lifetime: 1 }, o),
  publishList: (o) => authority.publishList(any, { issuer, isDelta: false, lifetime: 1 }, o),
  renew: (o) => authority.renew(any, { name }, o),
  renewRegistered: (o) => authority.renewRegistered(any, { csr, serial: "01" }, o),
  rollRoot: (o) => authority.rollRoot(any, { name, overlap: 1 }, o),
};

/** By the kind of what they take. A value is what another function gave, or a definition of the caller's own. */
const others: Readonly<Record<string, readonly string[]>> = {
  "bytes, texts, numbers and clocks": [
    "Cores",
    "AuthorityError",
    "isName",
    "isReason",
    "parseBundle",
    "readPkcs12",
    "parseDuration",
    "printDuration",
    "MemoryReplayGuard",
    "MemoryTicketStore",
    "crlDistributionPoint",
    "decodePem",
    "encodePem",
    "getCACertificates",
    "ocspLocations",
    "padToMultipleOf",
    "parseCertificate",
    "parseCertificates",
    "parseCrl",
    "parseCrls",
    "parseCsr",
    "parseOcspRequest",
    "parseOcspResponse",
    "parseSpiffeId",
    "parseTrace",
    "parseVectors",
    "readCorpus",
    "readPlan",
    "readScenarios",
    "seededRandom",
    "sodiumProvider",
    "tapeTraces",
    "traceJsonSchema",
  ],
  "messages, and what was observed of them": [
    "annotateMessage",
    "decodeMessage",
    "dumpAnyMessage",
    "dumpMessage",
    "encodeMessage",
    "explainedPage",
    "formatTrace",
    "messageFacts",
    "messageType",
    "negotiatedFacts",
    "sentenceOf",
    "watchExchange",
    "watchHandshake",
    "wireFacts",
  ],
  "values that others gave": [
    "PkiDirectory",
    "askAbout",
    "cameEarly",
    "tlsErrorOf",
    "TlsSocketError",
    "askedIn",
    "audit",
    "check",
    "chooseAuthority",
    "chooseProfile",
    "counts",
    "generateKeyPair",
    "graceOf",
    "isAdmitted",
    "keyHash",
    "keyToPem",
    "onlyIssuer",
    "pendingRequests",
    "bundleOfDirectory",
    "cutJournal",
    "prune",
    "refuseRequest",
    "trustedRoots",
    "unregister",
    "KeyLogSecrets",
    "TicketKeys",
    "carry",
    "compositeAlgorithm",
    "createDecapsulator",
    "createSigner",
    "createTrustStore",
    "describeFinding",
    "deserializePsk",
    "encodeDelegation",
    "encodePrivateKey",
    "encodePublicKey",
    "extensionName",
    "findingsOf",
    "engineAdapter",
    "generateHandshakes",
    "generateShares",
    "isHybrid",
    "isPostQuantum",
    "isVouchedFor",
    "joinInMemory",
    "joinInMemoryAsync",
    "metered",
    "predictShares",
    "providerAdapter",
    "publicKeyOf",
    "replay",
    "replayTape",
    "resolverOf",
    "resumed",
    "rotatingTrust",
    "runCorpus",
    "serializePsk",
    "shareSizes",
    "signAndVerify",
    "signDraft",
    "signDraftWith",
    "spiffeIdOf",
    "validityOf",
    "verifyCsr",
    "voucherOf",
    "warmUp",
  ],
  "experiments and reports, which schemas read": [
    "exampleExperiment",
    "experimentJsonSchema",
    "experimentOf",
    "experimentReport",
    "figuresOf",
    "kemSize",
    "loadRenderer",
    "manifestOf",
    "mergeParts",
    "page",
    "readExperiment",
    "readManifest",
    "readRow",
    "rowLine",
    "seedFor",
    "signatureSize",
    "studyOf",
    "svgFile",
  ],
  "a definition, which may have members of the caller's own": [
    "defineGroup",
    "defineKemScheme",
    "defineScheme",
    "defineSuite",
  ],
  "made by the engine alone, or a question of the engine's": [
    "Connection",
    "InvalidKemInput",
    "ExperimentError",
    "InvalidKey",
    "PlanError",
    "Mesh",
    "Refused",
    "RunningAuthority",
    "ScenarioError",
    "TlsError",
    "Token",
    "TrustedKey",
    "CaptureError",
    "TraceFileError",
    "UnknownFormat",
    "UnreadableCorpus",
    "Unsupported",
    "VerifiedChain",
    "acceptAnyCertificate",
  ],
};

const functions = Object.entries({ ...node, ...lab, ...mesh, ...authority, ...oqs, ...probe })
  .filter(([, value]) => typeof value === "function")
  .map(([each]) => each);

it("every public function stands in one of the two lists", () => {
  const listed = [...Object.keys(takers), ...Object.values(others).flat()];
  expect(functions.toSorted()).toEqual(listed.toSorted());
});

const all = [
  ...Object.entries({ ...takers, ...methods }),
  ...Object.entries(signed).map(([what, take]) => [`what signs for ${what}`, take] as const),
];

describe.each(all)("%s", (_, take) => {
  it("refuses a name that it does not know", async () => {
    const options = { misspelt: 1 } as never;
    await expect((async () => await take(options))()).rejects.toThrow(/has no option misspelt/);
  });

  it("refuses what is no object of options", async () => {
    for (const options of [null, []]) {
      await expect((async () => await take(options as never))()).rejects.toThrow(TypeError);
    }
  });
});

/** Of the face for pages, which has functions of its own under the core's names. */
const ofPages: Readonly<Record<string, (options: Options) => unknown>> = {
  CertificateCache: (o) => new client.CertificateCache(o),
  MemoryHistory: (o) => new client.MemoryHistory(o),
  createClientConnection: (o) => client.createClientConnection(o),
  prepareClient: (o) => client.prepareClient(o),
  toWebStreams: (o) => client.toWebStreams(any, any, o),
  verifyAgainst: (o) => client.verifyAgainst(client.createTrustStore([]), o),
  webSocketStreams: (o) => client.webSocketStreams(any, o),
};

describe.each(Object.entries(ofPages))("%s of the client's face", (_, take) => {
  it("refuses a name that it does not know", () => {
    expect(() => take({ misspelt: 1 } as never)).toThrow(/has no option misspelt/);
  });
});

it("every function of the client's face is one of these, or takes no options", () => {
  const own = Object.entries(client)
    .filter(([, value]) => typeof value === "function")
    .map(([each]) => each);
  const none = ["Connection", "TlsError", "createTrustStore", "sodiumProvider"];
  expect(own.toSorted()).toEqual([...Object.keys(ofPages), ...none].toSorted());
});

describe("a connection of the engine", () => {
  it("has other names than a server that listens", () => {
    expect(core.createClient).toBe(core.createClientConnection);
    expect(core.createServer).toBe(core.createServerConnection);
    expect(nodeFace.createServerConnection).toBe(core.createServerConnection);
    expect(nodeFace.createServer).not.toBe(core.createServerConnection);
    expect(nodeFace).not.toHaveProperty("createClient");
  });
});
