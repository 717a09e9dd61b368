/** What went wrong with a directory of authorities. */
export type AuthorityErrorCode =
  /** There is no such directory, name, serial number, profile or list. */
  | "not_found"
  /** There is one already. */
  | "exists"
  /** Another process writes here. */
  | "busy"
  /** A file does not say what it should. */
  | "damaged"
  /** It may not be done: what is revoked, blocked, ended, or somebody else's stays so. */
  | "refused"
  /** It cannot be done in that way. */
  | "misuse";

/** What a directory of authorities refuses; the message is one line that says what to do. */
export class AuthorityError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "AuthorityError";
  /** What went wrong, for programs. */
  readonly code: AuthorityErrorCode;

  constructor(code: AuthorityErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
