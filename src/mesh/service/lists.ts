/** Lists of what is revoked, made anew in time, and as soon as something was revoked: by whatever process. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  counts,
  type Entry,
  type PkiDirectory,
  publishList,
  type Signing,
} from "../../authority/index.ts";
import { encodePem, parseCrl } from "../../identity/index.ts";
import type { Writer } from "./writer.ts";

export interface ListTerms {
  /** Milliseconds for which a list counts; the next one is made after half of them. */
  readonly lifetime: number;
  /** Told of what could not be done: a key that is not here. */
  readonly onError: (issuer: string, error: unknown) => void;
  readonly onList: (issuer: string, number: number) => void;
}

interface Published {
  readonly number: number;
  readonly der: Uint8Array;
}

export class Lists {
  readonly #pki: PkiDirectory;
  readonly #writer: Writer;
  readonly #signing: Signing;
  readonly #terms: ListTerms;
  readonly #published = new Map<string, Published>();
  /** When an issuer whose key is not here, or that could not write, is tried again. */
  readonly #retryAt = new Map<string, number>();
  #making: Promise<void> | undefined;

  constructor(pki: PkiDirectory, writer: Writer, signing: Signing, terms: ListTerms) {
    this.#pki = pki;
    this.#writer = writer;
    this.#signing = signing;
    this.#terms = terms;
  }

  /** Makes those that are due. One run at a time: who comes in between waits for the next. */
  async update(): Promise<void> {
    while (this.#making !== undefined) await this.#making;
    if (this.#due().length === 0) return;
    this.#making = this.#make().finally(() => (this.#making = undefined));
    await this.#making;
  }

  /** The list of an issuer in DER; `undefined` if it has none yet. */
  of(issuer: string): Uint8Array | undefined {
    const { complete } = this.#pki.records.listsOf(issuer);
    if (complete === undefined) return undefined;
    const known = this.#published.get(issuer);
    if (known?.number === complete.number) return known.der;
    const path = join(this.#pki.path, "crl", `${issuer}.crl`);
    try {
      const der = new Uint8Array(readFileSync(path));
      const number = Number(parseCrl(der, path).number);
      if (known !== undefined && number <= known.number) return known.der;
      this.#published.set(issuer, { number, der });
      return der;
    } catch {
      // The first is being made
      return known?.der;
    }
  }

  /** All of them, one after the other, in PEM. */
  get pem(): string {
    return this.#issuers()
      .flatMap(({ name }) => {
        const der = this.of(name);
        return der === undefined ? [] : [encodePem("X509 CRL", der)];
      })
      .join("");
  }

  #issuers(): readonly Entry[] {
    return this.#pki.authorities().filter((entry) => counts(entry));
  }

  #due(): readonly Entry[] {
    const now = Date.now();
    return this.#issuers().filter(({ name }) => {
      if ((this.#retryAt.get(name) ?? 0) > now) return false;
      const { complete } = this.#pki.records.listsOf(name);
      if (complete === undefined || this.#pki.records.isListDue(name)) return true;
      return Date.parse(complete.at) + this.#terms.lifetime / 2 <= now;
    });
  }

  async #make(): Promise<void> {
    for (const { name } of this.#due()) {
      try {
        const made = await this.#writer.change("authority", async (pki) => {
          // Another process may have been faster
          const issuer = this.#due().find((each) => each.name === name);
          if (issuer === undefined) return undefined;
          const terms = { issuer, isDelta: false, lifetime: this.#terms.lifetime };
          return publishList(pki, terms, this.#signing);
        });
        if (made === undefined) continue;
        // Nobody gets one that was not written down
        this.#published.set(name, { number: made.number, der: made.crl.der });
        this.#terms.onList(name, made.number);
      } catch (error) {
        this.#retryAt.set(name, Date.now() + 10_000);
        this.#terms.onError(name, error);
      }
    }
  }
}
