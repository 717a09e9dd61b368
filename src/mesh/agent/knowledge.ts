/** What an agent believes: the roots, and what is revoked. It is replaced as a whole, and goes never back. */
import { parseBundle } from "../../authority/index.ts";
import {
  type Certificate,
  createTrustStore,
  type Crl,
  encodePem,
  parseCrls,
  type TrustStore,
} from "../../identity/index.ts";
import { equal } from "../../wire/index.ts";

export class Knowledge {
  #bundle = "";
  /** Lists as they came last. */
  #lists = "";
  #sequence = 0;
  #store = createTrustStore([]);
  #crls: readonly Crl[] = [];

  /** Changes with what is learnt. */
  readonly trust: TrustStore;

  constructor() {
    const current = (): TrustStore => this.#store;
    this.trust = {
      get anchors() {
        return current().anchors;
      },
      find: (subject) => current().find(subject),
      has: (certificate) => current().has(certificate),
      get unreadable() {
        return current().unreadable ?? [];
      },
    };
  }

  get crls(): readonly Crl[] {
    return this.#crls;
  }

  /** To go on with after a restart: what is known, which may be newer than what came last. */
  get texts(): { readonly bundle: string; readonly lists: string } {
    const lists = this.#crls.map(({ der }) => encodePem("X509 CRL", der)).join("");
    return { bundle: this.#bundle, lists };
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** @returns whether the roots have changed @throws AuthorityError for what is not a bundle, or has no root */
  learnBundle(text: string): boolean {
    if (text === this.#bundle) return false;
    const { roots, sequence = 0 } = parseBundle(text);
    if (roots.length === 0) throw new Error("a bundle without roots would trust nobody");
    if (sequence < this.#sequence)
      throw new Error(`bundle ${this.#sequence} was before ${sequence}`);
    const before = this.#store.anchors;
    [this.#bundle, this.#sequence, this.#store] = [text, sequence, createTrustStore(roots)];
    const { anchors } = this.#store;
    return (
      anchors.length !== before.length ||
      !anchors.every((each) => before.some((old) => equal(old.der, each.der)))
    );
  }

  /**
   * Of an issuer's lists the one with the highest number stays (RFC 5280 §5.2.3), whatever came later; one that did not
   * come again, until it ends.
   * @returns whether anything is new
   * @throws Error for more than 256 lists, TlsError `bad_certificate` for what is none
   */
  learnLists(text: string): boolean {
    if (text === this.#lists) return false;
    const next = text === "" ? [] : parseCrls(text);
    checkCount(next);
    const kept = this.#crls.filter((old) => {
      const same = next.filter((each) => isOfSame(each, old));
      if (same.length === 0) return Date.now() < (old.nextUpdate ?? 0);
      return same.every((each) => numberOf(each) < numberOf(old));
    });
    const isReplaced = (each: Crl): boolean => kept.some((old) => isOfSame(each, old));
    const crls = [...next.filter((each) => !isReplaced(each)), ...kept];
    checkCount(crls);
    [this.#lists, this.#crls] = [text, crls];
    return true;
  }

  /** From what was heard before a restart, unless what is known is newer. */
  goOn(before: { readonly bundle: string; readonly lists: string } | undefined): void {
    if (before === undefined) return;
    if ((parseBundle(before.bundle).sequence ?? 0) >= this.#sequence) {
      this.learnBundle(before.bundle);
    }
    this.learnLists(before.lists);
  }

  /** Whether a list says that a certificate is revoked. */
  isRevoked({ serialNumber, issuer, authorityKeyIdentifier }: Certificate): boolean {
    return this.#crls.some(
      (crl) =>
        areSame(crl.authorityKeyIdentifier, authorityKeyIdentifier) &&
        crl.find(issuer, serialNumber) !== undefined,
    );
  }
}

/** Of one domain. An authority has one list for each of its issuers; each is compared with each. */
const mostLists = 256;

function checkCount({ length }: readonly Crl[]): void {
  if (length > mostLists) throw new Error(`${length} lists, where ${mostLists} are kept`);
}

const numberOf = ({ number = 0n }: Crl): bigint => number;

/** Authorities may have one name and several keys. */
const isOfSame = (one: Crl, other: Crl): boolean =>
  one.issuer.key === other.issuer.key &&
  areSame(one.authorityKeyIdentifier, other.authorityKeyIdentifier);

const areSame = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === undefined || other === undefined ? one === other : equal(one, other);
