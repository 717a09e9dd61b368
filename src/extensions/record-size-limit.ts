/** record_size_limit (RFC 8449 §4): the largest inner plaintext, with type and padding, that the sender will receive. */
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
