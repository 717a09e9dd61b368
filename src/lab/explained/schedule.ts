/** The key schedule of a handshake (RFC 9846 §7.1): each secret, what went into it, and its bytes where they are known. */
import { type Hash, hashOf, noble, suites as registered } from "../../crypto/index.ts";
import { decodeMessage, messageType } from "../../messages/index.ts";
import { equal, fromHex } from "../../wire/index.ts";
import { derivePsk, deriveSecrets, type Secrets } from "../hybrid/secrets.ts";
import { randomOf } from "../trace/followed-keys.ts";
import type { TraceItem } from "../trace/reader.ts";
import type { ReadOptions, Trace } from "../trace/trace.ts";
import type { WireFacts } from "../trace/wire-facts.ts";
import { type Exchange, sharedSecretOf } from "./exchange.ts";
import { type ExplainedSecret, rowsOf } from "./schedule-rows.ts";

/** A handshake, and what is known beside it. */
export interface Given {
  readonly sent: readonly TraceItem[];
  readonly facts: WireFacts;
  readonly exchange: Exchange | null;
  readonly trace: Trace;
  readonly options: ReadOptions & { readonly psks?: readonly Uint8Array[] };
}

/** Empty before a cipher suite was chosen. */
export function scheduleOf(given: Given): ExplainedSecret[] {
  const { sent, facts, exchange } = given;
  if (facts.cipherSuite === null) return [];
  const log = logOf(given);
  const computation = compute(given, log);
  const inputs: Readonly<Record<string, Uint8Array | undefined>> = {
    shared: sharedSecretOf(exchange),
    psk: computation?.psk,
  };
  return rowsOf(facts, exchange, sent).map(
    ({ says, section, computed, logged, transcript, ...row }) => {
      const fromLog = logged === undefined ? undefined : log.get(logged);
      const own = computed === undefined ? undefined : computation?.secrets[computed];
      return {
        ...row,
        transcript: transcript ?? null,
        sentence: { says: `${says}.`, section: section ?? "RFC 9846 §7.1" },
        value: fromLog ?? own ?? inputs[row.id],
        agrees: fromLog && own ? equal(fromLog, own) : null,
      };
    },
  );
}

/**
 * The keys of the tickets that a server gave (RFC 9846 §4.7.1), for what is resumed later; none where the shared secret is not
 * known.
 */
export function ticketKeysOf(given: Given): Uint8Array[] {
  const hash = hashIn(given);
  const computation = compute(given, logOf(given));
  if (hash === undefined || computation === undefined) return [];
  return given.sent.flatMap((item) => {
    if (item.kind !== "message" || messageType(item.raw) !== "new_session_ticket") return [];
    try {
      const { ticketNonce } = decodeMessage("new_session_ticket", item.raw).body;
      return [derivePsk(hash, computation.secrets.resumption, ticketNonce)];
    } catch {
      // What cannot be read is not a ticket
      return [];
    }
  });
}

interface Computation {
  readonly secrets: Secrets;
  /** With which the session began. */
  readonly psk?: Uint8Array;
}

/** From a whole handshake only, and where the shared secret is known. */
function compute(given: Given, log: ReadonlyMap<string, Uint8Array>): Computation | undefined {
  const { sent, facts, exchange, options } = given;
  const hash = hashIn(given);
  const messages = sent.flatMap((item) =>
    item.kind === "message" ? [{ from: item.from, bytes: item.raw }] : [],
  );
  const isWhole = (["client", "server"] as const).every((role) =>
    messages.some(({ from, bytes }) => from === role && messageType(bytes) === "finished"),
  );
  if (hash === undefined || !isWhole) return undefined;
  // Without a key exchange zeros stand for its secret (RFC 9846 §7.1)
  const zeros = facts.resumed && facts.group === null ? new Uint8Array(hash.length) : undefined;
  const sharedSecret = sharedSecretOf(exchange) ?? zeros;
  if (sharedSecret === undefined) return undefined;
  if (!facts.resumed) return { secrets: deriveSecrets(hash, { sharedSecret, messages }) };
  // Messages do not say the key itself: it is the one with which the key log agrees
  const logged = log.get("CLIENT_HANDSHAKE_TRAFFIC_SECRET");
  for (const psk of options.psks ?? []) {
    const secrets = deriveSecrets(hash, { sharedSecret, psk, messages });
    if (logged && equal(secrets.clientHandshakeTraffic, logged)) return { secrets, psk };
  }
  return undefined;
}

function hashIn({ facts, options: { provider = noble, suites = [] } }: Given): Hash | undefined {
  const suite = [...suites, ...registered].find(({ name }) => name === facts.cipherSuite);
  return suite && hashOf(suite, provider);
}

const hexadecimal = /^(?:[\da-f]{2})+$/i;

/** By label, of this connection. */
function logOf({ sent, trace }: Given): Map<string, Uint8Array> {
  const hello = sent.find(
    (item) => item.kind === "message" && messageType(item.raw) === "client_hello",
  );
  const random = hello?.kind === "message" ? randomOf(hello.raw) : "";
  const found = new Map<string, Uint8Array>();
  for (const { line } of trace.keyLog) {
    const [label = "", owner = "", secret = ""] = line.split(" ");
    // A log may hold anything: what is not a secret says nothing (RFC 9850 §2)
    if (owner.toLowerCase() !== random || found.has(label) || !hexadecimal.test(secret)) continue;
    found.set(label, fromHex(secret));
  }
  return found;
}
