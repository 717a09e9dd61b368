/** A token that goes away comes back: by a new login, by another initialisation, after a while. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { native } from "../../src/crypto/native.ts";
import { schemes } from "../../src/crypto/index.ts";
import { openToken, type Token, type TokenOptions } from "../../src/hsm/index.ts";
import { issueCertificate } from "../../src/identity/index.ts";
import { joinInMemoryAsync } from "../../src/connection/pair.ts";
import { findPeer, itWith } from "../interop/peers.ts";
import { anyProvider, makeEnds } from "../support/ends.ts";
import { ca, serverName, testTime } from "../support/identities.ts";
import { makeLosingModule, makeTokens, pin, softHsm } from "./softhsm.ts";

const hasModule = findPeer("softhsm") !== undefined;
let place: ReturnType<typeof makeTokens>;
beforeAll(() => {
  if (hasModule) place = makeTokens("one", "two");
});
afterAll(() => place?.remove());

const opened: Token[] = [];
async function open(options: Partial<TokenOptions> = {}): Promise<Token> {
  const token = await openToken({ module: softHsm(), token: "one", pin, ...options });
  opened.push(token);
  return token;
}
afterEach(async () => {
  for (const token of opened.splice(0)) await token.close();
});

const scheme = schemes.find(({ name }) => name === "ecdsa_secp256r1_sha256")!;
const message = Uint8Array.of(1, 2, 3);
type Key = Awaited<ReturnType<Token["key"]>>;

async function expectSigns({ signer, publicKey }: Key): Promise<void> {
  const signature = await signer.sign(scheme, message);
  expect(native.signatures.ecdsa_sha256.verifier(publicKey)(message, signature)).toBe(true);
}

/** The module as another library of the process sees it. */
async function elsewhere() {
  const { PKCS11 } = await import("pkcs11js");
  const calls = new PKCS11();
  calls.load(softHsm());
  return calls;
}

describe("an operation goes on", () => {
  itWith("softhsm", "when somebody has logged out, closed all sessions, or finalised", async () => {
    const token = await open();
    const key = await token.generateKey("secp256r1", "k");
    await expectSigns(key);
    const other = await elsewhere();
    const [slot] = other.C_GetSlotList(true);
    const session = other.C_OpenSession(slot!, 4);
    other.C_Logout(session);
    await expectSigns(key);
    for (const each of other.C_GetSlotList(true)) other.C_CloseAllSessions(each);
    await Promise.all([expectSigns(key), expectSigns(key), expectSigns(key)]);
    other.C_Finalize();
    await Promise.all([1, 2, 3, 4, 5].map(() => expectSigns(key)));
    expect((await token.key("k")).publicKey).toEqual(key.publicKey);
    await token.deleteKey("k");
  });

  itWith("softhsm", "with all tokens of a module, when one of them restarts it", async () => {
    const tokens = [await open(), await open({ token: "two" })];
    const keys = await Promise.all(tokens.map((token) => token.generateKey("secp256r1", "both")));
    (await elsewhere()).C_Finalize();
    for (let round = 0; round < 3; round++) {
      await Promise.all([...keys, ...keys, ...keys].map(expectSigns));
    }
    await Promise.all(tokens.map((token) => token.deleteKey("both")));
  });

  itWith("softhsm", "only with the same key: another one of that label is refused", async () => {
    const token = await open();
    const key = await token.generateKey("secp256r1", "swap");
    await token.deleteKey("swap");
    await token.generateKey("secp256r1", "swap");
    const other = await elsewhere();
    for (const each of other.C_GetSlotList(true)) other.C_CloseAllSessions(each);
    await expect(key.signer.sign(scheme, message)).rejects.toThrow(/0 private keys "swap"/);
    await token.deleteKey("swap");
  });
});

describe("a device that is away", () => {
  const setUp = async (retryDelay: number) => {
    const [away, calls] = [join(place.folder, "away"), join(place.folder, "calls")];
    rmSync(away, { force: true });
    const token = await open({
      module: makeLosingModule(place.folder, away, calls),
      retryDelay,
    });
    return {
      token,
      leave: () => writeFileSync(away, ""),
      comeBack: () => rmSync(away),
      refusals: () => (existsSync(calls) ? readFileSync(calls).length : 0),
    };
  };

  itWith("softhsm", "fails handshakes at once and says so, until it is back", async () => {
    const { token, leave, comeBack, refusals } = await setUp(1500);
    const key = await token.generateKey("secp256r1", "web");
    const leaf = issueCertificate({
      subject: { CN: serverName },
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      publicKey: key.publicKey,
      names: { dns: [serverName] },
      notBefore: testTime - 1000,
      notAfter: testTime + 1000,
      provider: anyProvider,
    });
    const credentials = [key.credential(leaf.der)];
    const shake = async () => {
      const { client, server } = makeEnds({}, { credentials });
      await joinInMemoryAsync(client, server).catch(() => {});
      return server;
    };
    expect((await shake()).state).toBe("open");
    leave();
    for (let i = 0; i < 3; i++) {
      const { state, error } = await shake();
      expect(state).toBe("failed");
      expect(error?.message).toMatch(
        /the token "one" is away, it is looked for again in \d+ ms; received HSM: .*the token is gone \(CKR_DEVICE_REMOVED\)/,
      );
    }
    // One attempt, and the module was left alone since
    const asked = refusals();
    await Promise.all(Array.from({ length: 20 }, shake));
    expect(refusals()).toBe(asked);
    comeBack();
    const start = performance.now();
    while ((await shake()).state !== "open") {
      if (performance.now() - start > 10_000) throw new Error("it has not come back");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await token.deleteKey("web");
  });

  itWith("softhsm", "is looked for after ever longer delays", async () => {
    const { token, leave, comeBack } = await setUp(20);
    const key = await token.generateKey("secp256r1", "later");
    leave();
    const delays: number[] = [];
    while (delays.length < 4) {
      const error = await Promise.resolve(key.signer.sign(scheme, message)).catch(String);
      const [, delay] = /again in (\d+) ms/.exec(String(error)) ?? [];
      const known = Number(delay);
      if (known > (delays.at(-1) ?? 0) * 1.5) delays.push(known);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(delays).toEqual([20, 40, 80, 160]);
    comeBack();
    await new Promise((resolve) => setTimeout(resolve, 400));
    await expectSigns(key);
    await token.deleteKey("later");
  });
});
