import { describe, expect, it } from "vitest";
import type { PeerIdentity } from "../../src/handshake/index.ts";
import { VerifiedChain, verifyChain } from "../../src/identity/index.ts";
import { anyProvider as provider } from "../support/ends.ts";
import { serverCredential, testTime, trust } from "../support/identities.ts";

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
