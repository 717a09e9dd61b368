/** A client that authenticates after the handshake: RFC 9846 §4.7.2. */
import { describe, expect, it } from "vitest";
import type { Signer } from "../../src/identity/index.ts";
import { createTrustStore, createDevelopmentCa } from "../../src/identity/index.ts";
import { noble } from "../../src/crypto/index.ts";
import type { Certificate, CertificateRequest } from "../../src/messages/index.ts";
import { decodeMessage, encodeMessage } from "../../src/messages/index.ts";
import { certificateCompressors } from "../../src/node.ts";
import { utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { clientCredential, testTime } from "../support/identities.ts";
import { drop, edit, Interceptor, type Rules } from "../support/interceptor.ts";
import { changed, withBody } from "../support/raw.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import {
  type Client,
  isResumed,
  resumable,
  type Server,
  sessionFrom,
} from "../support/sessions.ts";

const willing: Client = { postHandshakeAuthentication: true, credentials: [clientCredential] };
const empty = new Uint8Array(0);

/** A connection, open. The rules are there from the beginning. */
const opened = (client: Client = willing, server: Server = {}, rules: Rules = {}): Interceptor =>
  new Interceptor(rules, client, server).run();

/** The server asks, and the client answers. */
function ask(between: Interceptor): Interceptor {
  between.server.requestCertificate();
  return between.run();
}

const peersTold = ({ events }: Interceptor) =>
  events.server.flatMap((event) =>
    event.type === "peer" ? [event.peer?.chain[0]?.subject.text] : [],
  );
const sentLater = ({ messages }: Interceptor): string[] => {
  const last = messages.findLastIndex(({ type }) => type === "certificate_request");
  return messages.slice(last).map(({ by, type }) => `${by} ${type}`);
};

describe("a client that is asked later", () => {
  it("proves who it is", () => {
    const between = ask(opened());
    expect(peersTold(between)).toEqual(["CN=client@example.org"]);
    expect(between.events.server.at(-1)).toMatchObject({
      peer: { verified: { leaf: { der: clientCredential.chain[0]!.der } } },
    });
    expect(sentLater(between)).toEqual([
      "server certificate_request",
      "client certificate",
      "client certificate_verify",
      "client finished",
    ]);
    between.client.write(utf8("and now"));
    between.run();
    expect(between.events.server.at(-1)).toMatchObject({ data: utf8("and now") });
  });

  it.each<[string, Client]>([
    ["has no certificate", { ...willing, credentials: [] }],
    [
      "has none that the server would take",
      { ...willing, credentials: [{ ...clientCredential, signer: signerWithout() }] },
    ],
  ])("declines if it %s, and the connection goes on", (_, client) => {
    const between = ask(opened(client));
    expect(peersTold(between)).toEqual([undefined]);
    expect(sentLater(between)).toEqual([
      "server certificate_request",
      "client certificate",
      "client finished",
    ]);
    expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
  });

  it("may be asked again, and several times at once", () => {
    const between = ask(ask(opened()));
    between.server.requestCertificate();
    between.server.requestCertificate();
    between.run();
    expect(peersTold(between)).toEqual(Array.from({ length: 4 }, () => "CN=client@example.org"));
    const contexts = between.messages.flatMap(({ type, raw }) =>
      type === "certificate_request"
        ? [decodeMessage(type, raw).body.certificateRequestContext.join()]
        : [],
    );
    expect(new Set(contexts).size).toBe(4);
  });

  it("is asked in a connection that was resumed, and in one where it has proved itself before", () => {
    const server = resumable();
    const session = sessionFrom(server, willing);
    const resumed = opened({ ...willing, psks: [session] }, server);
    expect(isResumed(resumed)).toBe(true);
    expect(peersTold(ask(resumed))).toEqual(["CN=client@example.org"]);
    const before = opened(willing, { clientAuthentication: "require" });
    expect(peersTold(ask(before))).toEqual(["CN=client@example.org"]);
  });

  it("compresses its certificate if the server can read that", () => {
    const certificateCompression = certificateCompressors;
    const between = ask(opened({ ...willing, certificateCompression }, { certificateCompression }));
    expect(sentLater(between)[1]).toBe("client compressed_certificate");
    expect(peersTold(between)).toEqual(["CN=client@example.org"]);
  });

  it("may take its time to sign, while everything else goes on", async () => {
    const slow: Signer = {
      ...clientCredential.signer,
      sign: async (scheme, content) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return clientCredential.signer.sign(scheme, content);
      },
    };
    const between = ask(
      opened({ ...willing, credentials: [{ ...clientCredential, signer: slow }] }),
    );
    expect(between.client.busy).toBe(true);
    between.client.write(utf8("meanwhile"));
    between.client.updateKeys();
    between.server.updateKeys();
    between.run();
    expect(between.events.server.at(-1)).toMatchObject({ data: utf8("meanwhile") });
    await new Promise((resolve) => setTimeout(resolve, 20));
    between.run();
    expect(peersTold(between)).toEqual(["CN=client@example.org"]);
    expect(between.server.state).toBe("open");
  });

  it("answers under the keys of then, after both have changed theirs", () => {
    const between = opened();
    between.client.updateKeys();
    between.server.updateKeys();
    expect(peersTold(ask(between.run()))).toEqual(["CN=client@example.org"]);
    between.server.requestCertificate();
    between.client.updateKeys();
    expect(peersTold(between.run())).toHaveLength(2);
  });
});

