/** What stands behind every connection and looks on: the policy, the detectors, and the memory of earlier ones. */
import {
  categoryOf,
  type ConnectionHistory,
  detect,
  type Detector,
  type Facts,
  type Finding,
  type Offered,
  schemeStrength,
  suiteStrength,
} from "../detection/index.ts";
import type { Group } from "../groups/index.ts";
import type { Negotiated } from "../handshake/index.ts";
import {
  explainByPolicy,
  judgeFindings,
  judgeNegotiated,
  type ResolvedPolicy,
} from "../policy/index.ts";
import type { Observer } from "../record/index.ts";
import type { TlsError } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";

export interface ReviewTerms {
  readonly role: Role;
  readonly policy: ResolvedPolicy | undefined;
  /** The caller's own. */
  readonly detectors: readonly Detector[];
  readonly offered: Offered;
  /** As {@link Facts.shares}. */
  readonly shares: readonly Group[];
  readonly now: () => number;
  readonly history: ConnectionHistory | undefined;
  /** Under which the peer is remembered. */
  readonly historyKey: string | undefined;
}

type Tell = (finding: Finding) => void;

export class Review {
  readonly #terms: ReviewTerms;
  #told: string[] = [];
  #helloBytes = 0;
  #isProved = false;
  #remembered = false;

  constructor(terms: ReviewTerms) {
    this.#terms = terms;
  }

  /** Sees what the history needs; without one it does not look. */
  observing(inner: Observer | undefined): Observer | undefined {
    if (this.#terms.history === undefined) return inner;
    return {
      message: (direction, raw, epoch) => {
        if (direction === "sent" && this.#helloBytes === 0) this.#helloBytes = raw.length;
        inner?.message?.(direction, raw, epoch);
      },
      ...(inner?.record === undefined
        ? {}
        : { record: (direction, fact) => inner.record?.(direction, fact) }),
    };
  }

  /** Before anything is sent. @throws TlsError `insufficient_security` for an offer that the policy forbids */
  start(tell: Tell): void {
    this.#judge({}, tell);
  }

  /** Before anybody is told that the connection is open. @throws TlsError `insufficient_security` */
  open(negotiated: Negotiated, tell: Tell): void {
    this.#isProved = true;
    const { policy } = this.#terms;
    if (policy !== undefined) judgeNegotiated(policy, negotiated);
    this.#judge({ negotiated }, tell);
    this.#remember("open", negotiated);
  }

  /** Gives the error as the policy sees it. */
  fail(error: TlsError, negotiated: Negotiated | undefined, tell: Tell): TlsError {
    for (const finding of this.#detect({ error, negotiated })) tell(finding);
    // Alert, error or silence: until the peer has proved itself, anybody on the way can have made it
    this.#remember(this.#isProved ? "failed" : "unanswered", undefined);
    const { policy } = this.#terms;
    return policy === undefined ? error : explainByPolicy(policy, error);
  }

  #judge(facts: Pick<Facts, "negotiated">, tell: Tell): void {
    const findings = this.#detect(facts);
    for (const finding of findings) tell(finding);
    if (this.#terms.policy !== undefined) judgeFindings(this.#terms.policy, findings);
  }

  /** Each kind once. */
  #detect(facts: Pick<Facts, "negotiated" | "error">): Finding[] {
    const { role, offered, shares, now, history, historyKey, detectors } = this.#terms;
    const past = historyKey === undefined ? [] : (history?.recall(historyKey) ?? []);
    const helloBytes = this.#helloBytes;
    const all = detect(
      { ...offered, role, shares, now: now(), helloBytes, past, ...facts },
      detectors,
    );
    const fresh = all.filter(({ kind }) => !this.#told.includes(kind));
    if (fresh.length > 0) this.#told = [...this.#told, ...fresh.map(({ kind }) => kind)];
    return fresh;
  }

  /** The outcome of the handshake, once. */
  #remember(outcome: "open" | "unanswered" | "failed", negotiated: Negotiated | undefined): void {
    const { history, historyKey, offered, now } = this.#terms;
    if (history === undefined || historyKey === undefined || this.#helloBytes === 0) return;
    if (this.#remembered) return;
    this.#remembered = true;
    history.remember(historyKey, {
      at: now(),
      outcome,
      offeredCategory: categoryOf(offered.groups),
      helloBytes: this.#helloBytes,
      group: negotiated?.group ?? null,
      category: categoryOf(offered.groups.filter(({ name }) => name === negotiated?.group)),
      cipherSuite: negotiated?.cipherSuite ?? null,
      keyBits: negotiated && suiteStrength(offered.suites, negotiated.cipherSuite),
      peerSignatureScheme: negotiated?.peerSignatureScheme ?? null,
      signatureStrength: schemeStrength(
        offered.knownSchemes,
        negotiated?.peerSignatureScheme ?? null,
      ),
      alpn: negotiated?.alpn ?? null,
    });
  }
}
