import { type Markup, markup } from "../../../report/html.ts";
import type { Exchange, ExchangePart } from "../exchange.ts";
import { hexOf } from "./item.ts";

/** Both shares and the secret, each as its parts. */
export function exchangeFigure({ group, isHybrid, parts }: Exchange): Markup {
  const row = (
    title: string,
    size: "client" | "server" | "secret",
    nameOf: (part: ExchangePart) => string,
  ) =>
    markup`<div class="share"><b>${title}</b> <span class="sum">${parts.reduce((sum, part) => sum + part[size], 0)} bytes</span>
<div class="parts">${parts.map(
      (part) =>
        markup`<span class="${classOf(part)}" style="flex-grow:${part[size]}"><b>${part.kem}</b> ${nameOf(part)}, ${part[size]}</span>`,
    )}</div></div>
`;
  return markup`<section class="exchange" aria-labelledby="exchange-title"><h2 id="exchange-title">The key exchange, ${group}</h2>
<p>${
    isHybrid
      ? "Two key exchanges at once, one behind the other in both shares and in the secret. Who wants the secret has to break both."
      : "One key exchange."
  } <cite>${isHybrid ? "RFC 9954 §3" : "RFC 9846 §7.4"}</cite></p>
${row("Client's share", "client", () => "public key")}
${row("Server's share", "server", ({ postQuantum }) => (postQuantum ? "ciphertext" : "public key"))}
${row("Shared secret", "secret", () => "secret")}
${
  parts.every(({ secretBytes }) => secretBytes !== undefined)
    ? markup`<p class="secret"><code>${parts.map(
        (part) => markup`<span class="${classOf(part)}">${hexOf(part.secretBytes!)}</span> `,
      )}</code></p>`
    : markup`<p class="soft">The secret itself is in no key log.</p>`
}</section>`;
}

export const classOf = ({ postQuantum }: Pick<ExchangePart, "postQuantum">): string =>
  postQuantum ? "post-quantum" : "classical";
