/** record_size_limit (RFC 8449 §4): the largest inner plaintext, with type and padding, that the sender will receive. */
import { TlsError } from "../registry/index.ts";
import { uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";

interface Limited {
  readonly recordSizeLimit?: number | undefined;
}

export const record_size_limit = extension(
  "record_size_limit",
  { client_hello: uint16, encrypted_extensions: uint16 },
  {
    offer: ({ recordSizeLimit }: Limited) => recordSizeLimit,
    answer: (_offered: unknown, { recordSizeLimit }: Limited) => recordSizeLimit,
  },
);

interface Records {
  limitRecords(ours: number, theirs: number): void;
}

/** Either end, once both have named a limit: below 64 there is none that one could work with (§4). */
export function applyRecordSizeLimit(
  { recordSizeLimit: ours }: Limited,
  theirs: number,
  records: Records,
): void {
  if (ours === undefined) return;
  if (theirs < 64) {
    throw new TlsError("illegal_parameter", "the record size limit is too small", {
      expected: "at least 64",
      received: `${theirs}`,
      where: "extensions.record_size_limit",
      section: "RFC 8449 §4",
    });
  }
  records.limitRecords(ours, theirs);
}
