/**
 * What stands before a visitor's own KEM in its worker: it takes the KEM, runs a handshake with it, and explains that.
 * The worker is made of this text and the visitor's, in a sandboxed frame whose policy lets nothing out.
 */
import { InvalidKemInput, type Kem, noble } from "../../crypto/index.ts";
import { defineGroup } from "../../groups/index.ts";
import { watchExchange } from "../../lab/explained/exchange.ts";
import { explain } from "../../lab/explained/explain.ts";
import { explainedHtml } from "../../lab/explained/page/page.ts";
import { runHandshake } from "../../lab/run.ts";
import { setUp } from "../../lab/scenario.ts";
import { concat } from "../../wire/index.ts";

/** What a visitor's code can use. */
export const parts = { noble, concat, InvalidKemInput };
export type Parts = typeof parts;

/** A code point of private use (RFC 9846 §11). */
const code = 0xfe32;

/** @param joined a KEM of the engine's that stands behind it, as in a hybrid */
export function run(make: (parts: Parts) => Kem, joined: string): { html: string; says: string } {
  const kem = make(parts);
  if (typeof kem !== "object" || kem === null) throw new TypeError("the code has to return a KEM");
  const group = defineGroup({
    name: "Yours",
    code,
    kems: joined === "" ? [kem] : [kem, joined as "ML-KEM-768"],
  });
  // Its secrets are watched as those of the engine's own are
  const secrets: { readonly ciphertext: string; readonly secret: Uint8Array }[] = [];
  const watchedKem: Kem = {
    ...kem,
    generate: () => kem.generate(),
    encapsulate(publicKey) {
      const result = kem.encapsulate(publicKey);
      secrets.push({ ciphertext: result.ciphertext.join(), secret: result.sharedSecret.slice() });
      return result;
    },
  };
  const watched = watchExchange(noble);
  const scenario = {
    provider: noble,
    providers: { client: noble, server: watched.provider },
    group: { ...group, kems: [watchedKem, ...group.kems.slice(1)] },
  };
  const { trace, error, negotiated } = runHandshake(setUp(scenario));
  const explained = explain(trace, {
    groups: [group],
    secretOf: (ciphertext) =>
      secrets.find((each) => each.ciphertext === ciphertext.join())?.secret ??
      watched.secretOf(ciphertext),
    ends: {
      [error?.role ?? "client"]: {
        outcome: error?.code ?? "open",
        error: error?.message ?? null,
        alert: error?.alert ?? null,
        where: error?.detail.where ?? null,
        section: error?.detail.section ?? null,
      },
    },
  });
  return {
    html: explainedHtml(explained).text,
    says:
      error === undefined
        ? `It works: ${negotiated?.group} was negotiated.`
        : `The ${error.role ?? "client"} refused: ${error.message}`,
  };
}
