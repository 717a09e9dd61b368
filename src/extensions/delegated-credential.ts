/** delegated_credential (RFC 9345 §4.1): a short-lived key that the certificate's key signed. */
import { DelegatedCredential } from "../identity/path/delegated-credential.ts";
import { SignatureScheme } from "../registry/index.ts";
import { code, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";

const schemes = list(code(uint16, SignatureScheme), 2, 0xfffe);

const accepted = ({
  delegatedSchemes: taken,
}: {
  readonly delegatedSchemes: readonly { readonly code: number }[];
}): number[] | undefined => (taken.length > 0 ? taken.map((each) => each.code) : undefined);

export const delegated_credential = extension(
  "delegated_credential",
  { client_hello: schemes, certificate_request: schemes, certificate: DelegatedCredential },
  { offer: accepted, request: accepted },
);
