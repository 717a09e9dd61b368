/** `checkServerIdentity`, as `node:tls` has it. */
import { X509Certificate } from "node:crypto";
import type { DetailedPeerCertificate } from "node:tls";
import type { PeerIdentity, VerifyPeer } from "../../handshake/index.ts";
import { type Certificate, sameName } from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";

/** Says why a certificate that is valid is not that of the server: anything but `undefined` refuses it. */
export type CheckServerIdentity = (
  hostname: string,
  certificate: DetailedPeerCertificate,
) => Error | undefined;

/** @param verify verifies the chain without a name */
export const byIdentityCheck =
  (verify: VerifyPeer, isServer: CheckServerIdentity): VerifyPeer =>
  (question) => {
    const judge = (identity: PeerIdentity): PeerIdentity => {
      // A raw public key that is trusted has no names to check
      if (identity.verified !== undefined) {
        refuse(isServer(question.name ?? "", legacyForm(identity.verified.path)));
      }
      return identity;
    };
    const identity = verify({ ...question, name: undefined });
    return identity instanceof Promise ? identity.then(judge) : judge(identity);
  };

function refuse(verdict: unknown): void {
  if (verdict === undefined || verdict === null) return;
  const reason =
    verdict instanceof Error ? verdict.message : "it gave neither an Error nor undefined";
  throw new TlsError("wrong_name", `checkServerIdentity refused the certificate: ${reason}`, {
    where: "certificate[0]",
    cause: verdict,
  });
}

/** Leaf first; each with its issuer. @throws TlsError for what OpenSSL cannot read */
function legacyForm(path: readonly Certificate[]): DetailedPeerCertificate {
  const forms = path.map(({ der }, index) => {
    try {
      return new X509Certificate(der).toLegacyObject() as DetailedPeerCertificate;
    } catch (cause) {
      throw new TlsError("bad_certificate", "checkServerIdentity cannot be given the certificate", {
        where: `certificate[${index}]`,
        cause,
      });
    }
  });
  linkIssuers(forms, path);
  return forms[0]!;
}

/** As `node:tls` does: each has its issuer, and one that names itself itself. */
export function linkIssuers(
  forms: readonly DetailedPeerCertificate[],
  path: readonly Certificate[],
): void {
  forms.forEach((form, index) => {
    const { issuer, subject } = path[index]!;
    const above = forms[index + 1] ?? (sameName(issuer, subject) ? form : undefined);
    if (above !== undefined) form.issuerCertificate = above;
  });
}
