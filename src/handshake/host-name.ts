/** The host name that a client asks for (RFC 6066 §3). */
import { hostForm } from "../identity/index.ts";
import { printable, TlsError } from "../registry/index.ts";

/** The only NameType that is defined; names of others are theirs who define them. */
const hostNameType = 0;

interface ServerName {
  readonly nameType: number;
  readonly name: string;
}

export const isHostName = ({ nameType }: ServerName): boolean => nameType === hostNameType;

/**
 * In its normal form; `undefined` where the client names no host.
 * @throws TlsError `illegal_parameter` for two names of one type, and for what is no HostName
 */
export function requestedHost(names: readonly ServerName[] | undefined): string | undefined {
  if (names === undefined) return undefined;
  const illegal = (message: string, received: string): TlsError =>
    new TlsError("illegal_parameter", message, {
      received,
      where: "client_hello.extensions.server_name",
      section: "RFC 6066 §3",
    });
  if (names.length > 1 && new Set(names.map(({ nameType }) => nameType)).size < names.length) {
    throw illegal("two names of one type", `${names.length} names`);
  }
  const given = names.find(isHostName)?.name;
  if (given === undefined) return undefined;
  const host = hostForm(given);
  // Without a dot at its end, and no address
  if (host !== undefined && !given.endsWith(".")) return host;
  throw illegal("the host name is none", printable(JSON.stringify(given), 96));
}
