/** Handshakes that a delegated key signs in a certificate's name: RFC 9345. */
import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { native } from "../../src/crypto/native.ts";
import {
  createSigner,
  type CredentialWithKey,
  decodePublicKey,
  type Delegation,
} from "../../src/identity/index.ts";
import type { Certificate } from "../../src/messages/index.ts";
import { keyPairOf } from "../crypto/keys.ts";
import { delegated, delegating, schemeNamed } from "../support/delegation.ts";
import { testTime } from "../support/identities.ts";
import { edit, intercept, type Rules, type Side } from "../support/interceptor.ts";
import { changed } from "../support/raw.ts";
import { expectRefusedAndTold, type Refusal } from "../support/refusal.ts";
import {
  type Client,
  clockAt,
  isResumed,
  resumable,
  seconds,
  type Server,
  sessionFrom,
} from "../support/sessions.ts";

const delegatedSchemes = ["ecdsa_secp256r1_sha256"];
const other = (side: Side): Side => (side === "client" ? "server" : "client");

describe.each(["client", "server"] as const)("a delegated credential of the %s", (by) => {
  const credential = delegating(by);
  let delegation: Delegation;
  let wrongRole: Delegation;
  beforeAll(async () => {
    delegation = await delegated(credential, by);
    wrongRole = await delegated(credential, other(by));
  });

  /** Two ends, one of which presents itself so, and the other of which takes these. */
  function options(own: Partial<CredentialWithKey>, taken: Client & Server): [Client, Server] {
    const presents = { credentials: [{ ...credential, ...own }] };
    return by === "client"
      ? [presents, { clientAuthentication: "require", ...taken }]
      : [taken, presents];
  }
  const run = (rules: Rules, own: Partial<CredentialWithKey>, taken: Client & Server = {}) =>
    intercept(rules, ...options(own, { delegatedSchemes, ...taken }));
  const schemeIn = (between: ReturnType<typeof intercept>) => {
    const presenter = between[by].negotiated?.signatureScheme;
    const reader = between[other(by)].negotiated;
    expect(presenter).toBe(reader?.peerSignatureScheme);
    expect(reader?.peer?.chain[0]?.der).toEqual(credential.chain[0]?.der);
    expect(reader?.peer?.verified).toBeDefined();
    return presenter;
  };

  it("signs the handshake, in the name of the certificate", () => {
    expect(schemeIn(run({}, { delegation }))).toBe("ecdsa_secp256r1_sha256");
  });

  it("signs with a key for RSASSA-PSS alone (RFC 9345 §4.1)", async () => {
    const { publicKey, privateKey } = keyPairOf(native.generateKey("rsa-pss"));
    const scheme = schemeNamed("rsa_pss_pss_sha256");
    const made = { delegate: createSigner(privateKey, native), scheme };
    const taken = { delegatedSchemes: [scheme.name], schemes: ["ed25519", "rsa_pss_rsae_sha256"] };
    const own = {
      delegation: await delegated(credential, by, { delegateKey: publicKey, ...made }),
    };
    expect(schemeIn(run({}, own, taken))).toBe("rsa_pss_pss_sha256");

    // The same numbers under the other code point, which was offered for certificates' keys
    const rsae = edit("certificate_verify", (body) => void (body.algorithm = 0x0804));
    expectRefusedAndTold(run({ [by]: { certificate_verify: rsae } }, own, taken), other(by), {
      code: "illegal_parameter",
      where: "certificate_verify.algorithm",
    });

    // RFC 4055 §3.1: a key that is limited to another hash
    const limited = generateKeyPairSync("rsa-pss", {
      modulusLength: 2048,
      hashAlgorithm: "sha512",
      mgf1HashAlgorithm: "sha512",
      publicKeyEncoding: { format: "der", type: "spki" },
      privateKeyEncoding: { format: "der", type: "pkcs8" },
    }).publicKey;
    const unfit = await delegated(credential, by, {
      delegateKey: decodePublicKey(limited),
      ...made,
    });
    expectRefusedAndTold(run({}, { delegation: unfit }, taken), other(by), invalid);
  });

  it("is left out where it would not be taken", () => {
    for (const taken of [{}, { delegatedSchemes: ["ed448"] }]) {
      expect(schemeIn(intercept({}, ...options({ delegation }, taken)))).toBe("ed25519");
    }
    expect(schemeIn(run({}, {}))).toBe("ed25519");
  });

  it("is left out when its time is over", () => {
    const clock = clockAt(testTime + 86_400 * seconds - 1);
    const now = clock.read;
    const at = () => {
      const [client, server] = options({ delegation }, { delegatedSchemes });
      return schemeIn(intercept({}, { ...client, now }, { ...server, now }));
    };
    expect(at()).toBe("ecdsa_secp256r1_sha256");
    clock.now += 1;
    expect(at()).toBe("ed25519");
  });

  it("is carried by a session as the certificate is", () => {
    const [client, server] = options({ delegation }, { delegatedSchemes });
    const tickets = resumable(server);
    const between = intercept({}, { ...client, psks: [sessionFrom(tickets, client)] }, tickets);
    expect(isResumed(between)).toBe(true);
    expect(between[other(by)].negotiated?.peerSignatureScheme).toBe("ecdsa_secp256r1_sha256");
  });

  const refuses = (
    rules: Rules[Side],
    refusal: Refusal,
    own: Partial<CredentialWithKey> = { delegation },
  ) => expectRefusedAndTold(run({ [by]: rules }, own), other(by), refusal);
  const leafWith = (change: (body: Certificate) => unknown): Rules[Side] => ({
    certificate: edit("certificate", (body: Certificate) => void change(body)),
  });
  const invalid: Refusal = {
    code: "illegal_parameter",
    where: /delegated_credential$/,
    section: "RFC 9345 §4.1.3",
  };

  it("is refused with a wrong signature", () => {
    refuses(
      leafWith(({ certificateList: [leaf] }) => {
        const own = leaf!.extensions.delegated_credential!;
        own.signature = changed(own.signature, (copy) => (copy[9]! ^= 1));
      }),
      invalid,
    );
  });

  it("is refused if it was made for the other role", () => {
    refuses({}, invalid, { delegation: wrongRole });
  });

  it("is refused when its time is over for the reader", () => {
    const [client, server] = options({ delegation }, { delegatedSchemes });
    const late = { now: () => testTime + 86_400 * seconds };
    const between = intercept(
      {},
      by === "client" ? client : { ...client, ...late },
      by === "server" ? server : { ...server, ...late },
    );
    expectRefusedAndTold(between, other(by), invalid);
  });

  it("is refused under a certificate that does not allow it", () => {
    const { chain } = delegating(by, { extensions: [] });
    refuses(
      leafWith(({ certificateList: [leaf] }) => (leaf!.certData = chain[0]!.der)),
      { code: "illegal_parameter", section: "RFC 9345 §4.2" },
    );
  });

  it("is refused if another scheme, or the certificate's own key, signs", () => {
    const wrongScheme = edit("certificate_verify", (body) => {
      body.algorithm = 0x0807;
    });
    refuses(
      { certificate_verify: wrongScheme },
      { code: "illegal_parameter", where: "certificate_verify.algorithm" },
    );
    const { signer, scheme } = delegation;
    const impostor: Delegation = {
      ...delegation,
      signer: { ...signer, sign: (_, content) => credential.signer.sign(ed25519Of(), content) },
      scheme,
    };
    refuses({}, { code: "bad_signature" }, { delegation: impostor });
    function ed25519Of() {
      return credential.signer.schemes[0]!;
    }
  });

  // RFC 9345 §4.1.1, §4.1.2
  it("is unexpected where nobody asked for it", () => {
    const rules = leafWith(({ certificateList: [leaf] }) => {
      leaf!.extensions.delegated_credential = delegation;
    });
    const between = intercept({ [by]: rules }, ...options({}, {}));
    expectRefusedAndTold(between, other(by), {
      code: "unexpected_message",
      where: "certificate.certificateList[0].extensions.delegated_credential",
      section: "RFC 9345 §4.1",
    });
  });

  it("is ignored behind the first certificate", () => {
    const { chain } = credential;
    const rules = leafWith(({ certificateList: [leaf, next] }) => {
      next!.extensions.delegated_credential = leaf!.extensions.delegated_credential!;
      delete leaf!.extensions.delegated_credential;
    });
    const between = run({ [by]: rules }, { delegation, chain: [chain[0]!, chain[0]!] });
    // The certificate's own key should have signed now
    expectRefusedAndTold(between, other(by), {
      code: "illegal_parameter",
      where: "certificate_verify.algorithm",
    });
  });
});
