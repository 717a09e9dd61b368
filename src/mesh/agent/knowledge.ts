/** What an agent believes: the roots, and what is revoked. It is replaced as a whole, and goes never back. */
import { parseBundle } from "../../authority/index.ts";
import {
  type Certificate,
  createTrustStore,
  type Crl,
  parseCrls,
  type TrustStore,
} from "../../identity/index.ts";
import { equal } from "../../wire/index.ts";

export class Knowledge {
  #bundle = "";
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

  /** As they came. */
  get texts(): { readonly bundle: string; readonly lists: string } {
    return { bundle: this.#bundle, lists: this.#lists };
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** @returns whether the roots have changed @throws AuthorityError for what is no bundle, or has no root */
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
   * Of an issuer's lists the one with the highest number stays (RFC 5280 §5.2.3), whatever came later.
   * @returns whether anything is new
   */
  learnLists(text: string): boolean {
    if (text === this.#lists) return false;
    const next = text === "" ? [] : parseCrls(text);
    const kept = this.#crls.filter((old) =>
      next.some((each) => isOfSame(each, old) && (each.number ?? 0n) < (old.number ?? 0n)),
    );
    const isReplaced = (each: Crl): boolean => kept.some((old) => isOfSame(each, old));
    [this.#lists, this.#crls] = [text, [...next.filter((each) => !isReplaced(each)), ...kept]];
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

/** Authorities may have one name and several keys. */
const isOfSame = (one: Crl, other: Crl): boolean =>
  one.issuer.key === other.issuer.key &&
  areSame(one.authorityKeyIdentifier, other.authorityKeyIdentifier);

const areSame = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === undefined || other === undefined ? one === other : equal(one, other);
