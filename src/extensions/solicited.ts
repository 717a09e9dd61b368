import { TlsError } from "../registry/index.ts";
import { keyOf, type OwnExtension } from "./own.ts";

type Block = Readonly<Record<string, unknown>>;

/**
 * RFC 9846 §4.3: the extensions of an answer were offered, or may come without.
 * @throws TlsError `unsupported_extension`
 */
export function checkSolicited(
  message: string,
  answers: Block,
  isExpected: (name: string) => boolean,
): void {
  const stray = Object.keys(answers).find((name) => !isExpected(name));
  if (stray !== undefined) throw unsolicited(message, stray);
}

/** What we do not know ourselves we only offer so that it is ignored (RFC 8701 §3.1), if it is not the caller's own. */
export const isSolicited = (
  name: string,
  offered: Block,
  own: readonly OwnExtension[] = [],
): boolean =>
  name in offered && (!name.startsWith("0x") || own.some((each) => keyOf(each) === name));

export const unsolicited = (message: string, name: string): TlsError =>
  new TlsError("unsupported_extension", `extension ${name} was not asked for`, {
    where: `${message}.extensions.${name}`,
    section: "RFC 9846 §4.3",
  });
