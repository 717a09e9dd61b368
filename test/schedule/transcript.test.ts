import { describe, expect, it } from "vitest";
import { Transcript, TranscriptBuffer } from "../../src/schedule/index.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";

const [first, second, third] = [utf8("first"), utf8("second"), utf8("third")];

describe.each(providers)("a transcript with $name", ({ provider }) => {
  describe.each(Object.values(provider.hashes))("and $name", (hash) => {
    // RFC 9846 §4.1
    it("is the hash of all messages so far, and goes on", () => {
      const transcript = new Transcript(hash);
      expect(transcript.current()).toEqual(hash.digest(new Uint8Array(0)));
      transcript.add(first);
      expect(transcript.current()).toEqual(hash.digest(first));
      transcript.add(second);
      expect(transcript.current()).toEqual(hash.digest(concat(first, second)));
      expect(transcript.current()).toEqual(hash.digest(concat(first, second)));
    });

    it("can begin before its hash is known", () => {
      const buffer = new TranscriptBuffer();
      buffer.add(first);
      buffer.add(second);
      // RFC 9846 §4.3.11.2: with one more message in part, which does not stay
      expect(buffer.hashWith(hash, third)).toEqual(hash.digest(concat(first, second, third)));
      expect(buffer.start(hash).current()).toEqual(hash.digest(concat(first, second)));
    });

    // RFC 9846 §4.1
    it("has the first ClientHello's hash in its place after a retry", () => {
      const buffer = TranscriptBuffer.retried(hash, first, second);
      buffer.add(third);
      const synthetic = concat(Uint8Array.of(254, 0, 0, hash.length), hash.digest(first));
      expect(buffer.start(hash).current()).toEqual(hash.digest(concat(synthetic, second, third)));
    });
  });

  // RFC 9846 §4.3.11.2
  it("may be bound under another hash than that of the retry", () => {
    const { sha256, sha384 } = provider.hashes;
    const buffer = TranscriptBuffer.retried(sha384, first, second);
    const synthetic = concat(Uint8Array.of(254, 0, 0, 48), sha384.digest(first));
    expect(buffer.hashWith(sha256, third)).toEqual(sha256.digest(concat(synthetic, second, third)));
  });
});
