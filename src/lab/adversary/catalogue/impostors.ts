/** Servers that show a certificate which no client should take, each for one reason (RFC 9846 §4.5.1.2, RFC 5280 §6.1). */
import { labName } from "../lab-pki.ts";
import type { WrongCertificate } from "../../plan/credential-names.ts";
import type { AttackScenario } from "../scenario.ts";

/** What it is, and the code, the alert, the place and the section by which the client refuses it. */
type Row = readonly [does: string, code: string, alert: string, where: string, section: string];

const leaf = `path[0] "CN=${labName}"`;
const issuer = 'path[1] "CN=authority 1"';
const rfc5280 = (part: string): string => `RFC 5280 §${part}`;
const bad = "bad_certificate";

const rows: Readonly<Record<WrongCertificate, Row>> = {
  forged: [
    "was signed by another key than its authority's",
    bad,
    bad,
    leaf,
    rfc5280("6.1.3 (a)(1)"),
  ],
  "by-a-forged-ca": [
    "comes from an authority that the root did not sign",
    bad,
    bad,
    issuer,
    rfc5280("6.1.3 (a)(1)"),
  ],
  "under-a-false-root": [
    "comes from a root that has the name of the right one, and another key",
    "unknown_ca",
    "unknown_ca",
    "chain",
    "RFC 9846 §6.2",
  ],
  "by-no-ca": ["was issued by what is no authority", bad, bad, issuer, rfc5280("6.1.4 (k)")],
  "by-too-deep-a-ca": [
    "has an authority more above it than the highest allows",
    bad,
    bad,
    'path[1] "CN=authority 3"',
    rfc5280("6.1.4 (l)"),
  ],
  "by-a-ca-that-may-not-sign": [
    "was issued by an authority whose key may only sign lists",
    bad,
    bad,
    issuer,
    rfc5280("6.1.4 (n)"),
  ],
  "by-a-ca-for-clients": [
    "was issued by an authority for clients",
    "unsupported_certificate",
    "unsupported_certificate",
    issuer,
    rfc5280("4.2.1.12"),
  ],
  "for-clients": [
    "is one for clients",
    "unsupported_certificate",
    "unsupported_certificate",
    leaf,
    rfc5280("4.2.1.12"),
  ],
  "for-another-use": [
    "has a key that signs, and says that it encrypts",
    bad,
    bad,
    leaf,
    "RFC 9881 §5",
  ],
  "that-may-sign-others": [
    "says that its key may sign certificates, and is no authority",
    bad,
    bad,
    leaf,
    rfc5280("4.2.1.3"),
  ],
  "with-an-unknown-demand": [
    "has a critical extension that nobody knows",
    "unsupported_certificate",
    "unsupported_certificate",
    leaf,
    rfc5280("4.2"),
  ],
  "without-a-policy": [
    "has no policy, which its authority asks for",
    bad,
    bad,
    leaf,
    rfc5280("6.1.5"),
  ],
  "with-an-excluded-name": [
    "has a name that its authority must not give",
    bad,
    bad,
    leaf,
    rfc5280("4.2.1.10"),
  ],
  "without-a-permitted-name": [
    "has a name beside those that its authority may give",
    bad,
    bad,
    leaf,
    rfc5280("4.2.1.10"),
  ],
  "with-a-name-that-ends-alike": [
    "has a name that ends like the one that its authority may give",
    bad,
    bad,
    leaf,
    rfc5280("4.2.1.10"),
  ],
  "with-a-wildcard-for-all": [
    "is for every name below a top-level domain",
    "wrong_name",
    bad,
    leaf,
    "RFC 9525 §6",
  ],
  "with-a-common-name-alone": [
    "has the name in its subject, where nobody looks",
    "wrong_name",
    bad,
    leaf,
    "RFC 9525 §6",
  ],
  "not-valid-yet": [
    "is valid from the next second on",
    "certificate_expired",
    "certificate_expired",
    leaf,
    rfc5280("6.1.3 (a)(2)"),
  ],
  "just-expired": [
    "expired a second ago",
    "certificate_expired",
    "certificate_expired",
    leaf,
    rfc5280("6.1.3 (a)(2)"),
  ],
};

export const impostors: readonly AttackScenario[] = (
  Object.entries(rows) as [WrongCertificate, Row][]
).map(([credential, [does, outcome, alert, where, section]]) => ({
  name: `impostor-${credential}`,
  family: "authentication",
  does: `Answers with a certificate that ${does}`,
  section: "RFC 9846 §4.5.1.2",
  server: { credential },
  steps: [],
  expect: { client: { outcome, where, section }, server: `told ${alert}` },
}));
