/** What the names of a plan stand for in the laboratory: certificates and keys of an end, and whom it trusts. */
import type { Provider } from "../../crypto/index.ts";
import { importPsk, type OfferedPsk } from "../../handshake/index.ts";
import { createTrustStore, type Credential, type TrustStore } from "../../identity/index.ts";
import { equal, fromHex, utf8 } from "../../wire/index.ts";
import type { ChainKey, CredentialName } from "../plan/credential-names.ts";
import type { ClientParts, ServerParts } from "../plan/end-options.ts";
import type { EndPlan } from "../plan/plan.ts";
import { labChain } from "./lab-chain.ts";
import { labName, labPki } from "./lab-pki.ts";

/** Whose an end is: how it computes, and how it signs. */
export interface Holder {
  readonly provider: Provider;
  readonly credentialOf: (name: CredentialName | "client") => Credential;
}

type ClientHoldings = Pick<
  ClientParts,
  "serverName" | "psks" | "storedKey" | "trustedKeys" | "credentials"
>;

export function clientHoldings(plan: EndPlan, holder: Holder): ClientHoldings {
  const { storedKey, rawKeys, authKem } = plan;
  return {
    serverName: labName,
    psks: externalKeys(plan, holder),
    ...(storedKey && { storedKey: labChain(storedKey).credential }),
    ...(rawKeys && { trustedKeys: [labPki().servers["raw-key"].rawPublicKey!.spki] }),
    credentials: [...(authKem ? [labPki().kemClient] : []), holder.credentialOf("client")],
  };
}

type ServerHoldings = Pick<ServerParts, "lookUpPsk" | "credentials">;

export function serverHoldings(plan: EndPlan, holder: Holder): ServerHoldings {
  const { chain, credential = "own" } = plan;
  const keys = externalKeys(plan, holder);
  const lookUpPsk = (identity: Uint8Array) => keys.find((key) => equal(key.identity, identity));
  return {
    credentials: [chain ? labChain(chain).credential : holder.credentialOf(credential)],
    ...(keys.length > 0 && { lookUpPsk }),
  };
}

/** The laboratory's authorities, and the roots of these chains. */
export function trustWith(chains: readonly (readonly ChainKey[] | undefined)[]): TrustStore {
  const roots = chains.flatMap((chain) => (chain === undefined ? [] : [labChain(chain).root]));
  const { trust } = labPki();
  return roots.length === 0 ? trust : createTrustStore([...trust.anchors, ...roots]);
}

function externalKeys(
  { externalKey, keyContext }: EndPlan,
  { provider }: Holder,
): readonly OfferedPsk[] {
  if (externalKey === undefined) return [];
  const [identity, secret] = [utf8("an external key"), fromHex(externalKey)];
  if (keyContext === undefined) return [{ identity, secret, hash: "sha256", kind: "external" }];
  const external = { identity, secret, context: utf8(keyContext) };
  return [importPsk(provider, external, "sha256")];
}
