/**
 * The ends of a search: what does not differ from one handshake to the next is made once. Options are read once for
 * each plan, keys imported once, certificates read and their paths verified once, and sessions resumed again and again.
 */
import { type LinkMaker, prepareClientOver, prepareServerOver } from "../../connection/create.ts";
import type { Connection, OwnClientOptions } from "../../connection/index.ts";
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
import { clientHoldings, type Holder, serverHoldings, trustWith } from "./holdings.ts";
import { credentialNamed, labTime } from "./lab-pki.ts";

/** What is another for each connection. */
export interface OwnEnd {
  readonly keyLog?: ((line: string) => void) | undefined;
  readonly makeLink?: LinkMaker | undefined;
}

type ClientMaker = (
  sessions: readonly OfferedPsk[],
  own: OwnClientOptions,
  makeLink?: LinkMaker,
) => Connection;

export class SearchEnds {
  readonly provider: Provider;
  readonly #common: Pick<ClientParts, "provider" | "now" | "cache">;
  readonly #holder: Holder;
  readonly #tickets: Tickets;
  readonly #clients = new Map<string, ClientMaker>();
  readonly #servers = new Map<string, ReturnType<typeof prepareServerOver>>();
  readonly #signers = new Map<string, LocalSigner>();
  readonly #sessions = new Map<string, readonly OfferedPsk[]>();

  constructor(provider: Provider) {
    this.provider = provider;
    this.#common = { provider, now: () => labTime, cache: new CertificateCache() };
    this.#holder = { provider, credentialOf: (name) => this.#credentialOf(name) };
    this.#tickets = sealedTickets(new TicketKeys(provider), { count: 1 });
  }

  client(
    plan: EndPlan,
    { psks = [], keyLog, makeLink }: OwnEnd & { readonly psks?: readonly OfferedPsk[] } = {},
  ): Connection {
    const make = kept(this.#clients, JSON.stringify(plan), () => {
      const held = clientHoldings(plan, this.#holder);
      const trust = trustWith([plan.chain, plan.storedKey]);
      const prepared = prepareClientOver(
        clientOptions(plan, { ...this.#common, trust, ...held, psks: [] }),
      );
      return (sessions, own, link) => prepared({ ...own, psks: [...sessions, ...held.psks] }, link);
    });
    return make(psks, keyLog ? { keyLog } : {}, makeLink);
  }

  server(plan: EndPlan, { keyLog, makeLink }: OwnEnd = {}): Connection {
    const make = kept(this.#servers, JSON.stringify(plan), () =>
      prepareServerOver(
        serverOptions(plan, {
          ...this.#common,
          trust: trustWith([]),
          ...serverHoldings(plan, this.#holder),
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
      const { signer, privateKeyPem } = credentialNamed(name);
      const canSign = signer.schemes
        .filter((scheme) => hasAlgorithm(scheme, this.provider))
        .some((scheme) => algorithmOf(scheme, this.provider).signer !== undefined);
      return canSign ? createSigner(parsePrivateKey(privateKeyPem), this.provider) : signer;
    });
  }

  #credentialOf(name: CredentialName | "client"): Credential {
    const { chain, rawPublicKey, delegation } = credentialNamed(name);
    return {
      chain,
      signer: this.signerOf(name),
      ...(rawPublicKey && { rawPublicKey }),
      ...(delegation && { delegation }),
    };
  }
}

/** What a map has under this name, made if it has nothing. */
export function kept<T>(map: Map<string, T>, name: string, make: () => T): T {
  const value = map.get(name) ?? make();
  map.set(name, value);
  return value;
}
