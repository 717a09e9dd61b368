import { describe, expect, it } from "vitest";
import { hpkeReceiver } from "../../src/crypto/hpke.ts";
import { kemSchemes } from "../../src/crypto/index.ts";
import type { PeerQuestion } from "../../src/schedule/index.ts";
import {
  AcceptedPeer,
  AuthenticatedSecret,
  decapsulated,
  type DerivedSecret,
  Encapsulated,
  HandshakeSecret,
  hkdfExpandLabel,
  hkdfExtract,
  KemEarlySecret,
  KemMainSecret,
  KemSecret,
  PeerAuthentication,
  VerifiedFinished,
} from "../../src/schedule/index.ts";
import { encodePublicKey, parseCertificate } from "../../src/identity/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { ca, testTime } from "../support/identities.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { freshOwners } from "../support/secrets.ts";

const scheme = kemSchemes[0]!;
const [kemServer, kemClient] = [ca.issueKem({ names: ["a"] }), ca.issueKem({ names: ["b"] })];

describe.each(providers)("the key schedule of AuthKEM, with $name", ({ provider }) => {
  const hash = provider.hashes.sha256;
  const digest = (text: string): Uint8Array => hash.digest(utf8(text));
  const shared = new Uint8Array(32).fill(7);
  const derivedOf = (owners = freshOwners()): DerivedSecret =>
    HandshakeSecret.withoutPsk(hash, shared, owners).traffic(digest("hellos")).derived();
  const scheduleOf = (owners = freshOwners()) => ({ provider, hash, owners });
  const accepted = <R extends "client" | "server">(usage: R): AcceptedPeer<R> => {
    const { chain: issued } = usage === "server" ? kemServer : kemClient;
    // Read anew: a test spoils it
    const chain = [parseCertificate(issued[0]!.der.slice())];
    const question: PeerQuestion & { readonly usage: R } = {
      chain,
      rawPublicKey: undefined,
      usage,
      name: undefined,
      now: testTime,
      provider,
      resumed: false,
      ocspResponse: undefined,
      signedCertificateTimestamps: [],
    };
    return AcceptedPeer.ask(() => ({ chain }), question) as AcceptedPeer<R>;
  };

  // Figure in §4.3.1 of draft-celi-wiggers-tls-authkem-07, step by step
  it("is that of the draft", () => {
    const derive = (secret: Uint8Array, label: string, context = hash.digest(new Uint8Array(0))) =>
      hkdfExpandLabel(hash, secret, label, context, hash.length);
    const [zeros, ofServer, ofClient] = [0, 1, 2].map((fill) => new Uint8Array(32).fill(fill));
    const early = hkdfExtract(hash, zeros!, zeros!);
    const handshake = hkdfExtract(hash, derive(early, "derived"), shared);
    const authenticated = hkdfExtract(hash, derive(handshake, "derived"), ofServer!);
    const salt = derive(authenticated, "derived");

    for (const client of [undefined, ofClient]) {
      const owners = freshOwners();
      const secret = AuthenticatedSecret.of(
        derivedOf(owners),
        new KemSecret(hash, ofServer!.slice(), owners),
      );
      const traffic = secret.traffic(digest("encapsulation"));
      expect(traffic.client.reveal()).toEqual(
        derive(authenticated, "c ahs traffic", digest("encapsulation")),
      );
      expect(traffic.server.reveal()).toEqual(
        derive(authenticated, "s ahs traffic", digest("encapsulation")),
      );
      const main = secret.main(client && new KemSecret(hash, client.slice(), owners));
      const expected = hkdfExtract(hash, salt, client ?? zeros!);
      for (const [role, label] of [
        ["client", "c ap traffic"],
        ["server", "s ap traffic"],
      ] as const) {
        expect(main.traffic(role, digest("end")).reveal()).toEqual(
          derive(expected, label, digest("end")),
        );
        const key = derive(expected, `${role} finished`, new Uint8Array(0));
        expect(main.verifyData(role, digest("end"))).toEqual(hash.hmac(key, digest("end")));
      }
      expect(main.exporter(digest("end")).reveal()).toEqual(
        derive(expected, "exp master", digest("end")),
      );
      expect(main.resumption(digest("end")).psk(Uint8Array.of(0))).toEqual(
        hkdfExpandLabel(
          hash,
          derive(expected, "res master", digest("end")),
          "resumption",
          Uint8Array.of(0),
          32,
        ),
      );
    }
  });

  // draft-wiggers-tls-authkem-psk-05 §4.4.1, step by step
  it("is that of the draft where the server's key was known before", () => {
    const derive = (secret: Uint8Array, label: string, context = hash.digest(new Uint8Array(0))) =>
      hkdfExpandLabel(hash, secret, label, context, hash.length);
    const [zeros, ofServer, ofClient] = [0, 1, 2].map((fill) => new Uint8Array(32).fill(fill));
    const early = hkdfExtract(hash, zeros!, ofServer!);
    const handshake = hkdfExtract(hash, derive(early, "derived"), shared);
    for (const client of [undefined, ofClient]) {
      const owners = freshOwners();
      const server = new KemSecret(hash, ofServer!.slice(), owners);
      const secret = KemEarlySecret.of(server, owners);
      expect(secret.clientEarlyHandshakeTraffic(digest("hello")).reveal()).toEqual(
        derive(early, "c e hs traffic", digest("hello")),
      );
      const traffic = secret.handshake(shared).traffic(digest("hellos"));
      expect(traffic.client.reveal()).toEqual(derive(handshake, "c hs traffic", digest("hellos")));
      const own = client && new KemSecret(hash, client.slice(), owners);
      const main = KemMainSecret.ofStoredKey(traffic.derived(), own);
      const expected = hkdfExtract(hash, derive(handshake, "derived"), client ?? zeros!);
      expect(main.traffic("server", digest("end")).reveal()).toEqual(
        derive(expected, "s ap traffic", digest("end")),
      );
      const key = derive(expected, "server finished", new Uint8Array(0));
      expect(main.verifyData("server", digest("end"))).toEqual(hash.hmac(key, digest("end")));
      expect(main.restsOn("server")).toBe(server);
      expect(main.restsOn("client")).toBe(own);
      expect(() => server.take()).toThrow("wiped");
    }
    // A handshake that rests on no such key has no such main secret
    expect(tlsErrorOf(() => KemMainSecret.ofStoredKey(derivedOf())).code).toBe("internal");
  });

  it("gives what was encapsulated ahead for each hash", () => {
    const owners = freshOwners();
    const ahead = Encapsulated.ahead(accepted("server"), scheme, provider);
    const pair = provider.kems["ML-KEM-768"].importKeyPair!(kemServer.privateKey.seed!);
    for (const each of [hash, provider.hashes.sha384]) {
      const received = {
        publicKey: pair.publicKey,
        ciphertext: ahead.ciphertext,
        sharedSecret: pair.decapsulate(ahead.ciphertext),
      };
      const schedule = { provider, hash: each, owners };
      const theirs = decapsulated("server", scheme, received, schedule);
      expect(ahead.secretFor({ hash: each, owners }).take()).toEqual(theirs.take());
    }
    ahead.wipe();
    expect(() => ahead.secretFor({ hash, owners })).toThrow("wiped");
  });

  // §2.2, §4.3.2
  it("takes from HPKE what is for that end alone", () => {
    const owners = freshOwners();
    const sent = Encapsulated.to(accepted("server"), scheme, scheduleOf(owners));
    const { ciphertext } = sent;
    const pair = provider.kems["ML-KEM-768"].importKeyPair!(kemServer.privateKey.seed!);
    const context = hpkeReceiver(scheme.hpke, provider, pair, ciphertext, utf8("tls13 auth-kem"));
    const secret = context.export(utf8("server authentication"), 32);
    const received = {
      publicKey: pair.publicKey,
      ciphertext,
      sharedSecret: pair.decapsulate(ciphertext),
    };
    const trafficOf = (from: KemSecret) =>
      AuthenticatedSecret.of(derivedOf(), from).traffic(digest("x")).client.reveal();
    const ofServer = decapsulated(
      "server",
      scheme,
      { ...received, sharedSecret: received.sharedSecret.slice() },
      scheduleOf(owners),
    );
    const ofClient = decapsulated("client", scheme, received, scheduleOf(owners));
    const expected = trafficOf(new KemSecret(hash, secret, owners));
    expect(trafficOf(sent)).toEqual(expected);
    expect(trafficOf(ofServer)).toEqual(expected);
    expect(trafficOf(ofClient)).not.toEqual(expected);
    expect(received.sharedSecret).toEqual(new Uint8Array(32));
  });

  const mainOf = (server: KemSecret, client?: KemSecret) =>
    AuthenticatedSecret.of(derivedOf(), server).main(client);
  const verify = <R extends "client" | "server">(
    peer: PeerAuthentication<R>,
    main: ReturnType<typeof mainOf>,
    change: (mac: Uint8Array) => Uint8Array = (mac) => mac,
  ) => {
    const transcriptHash = digest("before");
    const verifyData = change(main.verifyData(peer.role, transcriptHash));
    return VerifiedFinished.verifyKem(peer, main, { verifyData, transcriptHash }, digest("after"));
  };

  it("opens a server's data for who encapsulated to its key in this very schedule", () => {
    const owners = freshOwners();
    const encapsulated = Encapsulated.to(accepted("server"), scheme, scheduleOf(owners));
    const other = Encapsulated.to(accepted("server"), scheme, scheduleOf(owners));
    const main = mainOf(encapsulated);
    const peer = PeerAuthentication.byEncapsulation(encapsulated);
    expect(peer).toMatchObject({ role: "server", method: "kem" });
    expect(verify(peer, main).secret.reveal()).toEqual(
      main.traffic("server", digest("after")).reveal(),
    );
    const flip = (mac: Uint8Array) => mac.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
    expect(tlsErrorOf(() => verify(peer, main, flip)).code).toBe("bad_finished");
    expect(tlsErrorOf(() => verify(peer, main, (mac) => mac.subarray(1))).code).toBe("malformed");
    const ofAnother = PeerAuthentication.byEncapsulation(other);
    expect(tlsErrorOf(() => verify(ofAnother, main)).code).toBe("internal");
  });

  it("knows a client by what was encapsulated to it, or as nobody where nothing was", () => {
    const owners = freshOwners();
    const secret = (): KemSecret => new KemSecret(hash, new Uint8Array(32), owners);
    const client = Encapsulated.to(accepted("client"), scheme, scheduleOf(owners));
    const main = mainOf(secret(), client);
    expect(verify(PeerAuthentication.byEncapsulation(client), main).role).toBe("client");
    const nobody = PeerAuthentication.anonymousClient();
    expect(tlsErrorOf(() => verify(nobody, main)).code).toBe("internal");
    expect(verify(nobody, mainOf(secret())).role).toBe("client");
  });

  it("is no schedule for other proofs, and theirs none for its own", () => {
    const owners = freshOwners();
    const encapsulated = Encapsulated.to(accepted("server"), scheme, scheduleOf(owners));
    const peer = PeerAuthentication.byEncapsulation(encapsulated);
    const application = derivedOf().main().traffic(digest("finished"));
    const mac = application.handshake.server.verifyData(digest("finished"));
    expect(
      tlsErrorOf(() => VerifiedFinished.verify(peer, application, digest("finished"), mac)).code,
    ).toBe("internal");
  });

  it("leaves nothing: a secret is wiped when the next has been made", () => {
    const owners = freshOwners();
    const [derived, server] = [derivedOf(), new KemSecret(hash, new Uint8Array(32), owners)];
    const authenticated = AuthenticatedSecret.of(derived, server);
    const main = authenticated.main();
    expect(() => derived.main()).toThrow("wiped");
    expect(() => server.extract(shared)).toThrow("wiped");
    expect(() => authenticated.traffic(shared)).toThrow("wiped");
    main.wipe();
    expect(() => main.verifyData("client", shared)).toThrow("wiped");
  });

  it("refuses a key that is another KEM's, or none", () => {
    const x25519 = kemSchemes.find(({ keyType }) => keyType === "x25519")!;
    const wrong = () => void Encapsulated.to(accepted("server"), x25519, scheduleOf());
    expect(tlsErrorOf(wrong).code).toBe("internal");
    const rawPublicKey = encodePublicKey("ML-KEM-768", new Uint8Array(1184).fill(0xff));
    const bad = AcceptedPeer.ask(() => ({ chain: [], vouchedBy: "a test", rawPublicKey }), {
      chain: [],
      rawPublicKey,
      usage: "server" as const,
      name: undefined,
      now: testTime,
      provider,
      resumed: false,
      ocspResponse: undefined,
      signedCertificateTimestamps: [],
    }) as AcceptedPeer<"server">;
    const error = tlsErrorOf(() => void Encapsulated.to(bad, scheme, scheduleOf()));
    expect(error).toMatchObject({
      code: "bad_certificate",
      detail: { where: "certificate.certificateList[0]" },
    });
  });
});
