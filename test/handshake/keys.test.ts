import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import type { Handshake } from "../../src/handshake/coroutine.ts";
import { KeyLogger } from "../../src/handshake/key-logger.ts";
import {
  applicationKeys,
  expectFinished,
  extractHandshakeSecret,
  handshakeKeys,
  sendFinished,
} from "../../src/handshake/keys.ts";
import { Link, defaultLimits } from "../../src/record/index.ts";
import { EarlySecret, HandshakeSecret, Transcript } from "../../src/schedule/index.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { withBody } from "../support/raw.ts";
import { freshOwners } from "../support/secrets.ts";

describe.each(providers)("the keys of a handshake, with $name", ({ provider }) => {
  const hash = provider.hashes.sha256;
  const start = () => {
    const lines: string[] = [];
    const transcript = new Transcript(hash);
    transcript.add(withBody(1, new Uint8Array(3)));
    const secret = HandshakeSecret.withoutPsk(hash, new Uint8Array(32).fill(5), freshOwners());
    const keyLog = new KeyLogger((line) => lines.push(line), new Uint8Array(32));
    return { lines, transcript, secret, keyLog };
  };

  // RFC 9846 §7.1
  it("depend on the messages so far, are logged, and end the secret that they come from", () => {
    const { lines, transcript, secret, keyLog } = start();
    const { derived, traffic } = handshakeKeys(secret, transcript, keyLog);
    const main = derived.main();
    expect(() => secret.traffic(transcript.current())).toThrow(/wiped/);
    transcript.add(withBody(20, new Uint8Array(32)));
    const application = applicationKeys(main, transcript, keyLog);
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
      "SERVER_HANDSHAKE_TRAFFIC_SECRET",
      "CLIENT_TRAFFIC_SECRET_0",
      "SERVER_TRAFFIC_SECRET_0",
      "EXPORTER_SECRET",
    ]);
    const again = start();
    again.transcript.add(withBody(2, new Uint8Array(3)));
    const other = handshakeKeys(again.secret, again.transcript, again.keyLog);
    expect(other.traffic.client.reveal()).not.toEqual(traffic.client.reveal());
    const before = applicationKeys(other.derived.main(), again.transcript, again.keyLog);
    expect(before.exporter.reveal()).not.toEqual(application.exporter.reveal());
  });

  // RFC 9846 §4.5.3
  it("key a Finished that covers what came before it, and itself no more", () => {
    const { transcript, secret, keyLog } = start();
    const { traffic } = handshakeKeys(secret, transcript, keyLog);
    const theirs = transcript.fork();
    const covered = transcript.current();
    const link = new Link({ role: "server", limits: defaultLimits });
    sendFinished(link, traffic.server, transcript);
    const raw = concat(...link.takeOutput()).subarray(5);
    const finished = resumed(expectFinished(theirs), raw);
    expect(finished.transcriptHash).toEqual(covered);
    expect(finished.verifyData).toEqual(traffic.server.verifyData(covered));
    expect(theirs.current()).toEqual(transcript.current());
    const other = () => resumed(expectFinished(theirs), withBody(8, Uint8Array.of(0, 0)));
    expect(tlsErrorOf(other).code).toBe("unexpected_message");
  });
});

function resumed<T>(coroutine: Handshake<T>, raw: Uint8Array): T {
  coroutine.next();
  const step = coroutine.next({ kind: "message", raw, limits: defaultLimits });
  if (step.done !== true) throw new Error("it waits for more");
  return step.value;
}

const { sha256 } = noble.hashes;
const shared = utf8("shared");
const early = () => new EarlySecret(sha256, utf8("a key that both had before"), freshOwners());
const revealed = (secret: HandshakeSecret) => secret.traffic(sha256.digest(shared)).client.reveal();

// RFC 9846 §7.1
describe("the handshake secret", () => {
  it("is made of what was negotiated", () => {
    const both = extractHandshakeSecret(sha256, early(), shared, freshOwners());
    const exchanged = extractHandshakeSecret(sha256, undefined, shared, freshOwners());
    const before = extractHandshakeSecret(sha256, early(), undefined, freshOwners());
    expect(revealed(both)).toEqual(revealed(early().handshake(shared)));
    expect(revealed(exchanged)).toEqual(
      revealed(HandshakeSecret.withoutPsk(sha256, shared, freshOwners())),
    );
    expect(revealed(before)).toEqual(revealed(early().handshake()));
    expect(new Set([both, exchanged, before].map((each) => String(revealed(each)))).size).toBe(3);
  });

  it("is not made of nothing", () => {
    expect(
      tlsErrorOf(() => extractHandshakeSecret(sha256, undefined, undefined, freshOwners())).code,
    ).toBe("internal");
  });
});
