/** Who is registered gets certificates: the first one for what admits it, each next one for the one before. */
import type { IncomingMessage } from "node:http";
import {
  AuthorityError,
  enrol,
  type Entry,
  isAdmitted,
  isWaiting,
  keepRequest,
  keyHash,
  type PkiDirectory,
  renewRegistered,
  type RequestLimits,
  type Signing,
} from "../../authority/index.ts";
import { encodePem, parseCsr, verifyCsr } from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";
import type { TlsSocket } from "../../transport/node/index.ts";
import { toHex } from "../../wire/index.ts";
import type { AuthorityEvent } from "./authority-options.ts";
import { type Answer, type Asked, json, Refusal } from "./http.ts";
import type { Metrics } from "./metrics.ts";
import type { Writer } from "./writer.ts";

export interface RegistrarOptions {
  readonly pki: PkiDirectory;
  readonly writer: Writer;
  readonly signing: Signing;
  readonly metrics: Metrics;
  /** Of requests without a token, which wait for a person. */
  readonly limits: RequestLimits;
  /** Reads what other processes have written. */
  readonly refresh: () => Promise<void>;
  readonly tell: (event: AuthorityEvent) => void;
}

/** What somebody gets: a certificate, or to wait for a person, with the hash of their key. */
type Outcome = Entry | { readonly waiting: string };

export class Registrar {
  readonly #options: RegistrarOptions;
  /** Requests that were told of. */
  #told: ReadonlySet<string> = new Set();

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  async enrol({ request, body }: Asked): Promise<Answer> {
    const { pki, writer, signing, limits } = this.#options;
    const csr = parseCsr(textOrDer(body));
    const token = bearer(request.headers.authorization);
    const who = token === undefined ? "who has an approved key" : "who has a token";
    await this.#options.refresh();
    return this.#certified("enrolled", request, async () => {
      // Who has nothing to show does not come to where one waits for the other
      if (!isAdmitted(pki, csr, token)) {
        if (token !== undefined) throw new AuthorityError("refused", "there is no such token");
        if (limits.most === 0) throw new AuthorityError("refused", "it needs a token");
        verifyCsr(csr, signing.provider);
        if (isWaiting(pki, csr, limits)) return { waiting: keyHash(csr.publicKey) };
      }
      return writer.change(who, async () => {
        checkThere(request);
        const entry = await enrol(pki, { csr, token }, signing);
        if (entry === undefined) keepRequest(pki, csr, limits);
        return entry ?? { waiting: keyHash(csr.publicKey) };
      });
    });
  }

  async renew({ request, body }: Asked): Promise<Answer> {
    const { pki, writer, signing } = this.#options;
    const csr = parseCsr(textOrDer(body));
    const [leaf] = socketOf(request).negotiated?.peer?.chain ?? [];
    if (leaf === undefined)
      throw new Refusal(401, "it takes the certificate that is to be renewed");
    const serial = toHex(leaf.serialNumber);
    return this.#certified("renewed", request, () =>
      writer.change(`who has ${serial}`, () => {
        checkThere(request);
        return renewRegistered(pki, { csr, serial }, signing);
      }),
    );
  }

  async #certified(
    type: "enrolled" | "renewed",
    { socket: { remoteAddress: from } }: IncomingMessage,
    certify: () => Promise<Outcome>,
  ): Promise<Answer> {
    const { pki, metrics, tell } = this.#options;
    metrics.count("requests");
    try {
      const entry = await certify();
      if ("waiting" in entry) return this.#waiting(entry.waiting);
      const { name, serial } = entry;
      metrics.count(type);
      tell({ type, name, serial });
      const chain = pki.chain(entry).map(({ der }) => encodePem("CERTIFICATE", der));
      return { status: 200, type: "application/pem-certificate-chain", body: chain.join("") };
    } catch (error) {
      const isTheirs = error instanceof TlsError || error instanceof AuthorityError;
      metrics.count("refused");
      if (isTheirs) tell({ type: "refused", reason: error.message, from });
      throw error;
    }
  }

  /** It asks again and again, and is told of once. */
  #waiting(id: string): Answer {
    if (!this.#told.has(id)) this.#options.tell({ type: "waiting", id });
    this.#told = new Set([...this.#told, id].slice(-1000));
    return { ...json(202, { state: "waiting for somebody to approve it" }), retryAfter: 5 };
  }
}

/**
 * Who has gone away, since it took too long, comes again: a busy authority would have ever more to do for nobody.
 * @throws AuthorityError `busy`
 */
function checkThere({ socket }: IncomingMessage): void {
  if (socket.destroyed) throw new AuthorityError("busy", "who asked has gone away");
}

/** Ours, whose certificate it showed. */
const socketOf = (request: IncomingMessage): TlsSocket => request.socket as unknown as TlsSocket;

/** RFC 6750 §2.1 */
const bearer = (header: string | undefined): string | undefined =>
  /^Bearer ([\w-]+(?:\.[\w-]+)*)$/i.exec(header ?? "")?.[1];

const textOrDer = (bytes: Uint8Array): string | Uint8Array =>
  bytes[0] === 0x2d ? new TextDecoder().decode(bytes) : bytes;
