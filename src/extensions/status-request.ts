/** status_request (RFC 6066 §8, RFC 9846 §4.5.1.1): a stapled OCSP response beside a certificate. */
import { opaque, rest, struct, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";

/** CertificateStatusType (RFC 6066 §8). */
const ocsp = 1;

interface Stapling {
  readonly stapling: boolean;
}

export const status_request = extension(
  "status_request",
  {
    client_hello: struct({ statusType: uint8, request: rest }),
    certificate_request: rest,
    certificate: struct({ statusType: uint8, response: opaque(1, 0xffffff) }),
  },
  {
    /** Any responder, and no extensions: two empty lists. */
    offer: ({ stapling }: Stapling) =>
      stapling ? { statusType: ocsp, request: new Uint8Array(4) } : undefined,
    request: ({ stapling }: Stapling) => (stapling ? new Uint8Array(0) : undefined),
    present: ({ ocspResponse: response }: { readonly ocspResponse?: Uint8Array | undefined }) =>
      response && { statusType: ocsp, response },
  },
);
