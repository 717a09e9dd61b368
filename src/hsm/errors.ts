import { TlsError } from "../registry/index.ts";

/** What the module's commonest answers mean, in one line each. */
const meanings: Readonly<Record<string, string>> = {
  CKR_PIN_INCORRECT: "the PIN is wrong",
  CKR_PIN_LEN_RANGE: "the PIN is too short or too long",
  CKR_PIN_INVALID: "the PIN has characters that the token does not take",
  CKR_PIN_LOCKED: "the PIN is locked after too many wrong ones",
  CKR_PIN_EXPIRED: "the PIN has expired",
  CKR_USER_PIN_NOT_INITIALIZED: "the token has no user PIN yet",
  CKR_USER_NOT_LOGGED_IN: "the token wants a PIN",
  CKR_TOKEN_NOT_PRESENT: "the token is gone",
  CKR_DEVICE_REMOVED: "the token is gone",
  CKR_DEVICE_ERROR: "the token has failed",
  CKR_GENERAL_ERROR: "the module has failed",
  CKR_SLOT_ID_INVALID: "the token is gone",
  CKR_KEY_HANDLE_INVALID: "the key is gone",
  CKR_OBJECT_HANDLE_INVALID: "the key is gone",
  CKR_TOKEN_WRITE_PROTECTED: "the token is write-protected",
  CKR_MECHANISM_INVALID: "the token does not know this algorithm",
  CKR_CURVE_NOT_SUPPORTED: "the token does not know this curve",
  CKR_DOMAIN_PARAMS_INVALID: "the token does not know this curve",
  CKR_KEY_FUNCTION_NOT_PERMITTED: "the key may not sign",
  CKR_SESSION_COUNT: "the token has no session left",
  CKR_SESSION_HANDLE_INVALID: "the session is gone",
  CKR_SESSION_CLOSED: "the session is gone",
  CKR_CRYPTOKI_NOT_INITIALIZED: "another part of the process has finalised the module",
};

/** Answers after which the token, or what we had of it, is not there any more. */
const gone: ReadonlySet<string> = new Set([
  "CKR_TOKEN_NOT_PRESENT",
  "CKR_TOKEN_NOT_RECOGNIZED",
  "CKR_DEVICE_REMOVED",
  "CKR_DEVICE_ERROR",
  "CKR_GENERAL_ERROR",
  "CKR_SLOT_ID_INVALID",
  "CKR_SESSION_HANDLE_INVALID",
  "CKR_SESSION_CLOSED",
  "CKR_USER_NOT_LOGGED_IN",
  "CKR_CRYPTOKI_NOT_INITIALIZED",
  "CKR_KEY_HANDLE_INVALID",
  "CKR_OBJECT_HANDLE_INVALID",
]);

export const isGone = (error: unknown): boolean => gone.has(answerOf(error) ?? "");

/** The name of what the module answered, `CKR_PIN_INCORRECT`, if it is from there. */
export function answerOf(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : String(error);
  return /CKR_\w+/.exec(text)?.[0];
}

/** A module's error in one line: what was tried, and what is wrong. */
export function hsmError(tried: string, error: unknown): TlsError {
  if (error instanceof TlsError) return error;
  const answer = answerOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const meaning = answer === undefined ? text : meanings[answer];
  const name = answer === undefined ? "" : ` (${answer})`;
  return new TlsError("misuse", `HSM: ${tried}: ${meaning ?? "the module refused"}${name}`, {
    cause: error,
  });
}

/** Runs a call of the module. */
export function attempt<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw hsmError(what, error);
  }
}
