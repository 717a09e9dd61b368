import { describe, expect, it } from "vitest";
import {
  isVouchedFor,
  type PeerIdentity,
  vouchedChain,
  voucherOf,
} from "../../src/handshake/index.ts";
import { VerifiedChain, verifyChain } from "../../src/identity/index.ts";
import { AcceptedPeer } from "../../src/schedule/index.ts";
import { anyProvider as provider } from "../support/ends.ts";
import { clientCredential, serverCredential, testTime, trust } from "../support/identities.ts";

const { chain } = serverCredential;
const takesIdentity = (_identity: PeerIdentity): void => undefined;
const takesChain = (_chain: VerifiedChain): void => undefined;

describe("the proof that a chain was verified", () => {
  it("is made by verification only", () => {
    const verified = verifyChain({ chain, trust, usage: "server", now: testTime, provider });
    expect(verified).toBeInstanceOf(VerifiedChain);
    takesChain(verified);
    takesIdentity({ chain, verified });
    takesIdentity({ chain, verified: undefined });

    const { path, leaf, names } = verified;
    // @ts-expect-error an object of the same form is no proof
    takesChain({ path, leaf, names });
    // @ts-expect-error nor is one that claims the mark
    takesChain({ path, leaf, names, proof: undefined });
    // @ts-expect-error an identity takes no look-alike either
    takesIdentity({ chain, verified: { path, leaf, names } });
    // @ts-expect-error a chain is not its own proof
    takesIdentity({ chain, verified: chain });
    // @ts-expect-error nobody but the class makes one
    const made = () => new VerifiedChain(path);
    expect(made).toBeTypeOf("function");
  });
});

describe("a verifier's answer", () => {
  const [leaf] = chain;
  const key = leaf!.publicKey;
  const other = clientCredential.chain;
  const question = {
    chain,
    rawPublicKey: undefined,
    usage: "server" as const,
    name: undefined,
    now: testTime,
    provider,
    resumed: false,
    ocspResponse: undefined,
    signedCertificateTimestamps: [],
  };
  const raw = { ...question, chain: [], rawPublicKey: key };
  const ask = (answer: unknown, asked: typeof question | typeof raw = question) =>
    AcceptedPeer.ask(() => answer as PeerIdentity, asked) as AcceptedPeer<"server">;

  it("gives the key of whom it was asked about", () => {
    expect(ask({ chain }).key).toBe(key);
    expect(ask({ chain: [leaf], vouchedBy: "a notary" }).key).toBe(key);
    expect(ask({ chain: [], rawPublicKey: key }, raw).key).toBe(key);
  });

  it.each<[string, unknown, (typeof question | typeof raw)?]>([
    ["another leaf", { chain: other }],
    [
      "a proof of another leaf",
      {
        chain,
        verified: verifyChain({ chain: other, trust, usage: "client", now: testTime, provider }),
      },
    ],
    ["another key", { chain: [], rawPublicKey: other[0]!.publicKey }, raw],
    ["another trusted key", { chain: [], trustedKey: { key: other[0]!.publicKey } }, raw],
    ["no leaf, where one was presented", { chain: [] }],
    ["a leaf, where a key was presented", { chain }, raw],
  ])("is refused if it is about %s", (_, answer, asked) => {
    expect(() => ask(answer, asked)).toThrow("a verifier's answer is about another peer");
  });

  it.each([true, undefined, {}, { chain, vouchedBy: "" }, { chain, vouchedBy: 1 }])(
    "is refused if it cannot be understood: %j",
    (answer) => {
      expect(() => ask(answer)).toThrow("a verifier's answer cannot be understood");
    },
  );

  it("is not asked for about nobody", () => {
    expect(() => ask({ chain: [] }, { ...question, chain: [] })).toThrow("is asked about nobody");
  });
});

describe("who vouches for a peer", () => {
  const verified = verifyChain({ chain, trust, usage: "server", now: testTime, provider });

  it.each<[string, PeerIdentity | undefined, string | undefined, number]>([
    ["a trust anchor", { chain, verified }, "a trust anchor", verified.path.length],
    ["somebody else", { chain, vouchedBy: "a notary" }, "a notary", chain.length],
    ["nobody", { chain, verified: undefined }, undefined, 0],
    ["nobody, where there is no peer", undefined, undefined, 0],
  ])("is %s, and rules see the chain only then", (_, peer, voucher, certificates) => {
    expect(voucherOf(peer)).toBe(voucher);
    expect(isVouchedFor(peer)).toBe(voucher !== undefined);
    expect(vouchedChain(peer)).toHaveLength(certificates);
  });
});
