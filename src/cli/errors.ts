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

/** An error as it is told: in one line, or with `--json` as `{ "error": … }` on stdout. */
export interface ErrorFacts {
  /** `usage` with exit code 2, `failed` with exit code 1. */
  readonly kind: "usage" | "failed";
  /** For programs: `unknown_ca`, `ECONNREFUSED`. */
  readonly code?: string;
  readonly message: string;
}

/** A file or folder that cannot be used is the user's mistake, wherever the error comes from. */
export function factsOfError(error: unknown): ErrorFacts {
  const file = fileProblem(error);
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  const known = [code, (cause as { readonly code?: unknown } | undefined)?.code].find(
    (each) => typeof each === "string",
  );
  return {
    kind: error instanceof UsageError || file !== undefined ? "usage" : "failed",
    ...(known === undefined ? {} : { code: known }),
    message: file ?? messageOf(error),
  };
}

/** One line for an error of the file system; `undefined` for any other error. */
export function fileProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error)) return undefined;
  const { code = "", path, dest, syscall = "" } = error as FileError;
  // Node.js does not say which file it wrote, and of a copy it names the source first
  if (full.has(code)) {
    const place = dest ?? path;
    return `cannot write${place === undefined ? "" : ` ${place}`}: ${fileReason(code)}`;
  }
  if (path === undefined || path === "" || syscall.startsWith("spawn")) return undefined;
  return `cannot use ${path}: ${fileReason(code) ?? error.message}`;
}

interface FileError extends NodeJS.ErrnoException {
  /** Of a copy. */
  readonly dest?: string;
}

/** What only happens to what is written. */
const full: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/** Why a file cannot be read, as people say it. */
export function unreadable(path: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === "ENOENT" ? "there is no such file" : fileReason(code);
  return new UsageError(`cannot read ${path}: ${reason ?? messageOf(error)}`);
}

/** What an error code of the file system means, in words. */
export const fileReason = (code: string | undefined): string | undefined => fileReasons[code ?? ""];

const fileReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EEXIST: "there is a file of that name",
  EACCES: "you may not",
  EPERM: "you may not",
  EROFS: "the disk is read-only",
  EISDIR: "it is a folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
};
