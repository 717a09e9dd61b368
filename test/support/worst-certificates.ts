/** Certificates that make the most of their bytes: many items of next to none, in each field that can hold them. */
import { constructed, primitive, Tag } from "../../src/identity/der/der-tags.ts";
import {
  ascii,
  bitString,
  boolean,
  der,
  octetString,
  oid,
  sequence,
  time,
  unsigned,
} from "../../src/identity/der/der-writer.ts";
import { encodePublicKey } from "../../src/identity/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { now } from "../identity/pki.ts";

const times = (count: number, make: (index: number) => Uint8Array): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => make(index));
const empty = new Uint8Array(0);
const emptyName = sequence();
const ed25519 = sequence(oid("1.3.101.112"));
const { publicKey } = providers[0]!.provider.generateKey("ed25519");
const { spki } = encodePublicKey("ed25519", publicKey);

interface Parts {
  readonly subject?: Uint8Array;
  readonly key?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
}

/** Well formed, and signed by nobody. */
const certificate = ({
  subject = emptyName,
  key = spki,
  signature = new Uint8Array(64),
  extensions = [],
}: Parts): Uint8Array =>
  sequence(
    sequence(
      der(constructed(0), unsigned(2)),
      unsigned(1),
      ed25519,
      emptyName,
      sequence(time(now), time(now + 1000)),
      subject,
      key,
      ...(extensions.length === 0 ? [] : [der(constructed(3), sequence(...extensions))]),
    ),
    ed25519,
    bitString(signature),
  );

const extension = (id: string, value: Uint8Array, critical = false): Uint8Array =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
const extended = (id: string, value: Uint8Array): Uint8Array =>
  certificate({ extensions: [extension(id, value)] });

const altNames = (make: (index: number) => Uint8Array) => (count: number) =>
  extended("2.5.29.17", sequence(...times(count, make)));
const shortName = (index: number): Uint8Array => ascii(index.toString(36).padStart(3, "0"));
const attribute = (value: Uint8Array): Uint8Array =>
  der(Tag.set, sequence(oid("2.5.4.3"), der(Tag.utf8String, value)));
const idOf = (index: number): string => `1.2.${index}`;

export const ordinaryCertificate = (): Uint8Array => certificate({});

/** The form of a certificate, with no key and no signature. */
export const leastCertificate = (): Uint8Array =>
  certificate({ key: sequence(), signature: empty });

/** By field; each holds so many items, or as many as its limit allows. */
export const worstCertificates: Readonly<Record<string, (count: number) => Uint8Array>> = {
  dNSNames: altNames((index) => der(primitive(2), shortName(index))),
  rfc822Names: altNames((index) => der(primitive(1), shortName(index))),
  URIs: altNames((index) => der(primitive(6), shortName(index))),
  iPAddresses: altNames((index) => der(primitive(7), Uint8Array.of(10, 0, index >> 8, index))),
  "empty directoryNames": altNames(() => der(constructed(4), emptyName)),
  "directoryNames of an attribute": altNames((index) =>
    der(constructed(4), sequence(attribute(shortName(index)))),
  ),
  registeredIDs: altNames(() => der(primitive(8), empty)),
  otherNames: altNames(() => der(constructed(0), empty)),
  "attributes of the subject": (count) =>
    certificate({ subject: sequence(...times(count, (index) => attribute(shortName(index)))) }),
  "an attribute of the subject that unfolds": (count) =>
    certificate({ subject: sequence(attribute(utf8("\u{fdfa}".repeat(count)))) }),
  "unknown extensions": (count) =>
    certificate({ extensions: times(count, (index) => extension(idOf(index), empty)) }),
  "unknown critical extensions": (count) =>
    certificate({ extensions: times(count, (index) => extension(idOf(index), empty, true)) }),
  purposes: (count) =>
    extended("2.5.29.37", sequence(...times(Math.min(count, 256), () => oid("1.2")))),
  policies: (count) =>
    extended(
      "2.5.29.32",
      sequence(...times(Math.min(count, 256), (index) => sequence(oid(idOf(index))))),
    ),
  policyMappings: (count) =>
    extended(
      "2.5.29.33",
      sequence(
        ...times(Math.min(count, 256), (index) => sequence(oid(idOf(index)), oid(idOf(index)))),
      ),
    ),
  "permitted subtrees": (count) =>
    extended(
      "2.5.29.30",
      sequence(
        der(constructed(0), ...times(count, () => sequence(der(constructed(4), emptyName)))),
      ),
    ),
  "distribution points": (count) =>
    extended(
      "2.5.29.31",
      sequence(
        ...times(count, () => sequence(der(constructed(2), der(constructed(4), emptyName)))),
      ),
    ),
  authorityCertIssuer: (count) =>
    extended(
      "2.5.29.35",
      sequence(der(constructed(1), ...times(count, () => der(constructed(4), emptyName)))),
    ),
};
