/**
 * The ends of a search: what does not differ from one handshake to the next is made once. Options are read once for
 * each plan, keys imported once, certificates read and their paths verified once, and sessions resumed again and again.
 */
import { type LinkMaker, prepareClientOver, prepareServerOver } from "../../connection/create.ts";
import type { Connection } from "../../connection/index.ts";
import { type Both, pump } from "../../connection/pump.ts";
import { algorithmOf, hasAlgorithm, type Provider } from "../../crypto/index.ts";
import { type OfferedPsk, sealedTickets, TicketKeys, type Tickets } from "../../handshake/index.ts";
import {
  CertificateCache,
  createSigner,
  type Credential,
  type LocalSigner,
  parsePrivateKey,
} from "../../identity/index.ts";
import type { CredentialName } from "../plan/credential-names.ts";
import { type ClientParts, clientOptions, serverOptions } from "../plan/end-options.ts";
import type { EndPlan } from "../plan/plan.ts";
import { type LabCredential, labName, labPki, labTime } from "./lab-pki.ts";

/** What is another for each connection. */
export interface OwnEnd {
  readonly keyLog?: ((line: string) => void) | undefined;
  readonly makeLink?: LinkMaker | undefined;
}

export class SearchEnds {
  readonly provider: Provider;
  readonly #common: Pick<ClientParts, "provider" | "trust" | "now" | "cache">;
  readonly #tickets: Tickets;
  readonly #clients = new Map<string, ReturnType<typeof prepareClientOver>>();
  readonly #servers = new Map<string, ReturnType<typeof prepareServerOver>>();
  readonly #signers = new Map<string, LocalSigner>();
  readonly #sessions = new Map<string, readonly OfferedPsk[]>();

  constructor(provider: Provider) {
    this.provider = provider;
    const { trust } = labPki();
    this.#common = { provider, trust, now: () => labTime, cache: new CertificateCache() };
    this.#tickets = sealedTickets(new TicketKeys(provider), { count: 1 });
  }

  client(
    plan: EndPlan,
    { psks = [], keyLog, makeLink }: OwnEnd & { readonly psks?: readonly OfferedPsk[] } = {},
  ): Connection {
    const make = kept(this.#clients, JSON.stringify(plan), () =>
      prepareClientOver(
        clientOptions(plan, {
          ...this.#common,
          serverName: labName,
          credentials: [this.#credentialOf("client")],
          psks: [],
        }),
      ),
    );
    return make({ psks, ...(keyLog && { keyLog }) }, makeLink);
  }

  server(plan: EndPlan, { keyLog, makeLink }: OwnEnd = {}): Connection {
    const make = kept(this.#servers, JSON.stringify(plan), () =>
      prepareServerOver(
        serverOptions(plan, {
          ...this.#common,
          credentials: [this.#credentialOf(plan.credential ?? "own")],
          tickets: this.#tickets,
          // The same session is used throughout, so that nothing is a replay
          replayGuard: { firstUse: () => true },
        }),
      ),
    );
    return make({ ...(keyLog && { keyLog }) }, makeLink);
  }

  /** Of an honest connection by these plans. */
  sessionsOf(plans: Both<EndPlan>): readonly OfferedPsk[] {
    return kept(this.#sessions, JSON.stringify(plans), () => {
      const ends = { client: this.client(plans.client), server: this.server(plans.server) };
      ends.server.start();
      ends.client.start();
      pump(ends);
      return ends.client
        .takeEvents()
        .flatMap((event) => (event.type === "session" ? [event.session] : []));
    });
  }

  /** Made by this provider, where it can: the laboratory's own sign the same in every run, and slowly. */
  signerOf(name: CredentialName | "client"): LocalSigner {
    return kept(this.#signers, name, () => {
      const { signer, privateKeyPem } = credentialOf(name);
      const canSign = signer.schemes
        .filter((scheme) => hasAlgorithm(scheme, this.provider))
        .some((scheme) => algorithmOf(scheme, this.provider).signer !== undefined);
      return canSign ? createSigner(parsePrivateKey(privateKeyPem), this.provider) : signer;
    });
  }

  #credentialOf(name: CredentialName | "client"): Credential {
    const { chain, rawPublicKey, delegation } = credentialOf(name);
    return {
      chain,
      signer: this.signerOf(name),
      ...(rawPublicKey && { rawPublicKey }),
      ...(delegation && { delegation }),
    };
  }
}

const credentialOf = (name: CredentialName | "client"): LabCredential =>
  name === "client" ? labPki().client : labPki().servers[name];

/** What a map has under this name, made if it has nothing. */
export function kept<T>(map: Map<string, T>, name: string, make: () => T): T {
  const value = map.get(name) ?? make();
  map.set(name, value);
  return value;
}
