/** An X.501 Name (RFC 5280 §4.1.2.4). */
export interface DistinguishedName {
  readonly der: Uint8Array;
  /** RFC 4514: `CN=example.com,O=Example,C=DE`. */
  readonly text: string;
  /**
   * One string for each RDN, outermost first. Two names match under RFC 5280 §7.1 exactly if these
   * are equal one by one.
   */
  readonly comparable: readonly string[];
}
