import { TlsError } from "../../registry/index.ts";
import { DecodeError } from "../../wire/index.ts";

/** What reading a message throws: of a field that cannot be, or of an extension where it may not stand. */
export const isMalformed = (error: unknown): error is DecodeError | TlsError =>
  error instanceof DecodeError || error instanceof TlsError;
