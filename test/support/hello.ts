/** A ClientHello by itself, for tests that make of it what no client sends. */
import type { ClientOptions } from "../../src/connection/index.ts";
import { type ClientHello, decodeMessage } from "../../src/messages/index.ts";
import { maxFragment, recordHeaderLength } from "../../src/record/index.ts";
import { concat } from "../../src/wire/index.ts";
import { makeEnds } from "./ends.ts";
import { plainRecord } from "./interceptor.ts";

export function ordinaryHello(options: Partial<ClientOptions> = {}): ClientHello {
  const { client } = makeEnds(options);
  client.start();
  const raw = concat(...client.takeOutput()).subarray(recordHeaderLength);
  return decodeMessage("client_hello", raw).body;
}

/** A message in as many plaintext records as it needs. */
export const recordsOf = (raw: Uint8Array): Uint8Array =>
  concat(
    ...Array.from({ length: Math.ceil(raw.length / maxFragment) }, (_, index) =>
      plainRecord(22, raw.subarray(index * maxFragment, (index + 1) * maxFragment)),
    ),
  );