describe("a server that may not ask", () => {
  it("is told so where the client did not offer to answer", () => {
    const between = opened({ credentials: [clientCredential] });
    expect(tlsErrorOf(() => between.server.requestCertificate())).toMatchObject({ code: "misuse" });
    expect(between.server.state).toBe("open");
  });

  it("is told so before the handshake, after the end, and if it is a client", () => {
    const between = new Interceptor({}, willing);
    expect(tlsErrorOf(() => between.server.requestCertificate()).code).toBe("misuse");
    between.run();
    expect(tlsErrorOf(() => between.client.requestCertificate()).code).toBe("misuse");
    between.server.close();
    expect(tlsErrorOf(() => between.server.requestCertificate()).code).toBe("misuse");
  });

  it("is told so while too many of its requests wait", () => {
    const between = opened(willing, { limits: { laterRequests: 2 } });
    between.server.requestCertificate();
    between.server.requestCertificate();
    expect(tlsErrorOf(() => between.server.requestCertificate())).toMatchObject({ code: "misuse" });
    expect(peersTold(between.run())).toHaveLength(2);
    between.server.requestCertificate();
    expect(peersTold(between.run())).toHaveLength(3);
  });
});

describe("a request that breaks a rule", () => {
  const request: CertificateRequest = {
    certificateRequestContext: utf8("a context"),
    extensions: { signature_algorithms: [0x0807] },
  };

  it("is refused by a client that did not offer to answer", () => {
    const between = opened({ credentials: [clientCredential] });
    between.to.client.send("certificate_request", request);
    expectRefusedAndTold(between.run(), "client", {
      code: "unexpected_message",
      where: "certificate_request",
      section: "RFC 9846 §4.7.2",
    });
  });

  it("names no signature schemes", () => {
    const between = opened();
    between.to.client.send("certificate_request", { ...request, extensions: {} });
    expectRefusedAndTold(between.run(), "client", {
      code: "missing_extension",
      where: "certificate_request.extensions.signature_algorithms",
      section: "RFC 9846 §4.4.2",
    });
  });

  it("is malformed", () => {
    const between = opened();
    between.to.client.message(withBody(13, Uint8Array.of(0)));
    expectRefusedAndTold(between.run(), "client", { code: "malformed", alert: "decode_error" });
  });
});

