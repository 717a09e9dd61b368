/** Answers the page's questions: all that needs the engine. It runs in a worker, and anywhere else. */
import { kemKeyTypes, noble, schemes, suites } from "../crypto/index.ts";
import { groups, isHybrid, isPostQuantum } from "../groups/index.ts";
import { credentials, type CredentialName, signingKeys } from "../lab/plan/credential-names.ts";
import { measureCost } from "./cost.ts";
import { sequenceOf } from "./network.ts";
import type { Answers, Choice, Offer, Request } from "./protocol.ts";
import { judgeScenario, loadCatalogue, runExperiment } from "./run.ts";

/** @throws Error, whose message is for people */
export async function answer<K extends Request["kind"]>(
  request: Extract<Request, { readonly kind: K }>,
): Promise<Answers[K]> {
  return answers[request.kind](request);
}

const answers: {
  [K in Request["kind"]]: (
    request: Extract<Request, { readonly kind: K }>,
  ) => Answers[K] | Promise<Answers[K]>;
} = {
  "what there is": () => offer,
  catalogue: async () =>
    (await loadCatalogue()).map(({ name, family, does, section }) => ({
      name,
      family,
      does,
      section,
    })),
  run: ({ experiment }) => runExperiment(experiment),
  network: ({ flights, experiment }) => sequenceOf(flights, experiment),
  attack: ({ name }) => judgeScenario(name),
  cost: ({ group }) => measureCost(noble, group),
};

const says: Partial<Record<CredentialName, string>> = {
  own: "Ed25519",
  rsa: "RSA",
  ecdsa: "ECDSA P-256",
  "post-quantum": "ML-DSA-44 throughout",
  "other-name": "Ed25519, of another name",
  "unknown-ca": "Ed25519, of an unknown authority",
  expired: "Ed25519, expired",
};

const keyNames: Readonly<Record<string, string>> = {
  secp256r1: "ECDSA P-256",
  secp384r1: "ECDSA P-384",
  secp521r1: "ECDSA P-521",
  ed25519: "Ed25519",
  ed448: "Ed448",
  x25519: "X25519",
};
const signing: readonly Choice[] = signingKeys.map((name) => ({
  name,
  says: keyNames[name] ?? name,
}));

const offer: Offer = {
  groups: groups.map((group) => ({
    name: group.name,
    kind: isHybrid(group) ? "hybrid" : isPostQuantum(group) ? "post-quantum" : "classical",
  })),
  suites: suites.map(({ name }) => name),
  signatures: schemes.flatMap(({ name, inHandshake }) => (inHandshake ? [name] : [])),
  credentials: credentials.flatMap((name) => {
    const text = says[name];
    return text === undefined ? [] : [{ name, says: text }];
  }),
  signingKeys: signing,
  leafKeys: [
    ...signing,
    ...kemKeyTypes.map((name) => ({ name, says: `${keyNames[name] ?? name}, by AuthKEM` })),
  ],
};
