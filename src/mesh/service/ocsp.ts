/** OCSP over HTTP (RFC 6960 Appendix A), with nonces as RFC 9654 wants them. */
import {
  answer,
  askedIn,
  AuthorityError,
  type PkiDirectory,
  type Signing,
} from "../../authority/index.ts";
import { type OcspRequest, parseOcspRequest } from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";
import { toHex } from "../../wire/index.ts";

/** Certificates that one request may ask about. */
const mostAsked = 16;

/** Answers that are being signed at the same time; a token makes one after the other. */
const mostSigning = 8;

/** OCSPResponseStatus (RFC 6960 §4.2.1), in an OCSPResponse without more. */
const status = { malformedRequest: 1, internalError: 2, tryLater: 3, unauthorized: 6 } as const;
const failure = (code: number): Uint8Array => Uint8Array.of(0x30, 0x03, 0x0a, 0x01, code);

export class Responder {
  readonly #pki: PkiDirectory;
  readonly #signing: Signing;
  readonly #lifetime: number;
  readonly #signed: () => void;
  /** Answers without a nonce, by what was asked, as long as nothing has changed. */
  #answers = new Map<string, { readonly der: Uint8Array; readonly until: number }>();
  #hash = "";
  #signings = 0;

  /** @param lifetime milliseconds for which an answer counts */
  constructor(
    pki: PkiDirectory,
    signing: Signing,
    { lifetime, signed }: { readonly lifetime: number; readonly signed: () => void },
  ) {
    this.#pki = pki;
    this.#signing = signing;
    this.#lifetime = lifetime;
    this.#signed = signed;
  }

  /** An OCSPResponse in DER, for whatever came. */
  async respond(request: Uint8Array): Promise<Uint8Array> {
    let asked: OcspRequest;
    try {
      asked = parseOcspRequest(request);
    } catch (error) {
      if (error instanceof TlsError) return failure(status.malformedRequest);
      throw error;
    }
    if (asked.certIds.length > mostAsked || !isNonce(asked.nonce)) {
      return failure(status.malformedRequest);
    }
    try {
      return await this.#answer(asked);
    } catch (error) {
      if (!(error instanceof AuthorityError)) return failure(status.internalError);
      // RFC 6960 §2.3: it cannot respond authoritatively
      const code = error.code === "not_found" ? status.unauthorized : status.tryLater;
      return failure(code);
    }
  }

  async #answer(asked: OcspRequest): Promise<Uint8Array> {
    const { hash } = this.#pki.head;
    if (hash !== this.#hash) [this.#answers, this.#hash] = [new Map(), hash];
    // Not the request: anybody can say more in it
    const key = asked.certIds.map(({ der }) => toHex(der)).join();
    // What is signed while something changes is of the time before
    const answers = this.#answers;
    const known = asked.nonce === undefined ? answers.get(key) : undefined;
    if (known !== undefined && known.until > Date.now()) return known.der;
    const question = askedIn(this.#pki, asked);
    if (this.#signings >= mostSigning) return failure(status.tryLater);
    this.#signings++;
    try {
      const { der } = await answer(
        this.#pki,
        question,
        { lifetime: this.#lifetime },
        this.#signing,
      );
      this.#signed();
      if (asked.nonce === undefined) {
        answers.set(key, { der, until: Date.now() + this.#lifetime / 2 });
        const [oldest] = answers.keys();
        if (answers.size > mostKept) answers.delete(oldest!);
      }
      return der;
    } finally {
      this.#signings--;
    }
  }
}

/** Answers that are kept. */
const mostKept = 1000;

/** RFC 9654 §2.1: an OCTET STRING of 1 to 128 octets; others MUST be answered with malformedRequest. */
const isNonce = (value: Uint8Array | undefined): boolean =>
  value === undefined ||
  (value[0] === 0x04 &&
    (value[1]! < 0x80
      ? value[1]! > 0 && value.length === 2 + value[1]!
      : value[1] === 0x81 && value[2] === 128 && value.length === 3 + 128));
