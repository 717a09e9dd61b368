/** server_name (RFC 6066 §3): the host that a client asks for. */
import { hostForm } from "../identity/index.ts";
import { printable } from "../registry/index.ts";
import { empty, list, struct, text, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

/** ServerNameList. */
const ServerNameList = list(struct({ nameType: uint8, name: text(1, 0xffff) }), 1, 0xffff);

/** The only NameType that is defined; names of others are theirs who define them. */
const hostNameType = 0;

interface ServerName {
  readonly nameType: number;
  readonly name: string;
}

export const server_name = extension(
  "server_name",
  {
    client_hello: ServerNameList,
    encrypted_extensions: empty,
    certificate_request: ServerNameList,
  },
  {
    offer({ serverName }: { readonly serverName?: string | undefined }) {
      const name = nameForSni(serverName);
      return name === undefined ? undefined : [{ nameType: hostNameType, name }];
    },
    /** §3: the name was used; a resumed session has it already. */
    answer: (
      names: readonly ServerName[],
      _config: unknown,
      { resumed }: { readonly resumed: boolean },
    ) => (requestedHost(names) !== undefined && !resumed ? true : undefined),
  },
);

const ipAddress = /^[\d.]+$|:/;

/** §3: an address is not a name, and a name has no dot at its end. */
export const nameForSni = (name: string | undefined): string | undefined =>
  name === undefined || ipAddress.test(name) ? undefined : name.replace(/\.$/, "");

export const isHostName = ({ nameType }: ServerName): boolean => nameType === hostNameType;

/**
 * The host that is asked for, in its normal form; `undefined` where the client names none.
 * @throws TlsError `illegal_parameter` for two names of one type, and for what is not a HostName
 */
export function requestedHost(names: readonly ServerName[] | undefined): string | undefined {
  if (names === undefined) return undefined;
  const where = "client_hello.extensions.server_name";
  if (names.length > 1 && new Set(names.map(({ nameType }) => nameType)).size < names.length) {
    throw illegal("two names of one type", where, "RFC 6066 §3", `${names.length} names`);
  }
  const given = names.find(isHostName)?.name;
  if (given === undefined) return undefined;
  const host = hostForm(given);
  // Without a dot at its end, and no address
  if (host !== undefined && !given.endsWith(".")) return host;
  const received = printable(JSON.stringify(given), 96);
  throw illegal("the host name is none", where, "RFC 6066 §3", received);
}
