import type { KeyType, PrivateKeyInfo, Provider } from "../../src/crypto/index.ts";
import {
  type Certificate,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  type IssueOptions,
} from "../../src/identity/index.ts";

/** The tests' present: 1 November 2026. */
export const now = Date.UTC(2026, 10, 1);
export const day = 86_400_000;

export interface Entity {
  readonly certificate: Certificate;
  readonly privateKey: PrivateKeyInfo;
}

export type Change = Partial<Omit<IssueOptions, "issuer">> & { readonly type?: KeyType };

/** Makes chains in a line each; Ed25519 unless told otherwise, because it is quick. */
export class Pki {
  readonly provider: Provider;

  constructor(provider: Provider) {
    this.provider = provider;
  }

  root(name: string, change: Change = {}): Entity {
    return this.#issue(name, undefined, { ca: {}, ...change });
  }

  ca(name: string, issuer: Entity, change: Change = {}): Entity {
    return this.#issue(name, issuer, { ca: {}, ...change });
  }

  leaf(name: string, issuer: Entity, change: Change = {}): Entity {
    return this.#issue(name, issuer, { names: { dns: [name] }, ...change });
  }

  /** Another certificate for the subject and key of one that exists. */
  cross(subject: Entity, issuer: Entity, change: Change = {}): Entity {
    const { certificate, privateKey } = subject;
    const name = certificate.subject.valuesOf("2.5.4.3")[0] ?? "";
    const issued = this.#issue(name, issuer, {
      ca: {},
      publicKey: certificate.publicKey,
      ...change,
    });
    return { ...issued, privateKey };
  }

  #issue(name: string, issuer: Entity | undefined, change: Change): Entity {
    const { type = "ed25519", ...rest } = change;
    const key = this.provider.generateKey(type);
    const privateKey = encodePrivateKey(key);
    const certificate = issueCertificate({
      subject: { O: "Test", CN: name },
      ...(issuer === undefined ? {} : { issuer: issuer.certificate }),
      signingKey: issuer?.privateKey ?? privateKey,
      publicKey: encodePublicKey(type, key.publicKey),
      notBefore: now - 30 * day,
      notAfter: now + 30 * day,
      provider: this.provider,
      ...rest,
    });
    return { certificate, privateKey };
  }
}

/** The certificates of a chain, leaf first. */
export const certificates = (...entities: readonly Entity[]): Certificate[] =>
  entities.map(({ certificate }) => certificate);

/** The error that `run` throws. */
export function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
