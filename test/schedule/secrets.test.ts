import { describe, expect, it } from "vitest";
import {
  EarlySecret,
  HandshakeSecret,
  hkdfExpandLabel,
  hkdfExtract,
  type TrafficSecret,
} from "../../src/schedule/index.ts";
import { equal, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { freshOwners } from "../support/secrets.ts";

const none = new Uint8Array(0);

describe.each(providers)("the key schedule with $name", ({ provider }) => {
  describe.each([provider.hashes.sha256, provider.hashes.sha384])("and $name", (hash) => {
    const zeros = new Uint8Array(hash.length);
    const emptyHash = hash.digest(none);
    const transcript = hash.digest(utf8("messages"));
    const psk = new Uint8Array(hash.length).fill(5);
    const shared = new Uint8Array(64).fill(6);
    const owners = freshOwners();
    const expand = (secret: Uint8Array, label: string, context: Uint8Array) =>
      hkdfExpandLabel(hash, secret, label, context, hash.length);
    const revealed = (secrets: { client: TrafficSecret; server: TrafficSecret }) => [
      secrets.client.reveal(),
      secrets.server.reveal(),
    ];

    // RFC 9846 §7.1, by the figure
    const early = hkdfExtract(hash, zeros, psk);
    const handshake = hkdfExtract(hash, expand(early, "derived", emptyHash), shared);
    const main = hkdfExtract(hash, expand(handshake, "derived", emptyHash), zeros);

    it("goes from a PSK to the early secrets", () => {
      const secret = new EarlySecret(hash, psk, owners);
      expect(secret.clientEarlyTraffic(transcript).reveal()).toEqual(
        expand(early, "c e traffic", transcript),
      );
      expect(secret.earlyExporter(transcript).reveal()).toEqual(
        expand(early, "e exp master", transcript),
      );
    });

    it.each([
      ["resumption", "res binder"],
      ["external", "ext binder"],
      ["imported", "imp binder"],
    ] as const)("binds a PSK of kind %s by its own label", (kind, label) => {
      const key = expand(expand(early, label, emptyHash), "finished", none);
      expect(new EarlySecret(hash, psk, owners).binder(kind, transcript)).toEqual(
        hash.hmac(key, transcript),
      );
    });

    it("goes on to the handshake secrets", () => {
      expect(
        revealed(new EarlySecret(hash, psk, owners).handshake(shared).traffic(transcript)),
      ).toEqual([
        expand(handshake, "c hs traffic", transcript),
        expand(handshake, "s hs traffic", transcript),
      ]);
    });

    it("takes zeros for a PSK, and for an exchange, that is not there", () => {
      const withZeros = new EarlySecret(hash, zeros, owners).handshake(shared).traffic(transcript);
      expect(
        revealed(HandshakeSecret.withoutPsk(hash, shared, owners).traffic(transcript)),
      ).toEqual(revealed(withZeros));
      const pskOnly = new EarlySecret(hash, psk, owners);
      expect(revealed(pskOnly.handshake().traffic(transcript))).toEqual(
        revealed(pskOnly.handshake(zeros).traffic(transcript)),
      );
    });

    it("goes on to the main secrets", () => {
      const secret = new EarlySecret(hash, psk, owners)
        .handshake(shared)
        .traffic(transcript)
        .derived()
        .main();
      expect(revealed(secret.traffic(transcript))).toEqual([
        expand(main, "c ap traffic", transcript),
        expand(main, "s ap traffic", transcript),
      ]);
      expect(secret.exporter(transcript).reveal()).toEqual(expand(main, "exp master", transcript));
      const resumption = expand(main, "res master", transcript);
      expect(secret.resumption(transcript).psk(Uint8Array.of(1, 2))).toEqual(
        expand(resumption, "resumption", Uint8Array.of(1, 2)),
      );
    });

    it("gives keys, the Finished and the next secret of a direction", () => {
      const { client } = HandshakeSecret.withoutPsk(hash, shared, owners).traffic(transcript);
      const secret = client.reveal();
      for (const length of [16, 32]) {
        expect(client.keys(length)).toEqual({
          key: hkdfExpandLabel(hash, secret, "key", none, length),
          iv: hkdfExpandLabel(hash, secret, "iv", none, 12),
        });
      }
      // §4.5.3
      expect(client.verifyData(transcript)).toEqual(
        hash.hmac(expand(secret, "finished", none), transcript),
      );
      // §7.2
      expect(client.next().reveal()).toEqual(expand(secret, "traffic upd", none));
      expect(client.reveal()).toEqual(secret);
    });

    // §7.5
    it("exports by label and context", () => {
      const exporter = HandshakeSecret.withoutPsk(hash, shared, owners)
        .traffic(transcript)
        .derived()
        .main()
        .exporter(transcript);
      const context = utf8("context");
      const labelled = expand(exporter.reveal(), "EXPERIMENTAL", emptyHash);
      const expected = hkdfExpandLabel(hash, labelled, "exporter", hash.digest(context), 100);
      expect(exporter.export("EXPERIMENTAL", context, 100)).toEqual(expected);
      expect(exporter.export("EXPERIMENTAL2", context, 100)).not.toEqual(expected);
      expect(exporter.export("EXPERIMENTAL", none, 100)).not.toEqual(expected);
      expect(exporter.export("EXPERIMENTAL", context, 99)).not.toEqual(expected.subarray(0, 99));
    });

    it("overwrites its bytes when it is wiped", () => {
      const made: Uint8Array[] = [];
      const watched = {
        ...hash,
        hmac(key: Uint8Array, data: Uint8Array) {
          const output = hash.hmac(key, data);
          made.push(output);
          return output;
        },
      };
      const earlySecret = new EarlySecret(watched, psk, owners);
      const extracted = made.find((bytes) => equal(bytes, early));
      expect(extracted).toBeDefined();
      earlySecret.wipe();
      expect(extracted).toEqual(zeros);
    });

    it("can be wiped", () => {
      const earlySecret = new EarlySecret(hash, psk, owners);
      const handshakeSecret = earlySecret.handshake(shared);
      const mainSecret = handshakeSecret.traffic(transcript).derived().main();
      const { client } = mainSecret.traffic(transcript);
      const exporter = mainSecret.exporter(transcript);
      const resumption = mainSecret.resumption(transcript);
      const before = [
        () => earlySecret.clientEarlyTraffic(transcript).reveal(),
        () => handshakeSecret.traffic(transcript).client.reveal(),
        () => mainSecret.traffic(transcript).client.reveal(),
        () => client.reveal(),
        () => exporter.reveal(),
        () => resumption.psk(none),
      ];
      for (const reveal of before) expect(reveal()).toBeInstanceOf(Uint8Array);
      for (const each of [earlySecret, handshakeSecret, mainSecret, client, exporter, resumption]) {
        each.wipe();
        each.wipe();
      }
      // Nothing comes of zeros
      for (const reveal of before) expect(tlsErrorOf(reveal).code).toBe("misuse");
      expect(psk).toEqual(new Uint8Array(hash.length).fill(5));
    });
  });
});
