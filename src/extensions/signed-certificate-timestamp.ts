/** signed_certificate_timestamp (RFC 6962 §3.3.1): proofs of logging, beside a certificate. */
import { empty, list, opaque } from "../wire/index.ts";
import { extension } from "./extension.ts";

interface Stapling {
  readonly stapling: boolean;
}
interface Logged {
  readonly signedCertificateTimestamps?: readonly Uint8Array[] | undefined;
}

export const signed_certificate_timestamp = extension(
  "signed_certificate_timestamp",
  {
    client_hello: empty,
    certificate_request: empty,
    certificate: list(opaque(1, 0xffff), 1, 0xffff),
  },
  {
    offer: ({ stapling }: Stapling) => (stapling ? true : undefined),
    request: ({ stapling }: Stapling) => (stapling ? true : undefined),
    present: ({ signedCertificateTimestamps: proofs }: Logged) => proofs && [...proofs],
  },
);
