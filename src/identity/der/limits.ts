/** What certificates, lists and responses can make grow, by name. The search for paths has limits of its own. */
export const identityLimits = {
  /** Items of one list in a certificate or response: its names, extensions, purposes. Entries of CRLs are not counted. */
  items: 4096,
  /** Policies, policy mappings, and purposes of one certificate each: they are compared with each other. */
  policies: 256,
  /** Octets of an OBJECT IDENTIFIER. Arcs are put together as big integers, whose cost grows with the square of their length. */
  oidOctets: 64,
  /** Octets of a BIT STRING of named bits, which are nine at most. */
  namedOctets: 4,
} as const;
