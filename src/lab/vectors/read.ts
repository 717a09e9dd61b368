import { authKemCorpus, authKemFormat } from "../authkem/index.ts";
import { parseHybrid } from "../hybrid/corpus.ts";
import { exchangeFormat, parseExchanges } from "../hybrid/exchanges.ts";
import { parseAcvp } from "./acvp.ts";
import type { Corpus } from "./corpus.ts";
import { parseJson, UnknownFormat } from "./json.ts";
import { traceCorpus } from "./rfc8448-corpus.ts";
import { parseTrace } from "./rfc8448.ts";
import { parseRsp } from "./rsp.ts";
import { parseTls13Kdf } from "./tls13-kdf.ts";
import { parseWycheproof } from "./wycheproof.ts";

/**
 * Reads a file of test vectors, unpacked, in the format that its name and content show.
 *
 * @param expected ACVP: the text of `expectedResults.json` beside a `prompt.json`
 * @throws UnreadableCorpus, and of these {@link UnknownFormat} if it is none of the known formats
 */
export function readCorpus(name: string, text: string, expected?: string): Corpus {
  if (/\.rsp(\.gz)?$/.test(name)) return parseRsp(text);
  const json = parseJson(text);
  if (json["schema"] !== undefined) return parseWycheproof(text);
  if (json["vsId"] !== undefined) return parseAcvp(text, expected);
  if (json["algorithm"] === "TLS13-KDF") return parseTls13Kdf(text);
  if (json["format"] === authKemFormat) return authKemCorpus(text);
  if (json["format"] === exchangeFormat) return parseExchanges(text);
  if (json["format"] !== undefined) return parseHybrid(text);
  if (json["steps"] !== undefined) return traceCorpus(parseTrace(text));
  throw new UnknownFormat("no vectors of a known format");
}
