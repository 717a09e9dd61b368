import { type Hash, type HashName, hashLengths } from "../../crypto/index.ts";
import { concat, equal } from "../../wire/index.ts";
import { failed, type Outcome, passed, skipped } from "./corpus.ts";
import { field, type Fields, type Kind } from "./rsp-kind.ts";

/** SHA-2 (CAVS), messages and Monte Carlo. */
export function digest(first: Fields, text: string): Kind {
  const name = hashName(first, text);
  return {
    algorithm: name ?? title(text) ?? `a hash of length ${first["L"]}`,
    run({ provider }, fields, previous) {
      if (name === undefined) return skipped("TLS 1.3 has no use for this hash");
      const hash = provider.hashes[name];
      return "Msg" in fields ? ofMessage(hash, fields) : monteCarlo(hash, fields, previous);
    },
  };
}

const names: Readonly<Record<string, HashName>> = {
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** SHA-512/256 has the same length as SHA-256: only the title tells them apart. */
function hashName(first: Fields, text: string): HashName | undefined {
  const titled = title(text);
  if (titled !== undefined) return names[titled];
  return Object.values(names).find((name) => String(hashLengths[name]) === first["L"]);
}

const title = (text: string): string | undefined =>
  /^# +"(\S+) (?:ShortMsg|LongMsg|Monte)/m.exec(text)?.[1];

/** `Len` is in bits, and an empty message is written as 00. */
function ofMessage(hash: Hash, fields: Fields): Outcome {
  const message = field(fields, "Msg").subarray(0, Number(fields["Len"]) / 8);
  const expected = field(fields, "MD");
  const running = hash.start();
  running.update(message.subarray(0, message.length >> 1));
  running.update(message.subarray(message.length >> 1));
  if (!equal(running.digest(), expected)) return failed("a running hash gave another digest");
  return equal(hash.digest(message), expected) ? passed : failed("gave another digest");
}

/** SHAVS §6.4: a thousand digests of the last three, from the seed or the record before. */
function monteCarlo(hash: Hash, fields: Fields, previous: Fields | undefined): Outcome {
  const seed = previous === undefined ? field(fields, "Seed") : field(previous, "MD");
  let last = [seed, seed, seed];
  for (let round = 0; round < 1000; round++) {
    last = [...last.slice(1), hash.digest(concat(...last))];
  }
  return equal(last.at(-1) ?? seed, field(fields, "MD")) ? passed : failed("gave another digest");
}
