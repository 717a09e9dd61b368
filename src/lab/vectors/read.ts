import { parseAcvp } from "./acvp.ts";
import type { Corpus } from "./corpus.ts";
import { parseJson, UnreadableCorpus } from "./json.ts";
import { parseRsp } from "./rsp.ts";
import { parseTls13Kdf } from "./tls13-kdf.ts";
import { parseWycheproof } from "./wycheproof.ts";

/**
 * Reads a file of test vectors, unpacked, in the format that its name and content show.
 *
 * @param expected ACVP: the text of `expectedResults.json` beside a `prompt.json`
 * @throws UnreadableCorpus
 */
export function readCorpus(name: string, text: string, expected?: string): Corpus {
  if (/\.rsp(\.gz)?$/.test(name)) return parseRsp(text);
  const json = parseJson(text);
  if (json["schema"] !== undefined) return parseWycheproof(text);
  if (json["vsId"] !== undefined) return parseAcvp(text, expected);
  if (json["algorithm"] === "TLS13-KDF") return parseTls13Kdf(text);
  throw new UnreadableCorpus("neither Wycheproof, nor ACVP, nor a response file");
}
