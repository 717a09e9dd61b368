/** What a detector can find. */
export const findingKinds = [
  /** A server that speaks TLS 1.3 answered with an older version, and says so in its random. */
  "sentinel",
  /** We offered a post-quantum exchange, and the peer took a classical one. */
  "hybrid-declined",
  /** The peer took a weaker suite, KEM, signature or protocol than the one that we put first. */
  "preference-declined",
  /** The peer knows a stronger group that we know too, and a weaker one was taken. */
  "led-to-weaker",
  /** A HelloRetryRequest led away from a stronger share. */
  "retry-to-weaker",
  /** The peer had a post-quantum exchange with us before. */
  "continuity-lost",
  /** The server has promised post-quantum certificates, and shows others. */
  "commitment-broken",
  /** Offers of a stronger exchange failed before the peer had proved itself, and now less is offered. */
  "fallback",
  /** The key that a session is resumed with stems from a classical exchange. */
  "classical-resumption",
  /** Suite, signature, group or protocol are weaker than those of an earlier connection. */
  "weaker-than-before",
  /** What was received is not what was sent: somebody changed the handshake on the way. */
  "tampered",
  /** Both ends opened, and do not believe the same. */
  "ends-disagree",
] as const;
/** What a {@link Finding} is about, as policies name it. */
export type FindingKind = (typeof findingKinds)[number];

/** `notice`: good to know; `warning`: weaker than it could be; `alarm`: this does not come about by itself. */
export type Severity = "notice" | "warning" | "alarm";

/** What a detector says, as plain data. */
export interface Suspicion {
  /** How much it matters. */
  readonly severity: Severity;
  /** One sentence with the facts that it rests on. */
  readonly evidence: string;
}

/** What is reported of a connection, as plain data. */
export interface Finding extends Suspicion {
  /** One of {@link FindingKind}, or that of a detector of the caller's own. */
  readonly kind: string;
}

/** `WARNING hybrid-declined: …`, for a log. */
export const describeFinding = ({ kind, severity, evidence }: Finding): string =>
  `${severity.toUpperCase()} ${kind}: ${evidence}`;
