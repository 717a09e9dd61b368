import { join } from "node:path";
import { AuthorityError, type Entry, type PkiDirectory } from "../../authority/index.ts";
import { TlsError } from "../../registry/index.ts";
import { dateForPeople } from "../date.ts";
import { UsageError } from "../errors.ts";
import { print, printJson } from "../output.ts";

/** Says what was issued, and where it is. */
export function reportIssued(
  pki: PkiDirectory,
  entry: Entry,
  { json }: { readonly json?: true },
): void {
  const described = describeIssued(pki, entry);
  if (json) {
    printJson(described);
    return;
  }
  print(`${entry.name}: ${entry.subject}, serial ${entry.serial}`);
  const [from, to] = [entry.notBefore, entry.notAfter].map(dateForPeople);
  print(`valid from ${from} to ${to}, issued by ${entry.issuer}`);
  for (const [what, path] of Object.entries(described.files)) print(`${what.padEnd(11)} ${path}`);
}

/** An entry without what it is in the journal. */
export const dataOf = (entry: Entry): Omit<Entry, "type"> =>
  Object.fromEntries(
    Object.entries(entry).filter(([member]) => member !== "type"),
  ) as unknown as Omit<Entry, "type">;

/** What was issued, as data. */
export function describeIssued(pki: PkiDirectory, entry: Entry) {
  const live = pki.live(entry.name);
  const key = pki.keyFile(entry)?.name;
  return {
    ...dataOf(entry),
    files: {
      certificate: join(live, "certificate.pem"),
      chain: join(live, "chain.pem"),
      ...(key === undefined ? {} : { key: join(live, key) }),
    },
  };
}

/**
 * An action whose caller is told in one line what they did wrong. A refusal by a profile stays what it
 * is: the command was understood.
 */
export const explained =
  <Args extends readonly unknown[]>(act: (...args: Args) => Promise<void>) =>
  async (...args: Args): Promise<void> => {
    try {
      await act(...args);
    } catch (error) {
      const isRefused = error instanceof AuthorityError && error.code === "refused";
      const isTheirs = error instanceof TlsError && error.code === "misuse";
      if (isTheirs || (error instanceof AuthorityError && !isRefused)) {
        throw new UsageError(error.message);
      }
      throw error;
    }
  };
