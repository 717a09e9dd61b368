/** Keys without certificates: RFC 7250. */
import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../src/connection/index.ts";
import {
  type Credential,
  type CredentialWithKey,
  decodePublicKey,
} from "../../src/identity/index.ts";
import type { Certificate } from "../../src/messages/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { newKey } from "../support/delegation.ts";
import { clientCredential, serverCredential, trust } from "../support/identities.ts";
import { edit, intercept, type Interceptor, type Side } from "../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold, type Refusal } from "../support/refusal.ts";
import {
  type Client,
  helloOf,
  isResumed,
  resumable,
  type Server,
  sessionFrom,
} from "../support/sessions.ts";

function rawKey(): { readonly credential: CredentialWithKey; readonly spki: Uint8Array } {
  const { publicKey, signer } = newKey("ed25519");
  return { credential: { chain: [], signer, rawPublicKey: publicKey }, spki: publicKey.spki };
}
const ofServer = rawKey();
const ofClient = rawKey();
const stranger = rawKey();
/** Who trusts nothing but keys: the options of the tests have a trust store otherwise. */
const onlyKeys = (...trustedKeys: Uint8Array[]) =>
  ({ trust: undefined, trustedKeys }) as unknown as Pick<ClientOptions, "trustedKeys">;
const both: [Client, Server] = [
  { ...onlyKeys(ofServer.spki), credentials: [ofClient.credential] },
  {
    ...onlyKeys(ofClient.spki),
    credentials: [ofServer.credential],
    clientAuthentication: "require",
  },
];
const answerIn = ({ messages }: Interceptor) => {
  const found = messages.find(({ type }) => type === "encrypted_extensions")!;
  const { extensions } = decodeMessage("encrypted_extensions", found.raw).body;
  return [extensions.server_certificate_type, extensions.client_certificate_type];
};
const kindOf = (between: Interceptor, side: Side) => {
  const { negotiated, error } = between[side];
  if (negotiated === undefined) throw error!;
  return negotiated.peer?.rawPublicKey === undefined ? "certificate" : "key";
};

describe("raw public keys", () => {
  it("authenticate both ends", () => {
    const between = intercept({}, ...both);
    expect(between.client.negotiated?.peer).toMatchObject({ chain: [], verified: undefined });
    expect(between.client.negotiated?.peer?.rawPublicKey?.spki).toEqual(ofServer.spki);
    expect(between.client.negotiated?.peer?.trustedKey).toBeDefined();
    expect(between.server.negotiated?.peer?.rawPublicKey?.spki).toEqual(ofClient.spki);
    expect(answerIn(between)).toEqual([2, 2]);
    const { extensions } = helloOf(between);
    expect([extensions.server_certificate_type, extensions.client_certificate_type]).toEqual([
      [2],
      [2],
    ]);
  });

  it("stand beside certificates, in either direction", () => {
    const mixed = intercept(
      {},
      { ...onlyKeys(ofServer.spki), credentials: [clientCredential] },
      { trust, credentials: [ofServer.credential], clientAuthentication: "require" },
    );
    expect([kindOf(mixed, "client"), kindOf(mixed, "server")]).toEqual(["key", "certificate"]);
    expect(answerIn(mixed)).toEqual([2, undefined]);
    const reverse = intercept(
      {},
      { trust, credentials: [ofClient.credential] },
      { ...onlyKeys(ofClient.spki), clientAuthentication: "require" },
    );
    expect([kindOf(reverse, "client"), kindOf(reverse, "server")]).toEqual(["certificate", "key"]);
  });

  it("are taken by those who take certificates too, as the server likes", () => {
    const trusting = { trust, trustedKeys: [ofServer.spki] };
    const kindFor = (...credentials: Credential[]) =>
      kindOf(intercept({}, trusting, { credentials }), "client");
    expect(kindFor(ofServer.credential, serverCredential)).toBe("key");
    expect(kindFor(serverCredential, ofServer.credential)).toBe("certificate");
    expect(kindFor(serverCredential)).toBe("certificate");
    expect(kindFor(ofServer.credential)).toBe("key");
  });

  it("are for those who ask for them", () => {
    const credentials = [ofServer.credential, serverCredential];
    const between = intercept({}, {}, { credentials });
    expect(kindOf(between, "client")).toBe("certificate");
    expect(helloOf(between).extensions.server_certificate_type).toBeUndefined();
    expect(answerIn(between)).toEqual([undefined, undefined]);
  });

  it("resume, and are verified again", () => {
    const [client, server] = [both[0], resumable(both[1])];
    const psks = [sessionFrom(server, client)];
    const resumed = intercept({}, { ...client, psks }, server);
    expect(isResumed(resumed)).toBe(true);
    expect(resumed.server.negotiated?.peer?.rawPublicKey?.spki).toEqual(ofClient.spki);
    expect(resumed.client.negotiated?.peer?.rawPublicKey?.spki).toEqual(ofServer.spki);
    // RFC 7250 §4.2: an answer where there is a type in common, though nothing is presented
    expect(answerIn(resumed)[0]).toBe(2);
    const other = intercept(
      {},
      { ...client, psks },
      { ...server, credentials: [serverCredential] },
    );
    expect([isResumed(other), answerIn(other)[0]]).toEqual([true, undefined]);
    const changed = { ...server, ...onlyKeys(stranger.spki) };
    expectRefusedAndTold(intercept({}, { ...client, psks }, changed), "server", {
      code: "unknown_ca",
    });
  });

  it("sign after the handshake", () => {
    const [client, server] = both;
    const between = intercept({}, { ...client, postHandshakeAuthentication: true }, server);
    between.server.requestCertificate();
    between.run();
    expect(between.events.server.at(-1)).toMatchObject({
      type: "peer",
      peer: { rawPublicKey: { spki: ofClient.spki } },
    });
  });
});

