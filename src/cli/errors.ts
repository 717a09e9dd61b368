/** What the exit code of every command means. */
export const ExitCode = {
  ok: 0,
  /** The command was understood and what it tried did not succeed: a handshake was refused, say. */
  failed: 1,
  /** Wrong arguments, or a file that cannot be used. */
  usage: 2,
} as const;

/** Something is wrong with what the user typed or pointed to. The message is one line that says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