describe("an answer that breaks a rule", () => {
  const refused = (rules: Rules["client"], refusal: Parameters<typeof expectRefused>[2]) => {
    const between = ask(opened(willing, {}, { client: rules ?? {} }));
    expectRefusedAndTold(between, "server", refusal);
    expect(peersTold(between)).toEqual([]);
  };
  const unexpected = { code: "unexpected_message" } as const;

  it("comes unasked", () => {
    const certificate = { certificateRequestContext: empty, certificateList: [] };
    for (const certificateRequestContext of [empty, utf8("never asked")]) {
      const between = opened();
      between.to.server.send("certificate", { ...certificate, certificateRequestContext });
      expectRefusedAndTold(between.run(), "server", {
        ...unexpected,
        where: "certificate.certificateRequestContext",
        section: "RFC 9846 §4.7.2",
      });
    }
  });

  it("has another context", () => {
    const rule = edit("certificate", (body: Certificate) => {
      body.certificateRequestContext[0]! ^= 1;
    });
    refused(
      { certificate: rule },
      { ...unexpected, where: "certificate.certificateRequestContext" },
    );
  });

  it("comes twice", () => {
    let certificate: Uint8Array = empty;
    let between = opened(
      willing,
      {},
      {
        client: {
          certificate(raw) {
            certificate = raw;
          },
        },
      },
    );
    between = ask(between);
    expect(peersTold(between)).toHaveLength(1);
    between.to.server.message(certificate);
    expectRefusedAndTold(between.run(), "server", unexpected);
  });

  it("has a wrong signature, or that of another request", () => {
    refused(
      { certificate_verify: (raw) => [changed(raw, (copy) => (copy[12]! ^= 1))] },
      { code: "bad_signature", alert: "decrypt_error" },
    );
    let first: Uint8Array | undefined;
    const between = ask(
      opened(
        willing,
        {},
        {
          client: {
            certificate_verify: (raw) => (first === undefined ? void (first = raw) : [first]),
          },
        },
      ),
    );
    expect(peersTold(between)).toHaveLength(1);
    expectRefusedAndTold(ask(between), "server", { code: "bad_signature" });
  });

  it("has a wrong Finished", () => {
    const wrong = (raw: Uint8Array, _: unknown, nth: number) =>
      nth === 0 ? [raw] : [changed(raw, (copy) => (copy[10]! ^= 1))];
    refused({ finished: wrong }, { code: "bad_finished", alert: "decrypt_error" });
    const short = (raw: Uint8Array, _: unknown, nth: number) =>
      nth === 0 ? [raw] : [withBody(20, new Uint8Array(31))];
    refused({ finished: short }, { code: "malformed", alert: "decode_error" });
  });

  it("has a wrong Finished where it declines", () => {
    const wrong = (raw: Uint8Array, _: unknown, nth: number) =>
      nth === 0 ? [raw] : [changed(raw, (copy) => (copy[10]! ^= 1))];
    const between = ask(
      opened({ ...willing, credentials: [] }, {}, { client: { finished: wrong } }),
    );
    expectRefusedAndTold(between, "server", { code: "bad_finished" });
    expect(peersTold(between)).toEqual([]);
  });

  it("leaves something out", () => {
    refused({ certificate_verify: drop }, unexpected);
    const between = ask(
      opened(willing, {}, { client: { finished: (raw, _, nth) => (nth === 0 ? [raw] : []) } }),
    );
    expect(peersTold(between)).toEqual([]);
    between.client.write(utf8("as if nothing were missing"));
    between.client.updateKeys();
    expectRefusedAndTold(between.run(), "server", unexpected);
  });

  it("has something between its parts", () => {
    const update = encodeMessage("key_update", { requestUpdate: 0 });
    for (const type of ["certificate_verify", "finished"] as const) {
      refused(
        {
          [type]: (raw: Uint8Array, _: unknown, nth: number) =>
            type === "finished" && nth === 0 ? [raw] : [update, raw],
        },
        unexpected,
      );
    }
    refused(
      { certificate_verify: (raw) => [withBody(11, Uint8Array.of(0, 0, 0, 0)), raw] },
      unexpected,
    );
  });

  it("names somebody whom the server does not trust", () => {
    const stranger = createDevelopmentCa({ provider: noble, algorithm: "ed448", now: testTime });
    const trust = createTrustStore([stranger.certificate]);
    const between = ask(opened(willing, { trust }));
    expectRefusedAndTold(between, "server", { code: "unknown_ca" });
  });

  it("comes to a server that has nobody to verify it", () => {
    const between = opened(willing);
    between.to.server.message(withBody(25, Uint8Array.of(0, 2, 0, 0, 4, 0, 0, 1, 0)));
    expectRefused(between.run(), "server", { code: "illegal_parameter" });
  });
});

function signerWithout(): Signer {
  return { ...clientCredential.signer, schemes: [] };
}