describe("two ends without a common type of certificate", () => {
  // RFC 7250 §4.2
  const nothingInCommon = (whose: Side): Refusal => ({
    code: "unsupported_certificate",
    where: `extensions.${whose}_certificate_type`,
    section: "RFC 7250 §4.2",
  });

  it("part, if the client wants a certificate and the server has a key", () => {
    const between = intercept({}, {}, { credentials: [ofServer.credential] });
    expectRefusedAndTold(between, "server", nothingInCommon("server"));
  });

  it("part, if the client wants a key and the server has a certificate", () => {
    const between = intercept({}, onlyKeys(ofServer.spki));
    expectRefusedAndTold(between, "server", nothingInCommon("server"));
  });

  it("part, if the server wants a key and the client has none", () => {
    const server: Server = { ...onlyKeys(ofClient.spki), clientAuthentication: "require" };
    const between = intercept({}, { credentials: [clientCredential] }, server);
    expectRefusedAndTold(between, "server", nothingInCommon("client"));
    // Nobody asks
    const silent = intercept({}, {}, { ...server, clientAuthentication: "none" });
    expect(silent.server.state).toBe("open");
  });
});

describe("a raw public key that is not good", () => {
  const present = (change: (body: Certificate) => unknown, by: Side = "server") =>
    intercept({ [by]: { certificate: edit("certificate", (body) => void change(body)) } }, ...both);

  it.each(["client", "server"] as const)("is nobody's that is trusted: of the %s", (by) => {
    const [client, server] = both;
    const between = intercept(
      {},
      by === "server" ? { ...client, ...onlyKeys(stranger.spki) } : client,
      by === "client" ? { ...server, ...onlyKeys(stranger.spki) } : server,
    );
    expectRefusedAndTold(between, by === "client" ? "server" : "client", {
      code: "unknown_ca",
      where: "certificate.certificateList[0]",
      section: "RFC 7250 §4.4",
    });
  });

  it("is somebody else's: the signature is not theirs", () => {
    const impostor = {
      ...ofServer.credential,
      signer: stranger.credential.signer,
    };
    const between = intercept({}, both[0], { ...both[1], credentials: [impostor] });
    expectRefusedAndTold(between, "client", { code: "bad_signature", alert: "decrypt_error" });
  });

  it.each(["client", "server"] as const)("comes with another: of the %s", (by) => {
    const between = present(({ certificateList }) => {
      certificateList.push({ certData: stranger.spki, extensions: {} });
    }, by);
    expectRefusedAndTold(between, by === "client" ? "server" : "client", {
      code: "bad_certificate",
      where: "certificate.certificateList",
      section: "RFC 7250 §3",
    });
  });

  it.each([
    ["a certificate", serverCredential.chain[0]!.der],
    ["cut", ofServer.spki.subarray(0, -1)],
    ["nothing at all", Uint8Array.of(0)],
  ])("is %s", (_, certData) => {
    const between = present(({ certificateList: [entry] }) => (entry!.certData = certData));
    expectRefusedAndTold(between, "client", {
      code: "bad_certificate",
      where: /^certificate\.certificateList\[0\]/,
    });
  });

  it("comes where a certificate was agreed on", () => {
    const rule = edit("certificate", ({ certificateList: [entry] }) => {
      entry!.certData = ofServer.spki;
    });
    const between = intercept({ server: { certificate: rule } });
    expectRefusedAndTold(between, "client", { code: "bad_certificate" });
  });

  it("is a certificate, where only keys are trusted", () => {
    const between = intercept(
      {},
      { ...onlyKeys(ofServer.spki), certificateTypes: ["X509", "RawPublicKey"] },
    );
    expectRefusedAndTold(between, "client", { code: "unknown_ca" });
  });
});

describe("a server that chooses a type that was not offered", () => {
  const choose = (extensions: {
    readonly server_certificate_type?: number;
    readonly client_certificate_type?: number;
  }) => {
    const rule = edit("encrypted_extensions", (body) => ({
      extensions: { ...body.extensions, ...extensions },
    }));
    return intercept({ server: { encrypted_extensions: rule } }, ...both);
  };

  it.each([0, 1, 3])("is refused for its own: %d", (type) => {
    expectRefusedAndTold(choose({ server_certificate_type: type }), "client", {
      code: "unsupported_certificate",
      where: "extensions.server_certificate_type",
    });
  });

  it.each([0, 1, 3])("is refused for the client's: %d", (type) => {
    expectRefusedAndTold(choose({ client_certificate_type: type }), "client", {
      code: "unsupported_certificate",
      where: "extensions.client_certificate_type",
    });
  });

  it("is refused though it presents nothing, under a session", () => {
    const [client, server] = [both[0], resumable(both[1])];
    const rule = edit("encrypted_extensions", () => ({
      extensions: { server_certificate_type: 0 },
    }));
    const psks = [sessionFrom(server, client)];
    const between = intercept(
      { server: { encrypted_extensions: rule } },
      { ...client, psks },
      server,
    );
    expectRefusedAndTold(between, "client", {
      code: "unsupported_certificate",
      where: "extensions.server_certificate_type",
    });
  });

  it("is refused where nothing was offered", () => {
    const rule = edit("encrypted_extensions", (body) => ({
      extensions: { ...body.extensions, server_certificate_type: 2 },
    }));
    const between = intercept({ server: { encrypted_extensions: rule } });
    expectRefused(between, "client", { code: "unsupported_extension" });
  });
});

it("a public key is what its own bytes say", () => {
  expect(decodePublicKey(ofServer.spki, "here").spki).toEqual(ofServer.spki);
});
