import { AuthorityError, type PkiDirectory } from "../../authority/index.ts";

/** Jobs that may wait for their turn. One more is refused: whoever asked comes back. */
const mostWaiting = 256;

/** One change of the directory after the other, in the order in which they were asked for. */
export class Writer {
  readonly #pki: PkiDirectory;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(pki: PkiDirectory) {
    this.#pki = pki;
  }

  /** @throws AuthorityError `busy` if too many wait, and what the change throws */
  async change<T>(who: string, run: (pki: PkiDirectory) => T | Promise<T>): Promise<T> {
    if (this.#waiting >= mostWaiting) {
      throw new AuthorityError("busy", "the authority has too much to do: come back later");
    }
    this.#waiting++;
    const turn = this.#last.then(() => this.#pki.change(run, { who }));
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  /** When all that was asked for is done. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
