/** Who may ask an authority: those whose certificates lead to its roots of now. */
import { graceOf, type PkiDirectory, trustedRoots } from "../../authority/index.ts";
import { verifyAgainst } from "../../connection/index.ts";
import type { VerifyPeer } from "../../handshake/index.ts";
import { CertificateCache, createTrustStore, type TrustStore } from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";
import { toHex } from "../../wire/index.ts";

/** A certificate that has just ended still tells who wants the next one, as long as its registration says. */
export function verifyCaller(pki: PkiDirectory): VerifyPeer {
  const verify = verifyAgainst(rootsOf(pki), { cache: new CertificateCache(), anyName: true });
  return (question) => {
    const [leaf] = question.chain;
    try {
      return verify(question);
    } catch (error) {
      const hasEnded = error instanceof TlsError && error.code === "certificate_expired";
      if (!hasEnded || leaf === undefined) throw error;
      const grace = graceOf(pki, toHex(leaf.serialNumber));
      if (question.now > leaf.notAfter + grace) throw error;
      return verify({ ...question, validAt: leaf.notAfter });
    }
  };
}

/** The roots of now: they change when one is rolled. */
function rootsOf(pki: PkiDirectory): TrustStore {
  let roots: { readonly serials: string; readonly store: TrustStore } | undefined;
  const current = (): TrustStore => {
    const entries = trustedRoots(pki);
    const serials = entries.map(({ serial }) => serial).join();
    if (roots?.serials !== serials) {
      roots = { serials, store: createTrustStore(entries.map((entry) => pki.certificate(entry))) };
    }
    return roots.store;
  };
  return {
    get anchors() {
      return current().anchors;
    },
    find: (subject) => current().find(subject),
    has: (certificate) => current().has(certificate),
  };
}
