/** certificate_authorities (RFC 9846 §4.3.4): names of the authorities that the sender trusts, in DER. */
import { list, opaque } from "../wire/index.ts";
import { extension } from "./extension.ts";

const DistinguishedNameList = list(opaque(1, 0xffff), 3, 0xffff);

const named = ({
  certificateAuthorities: names,
}: {
  readonly certificateAuthorities: readonly Uint8Array[];
}): Uint8Array[] | undefined => (names.length > 0 ? [...names] : undefined);

export const certificate_authorities = extension(
  "certificate_authorities",
  { client_hello: DistinguishedNameList, certificate_request: DistinguishedNameList },
  { offer: named, request: named },
);
