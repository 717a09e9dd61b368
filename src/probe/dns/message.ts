/**
 * DNS messages, as far as a question for HTTPS records takes (RFC 1035 §4, RFC 9460): one question out, one answer in.
 * What a resolver says is hostile like everything else: names are bounded, and pointers only ever go back.
 */
import { DecodeError, Reader, Writer } from "../../wire/index.ts";

/** Resource record types and the one class. */
const type = { https: 65, opt: 41 } as const;
const internet = 1;

/** A name that the DNS can have. */
export class NoName extends Error {
  override readonly name = "NoName";
}

/** RFC 1035 §2.3.4: 63 bytes a label, 255 a name, with the length of each label and of the root. */
function labelsOf(name: string): string[] {
  const labels = name.replace(/\.$/, "").split(".");
  const isName = labels.every((label) => /^[\x21-\x7e]{1,63}$/.test(label));
  if (!isName || name.length > 253) throw new NoName("it is not a name that the DNS has");
  return labels;
}

/** @throws NoName */
export function encodeQuery(id: number, name: string): Uint8Array {
  const writer = new Writer();
  // RD: the resolver asks on for us
  for (const field of [id, 0x0100, 1, 0, 0, 1]) writer.uint(2, field);
  for (const label of labelsOf(name)) {
    writer.uint(1, label.length);
    writer.append(Buffer.from(label, "latin1"));
  }
  writer.uint(1, 0);
  writer.uint(2, type.https);
  writer.uint(2, internet);
  // OPT (RFC 6891 §6.1): as much as goes through every network in one piece
  writer.uint(1, 0);
  writer.uint(2, type.opt);
  for (const field of [mostInDatagram, 0, 0, 0]) writer.uint(2, field);
  return writer.finish();
}

/** Bytes of an answer over UDP. */
export const mostInDatagram = 1232;

/** What a resolver answered. */
export interface DnsAnswer {
  readonly id: number;
  /** It did not fit: ask by TCP. */
  readonly truncated: boolean;
  /** RFC 1035 §4.1.1; 3 is NXDOMAIN. */
  readonly code: number;
  /** The RDATA of each HTTPS record. */
  readonly records: readonly Uint8Array[];
}

/** Records of an answer that are looked at. */
const mostRecords = 64;

/** @throws DecodeError for what is not an answer to that question */
export function decodeAnswer(bytes: Uint8Array, name: string): DnsAnswer {
  const reader = new Reader(bytes);
  const header = { id: reader.uint(2), flags: reader.uint(2) };
  const [questions, answers] = [reader.uint(2), reader.uint(2)];
  // How many records of other sections
  reader.take(4);
  // QR, and the standard kind of query
  const isAnswer = (header.flags & 0xf800) === 0x8000;
  if (!isAnswer || questions !== 1) throw new DecodeError("it is not an answer to one question");
  const asked = readName(reader).toLowerCase();
  const isOurs = reader.uint(2) === type.https && reader.uint(2) === internet;
  if (!isOurs || asked !== labelsOf(name).join(".").toLowerCase()) {
    throw new DecodeError("it answers another question");
  }
  const records: Uint8Array[] = [];
  const truncated = (header.flags & 0x0200) !== 0;
  const count = truncated ? 0 : Math.min(answers, mostRecords);
  for (let at = 0; at < count; at++) {
    readName(reader);
    const [kind, group] = [reader.uint(2), reader.uint(2)];
    reader.take(4);
    const data = reader.take(reader.uint(2));
    if (kind === type.https && group === internet) records.push(data);
  }
  return { id: header.id, truncated, code: header.flags & 0xf, records };
}

/**
 * A name, without the dot of the root. Within a message a pointer may stand for its end (RFC 1035 §4.1.4), in the data
 * of an HTTPS record not (RFC 9460 §2.2).
 */
export function readName(reader: Reader, pointers: "followed" | "refused" = "followed"): string {
  const labels: string[] = [];
  let behind: number | undefined;
  let start = reader.position;
  for (let length = 0; length <= 255;) {
    const size = reader.uint(1);
    if (size === 0) {
      reader.position = behind ?? reader.position;
      return labels.join(".");
    }
    if (size >= 0xc0 && pointers === "followed") {
      const target = ((size & 0x3f) << 8) | reader.uint(1);
      behind ??= reader.position;
      if (target >= start) throw new DecodeError("a name points forwards");
      start = target;
      reader.position = target;
      continue;
    }
    if (size > 63) throw new DecodeError("a label of an unknown kind");
    labels.push(Buffer.from(reader.take(size)).toString("latin1"));
    length += size + 1;
  }
  throw new DecodeError("a name is too long");
}
