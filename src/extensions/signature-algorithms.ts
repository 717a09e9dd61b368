/**
 * signature_algorithms and signature_algorithms_cert (RFC 9846 §4.3.3): schemes for CertificateVerify, and for
 * certificates unless the second says otherwise. Which certificate fits is `handshake/authentication/credential-choice.ts`.
 */
import { SignatureScheme } from "../registry/index.ts";
import { code, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { missing } from "./illegal.ts";

const SignatureSchemeList = list(code(uint16, SignatureScheme), 2, 0xfffe);
const inBoth = { client_hello: SignatureSchemeList, certificate_request: SignatureSchemeList };

interface Coded {
  readonly code: number;
  readonly clientOnly?: boolean;
}
interface Accepted {
  readonly schemes: readonly Coded[];
  /** AuthKEM's, which are not signatures, are negotiated as if they were (draft-celi-wiggers-tls-authkem-07 §4.1). */
  readonly kemSchemes: readonly Coded[];
}
interface Requested {
  readonly schemes: readonly Coded[];
  /** What a client may prove itself by, where that is not by signature. */
  readonly requestedSchemes?: readonly Coded[];
}
const codes = (schemes: readonly Coded[]): number[] => schemes.map((each) => each.code);

export const signature_algorithms = extension("signature_algorithms", inBoth, {
  /** RFC 9963 §2: some schemes are for clients' signatures alone. */
  offer: ({ schemes, kemSchemes }: Accepted) => [
    ...codes(kemSchemes),
    ...codes(schemes.filter(({ clientOnly }) => clientOnly !== true)),
  ],
  request: ({ schemes, requestedSchemes = schemes }: Requested) => codes(requestedSchemes),
});

const inCertificates = ({
  certificateSchemes: schemes,
}: {
  readonly certificateSchemes?: readonly Coded[] | undefined;
}): number[] | undefined => schemes && codes(schemes);

export const signature_algorithms_cert = extension("signature_algorithms_cert", inBoth, {
  offer: inCertificates,
  request: inCertificates,
});

interface Schemes {
  readonly signature_algorithms?: unknown;
  readonly pre_shared_key?: unknown;
}

/** A server: a client that offers no PSK names the schemes that it takes (§4.3.3, §9.2). */
export function checkOfferedSchemes({
  signature_algorithms: schemes,
  pre_shared_key,
}: Schemes): void {
  if (schemes !== undefined || pre_shared_key !== undefined) return;
  const where = "client_hello.extensions.signature_algorithms";
  throw missing("the client sent no signature_algorithms", where);
}

/** A client: a request names them, at any time (§4.4.2). */
export function checkRequestedSchemes({ signature_algorithms: schemes }: Schemes): void {
  if (schemes !== undefined) return;
  const where = "certificate_request.extensions.signature_algorithms";
  throw missing("the request names no signature schemes", where, "RFC 9846 §4.4.2");
}
