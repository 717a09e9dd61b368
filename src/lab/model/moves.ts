/** What the client's application and the attacker may do next: all of it data. */
import type { AlertName } from "../../registry/index.ts";

/** What the attacker does to one connection. Everything else goes on as it is. */
export type Attack =
  /** Nothing. */
  | { readonly kind: "none" }
  /** Takes the ClientHello away, and lets the client wait. */
  | { readonly kind: "drop-hello" }
  /** Answers the ClientHello in the server's place, in the clear. */
  | { readonly kind: "answer"; readonly with: AlertName | "HTTP" | "nonsense" | "half a message" }
  /** Takes the groups of the best category out of the ClientHello, and lets it go on. */
  | { readonly kind: "rewrite-hello" }
  /** Answers as a server of its own: with a certificate of nobody, of another name, or the server's with its own key. */
  | {
      readonly kind: "impostor";
      readonly shows: "unknown-ca" | "other-name" | "stolen-certificate";
    }
  /** Takes the server's flight away, puts an alert in its place, or changes a bit in its last record. */
  | { readonly kind: "drop-answer" | "alert-for-answer" | "flip-answer" }
  /** Takes the client's Finished away. */
  | { readonly kind: "drop-finished" }
  /** Sends the server once more what the client sent first. */
  | { readonly kind: "replay" };

/** One step: the client connects, the attacker does something. */
export interface Move {
  /** Minutes since the step before. */
  readonly wait: number;
  readonly offer: Offer;
  /** With the session that it has. */
  readonly resume: boolean;
  readonly attack: Attack;
  /** The same again. */
  readonly times: number;
}

export const offers = ["hybrid and classical", "classical"] as const;
export type Offer = (typeof offers)[number];

const answers = [
  "handshake_failure",
  "internal_error",
  "close_notify",
  "HTTP",
  "nonsense",
  "half a message",
] as const;

export const attacks: readonly Attack[] = [
  { kind: "none" },
  { kind: "drop-hello" },
  ...answers.map((given) => ({ kind: "answer", with: given }) as const),
  { kind: "rewrite-hello" },
  { kind: "impostor", shows: "unknown-ca" },
  { kind: "impostor", shows: "other-name" },
  { kind: "impostor", shows: "stolen-certificate" },
  { kind: "drop-answer" },
  { kind: "alert-for-answer" },
  { kind: "flip-answer" },
  { kind: "drop-finished" },
  { kind: "replay" },
];

/** Longer than an offer without an answer is held against the next. */
const longWait = 61;
/** More than a memory keeps of one peer. */
const many = 9;

/** All that may come next. */
export function movesFrom(hasSession: boolean): Move[] {
  const moves: Move[] = [];
  for (const wait of [0, longWait]) {
    for (const offer of offers) {
      for (const attack of attacks) {
        const move = { wait, offer, attack, resume: false, times: 1 };
        moves.push(move);
        if (hasSession) moves.push({ ...move, resume: true });
        if (attack.kind === "drop-hello") moves.push({ ...move, times: many });
      }
    }
  }
  return moves;
}

/** In words. */
export function describeMove({ wait, offer, resume, attack, times }: Move): string {
  const { kind } = attack;
  const detail = kind === "answer" ? attack.with : kind === "impostor" ? attack.shows : "";
  return [
    wait > 0 ? `${wait} minutes later the client offers ${offer}` : `the client offers ${offer}`,
    ...(resume ? ["with its session"] : []),
    kind === "none" ? "and nobody is between" : `attacker: ${kind}${detail && ` (${detail})`}`,
    ...(times > 1 ? [`${times} times`] : []),
  ].join(", ");
}
