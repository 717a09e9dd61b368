/**
 * Prepares the value of a directory name's attribute for comparison without regard to case (RFC 4518,
 * RFC 5280 §7.1): characters that are not seen are dropped, case and compatibility forms are folded,
 * white space counts once between words and not at all at the ends.
 * @returns `undefined` for what must not be compared as text (§2.4)
 */
export function prepareString(text: string): string | undefined {
  // The usual value: nothing but letters, digits and single spaces
  if (/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(text)) return text.toLowerCase();
  // §2.2
  const mapped = text.replaceAll(/[\t-\r\x85\p{Z}]/gu, " ").replaceAll(unseen, "");
  // §2.3; folding can undo the normal form
  const folded = fold(mapped.normalize("NFKC")).normalize("NFKC");
  if (prohibited.test(folded)) return undefined;
  // §2.6.1
  return folded.trim().replaceAll(/ +/g, " ");
}

/** Mapped to nothing: soft hyphen, joiners, variation selectors, controls and other format characters. */
const unseen = /[\p{Cc}\p{Cf}\u{34f}\u{fffc}]|[\u{180b}-\u{180d}]|[\u{fe00}-\u{fe0f}]/gu;

/** §2.4: private, half a pair, or the mark of a character that could not be decoded. */
const prohibited = /[\p{Co}\p{Cs}\ufffd]/u;

/**
 * Full case folding (RFC 3454 §B.2) by way of upper case, where ß is SS. The dotless i stays what it is:
 * its upper case is that of the i.
 */
const fold = (text: string): string =>
  text
    .split("\u0131")
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join("\u0131");
