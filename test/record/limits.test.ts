/** Each named limit: what reaches it passes, and what goes beyond ends the connection. */
import { describe, expect, it } from "vitest";
import { type Connection, createClientConnection } from "../../src/connection/index.ts";
import { defaultLimits, type Limits, maxFragment } from "../../src/record/index.ts";
import { certificateCompressors } from "../../src/node.ts";
import { KeyUpdateRequest } from "../../src/registry/index.ts";
import { carry } from "../../src/connection/pair.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { clientOptions, connect, makeEnds } from "../support/ends.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { clientCredential } from "../support/identities.ts";
import {
  changeCipherSpec,
  edit,
  intercept,
  type Interceptor,
  plainRecord,
} from "../support/interceptor.ts";
import { withBody } from "../support/raw.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";

const opened = (limits: Partial<Limits>): Interceptor => intercept({}, { limits }, { limits });
const sides = ["client", "server"] as const;
const keyUpdate = { requestUpdate: KeyUpdateRequest.update_not_requested };

describe("the limits", () => {
  it("have these names, and all are positive", () => {
    expect(Object.keys(defaultLimits).toSorted()).toEqual(
      [
        "certificateRequests",
        "certificateExpansion",
        "certificates",
        "changeCipherSpecs",
        "emptyRecords",
        "handshakeMessage",
        "keyUpdates",
        "laterRequests",
        "messageElements",
        "offerElements",
        "skippedEarlyData",
        "tickets",
        "waitingInput",
        "warnings",
      ].toSorted(),
    );
    for (const limit of Object.values(defaultLimits)) expect(limit).toBeGreaterThan(0);
  });

  // RFC 9846 §5.1
  it("leave a fragment its 2^14 bytes", () => {
    expect(maxFragment).toBe(16384);
  });
});

describe("handshakeMessage", () => {
  it("is for the whole message, header included", () => {
    const rule = (length: number) => ({
      server: { encrypted_extensions: () => [withBody(8, new Uint8Array(length - 4))] },
    });
    const within = intercept(rule(2000), { limits: { handshakeMessage: 2000 } });
    expectRefusedAndTold(within, "client", { code: "malformed", alert: "decode_error" });
    const beyond = intercept(rule(2001), { limits: { handshakeMessage: 2000 } });
    expectRefusedAndTold(beyond, "client", {
      code: "message_too_long",
      alert: "illegal_parameter",
      where: "handshake.length",
    });
  });

  it("is held to before the message is there", () => {
    const { server } = makeEnds();
    server.start();
    server.receive(concat(Uint8Array.of(22, 3, 3, 0, 4), Uint8Array.of(1, 0xff, 0xff, 0xff)));
    expect(server.error).toMatchObject({ code: "message_too_long" });
  });
});

describe("offerElements", () => {
  /** A hello has as many as `count` elements: its extensions, one share, one name and authorities. */
  const hello = (count: number) =>
    intercept(
      {
        client: {
          client_hello: edit("client_hello", ({ extensions, ...fields }) => {
            const others = Object.keys(extensions).length + 3;
            const certificate_authorities = Array.from({ length: count - others }, () =>
              Uint8Array.of(0x30, 0),
            );
            return { ...fields, extensions: { certificate_authorities, ...extensions } };
          }),
        },
      },
      {},
      { limits: { offerElements: 100 } },
    );

  it("is for extensions and entries of lists, numbers aside", () => {
    // The ends do not agree on what was said
    expectRefused(hello(100), "client", { code: "bad_record_mac" });
    expectRefusedAndTold(hello(101), "server", {
      code: "malformed",
      alert: "decode_error",
      where: /^client_hello\.extensions/,
    });
  });

  it("leaves room for what is registered, and for tests that send 4096 unknown extensions", () => {
    expect(defaultLimits.offerElements).toBeGreaterThanOrEqual(4096 + 64);
  });
});

const chainOf = (count: number, limits: Partial<Limits>) =>
  intercept(
    {
      server: {
        certificate: edit("certificate", ({ certificateList: [leaf], ...fields }) => ({
          ...fields,
          certificateList: Array.from({ length: count }, () => leaf!),
        })),
      },
    },
    { limits },
  );

describe("certificates", () => {
  it("is for those of one message", () => {
    expectRefused(chainOf(5, { certificates: 5 }), "client", { code: "bad_signature" });
    expectRefusedAndTold(chainOf(6, { certificates: 5 }), "client", {
      code: "bad_certificate",
      where: "certificate.certificateList",
    });
  });
});

describe("certificateExpansion", () => {
  const compressed = (certificateExpansion: number) => {
    const certificateCompression = [...certificateCompressors];
    const rules = {
      server: {
        compressed_certificate: edit("compressed_certificate", () => {
          const { compress, algorithm } = certificateCompressors[0]!;
          const uncompressedCertificate = new Uint8Array(10_000);
          return {
            algorithm,
            uncompressedLength: uncompressedCertificate.length,
            compressedCertificateMessage: compress(uncompressedCertificate),
          };
        }),
      },
    };
    const client = { certificateCompression, limits: { certificateExpansion } };
    return intercept(rules, client, { certificateCompression });
  };

  it("is for how many times its size a certificate unfolds to", () => {
    expectRefusedAndTold(compressed(1000), "client", { code: "malformed" });
    expectRefusedAndTold(compressed(32), "client", {
      code: "bad_certificate",
      where: "compressed_certificate",
      section: "RFC 8879 §4",
    });
  });
});

describe("messageElements", () => {
  const chain = (count: number) => chainOf(count, { messageElements: 10 });

  it("is for the entries of a certificate list", () => {
    expectRefused(chain(10), "client", { code: "bad_signature" });
    expectRefusedAndTold(chain(11), "client", {
      code: "malformed",
      alert: "decode_error",
      where: "certificate.certificateList[10]",
    });
  });
});

describe.each(sides)("at the %s,", (side) => {
  it("emptyRecords is for those in a row", () => {
    const between = opened({ emptyRecords: 3 });
    const outlet = between.to[side];
    const empty = (count: number) => {
      for (let i = 0; i < count; i++) outlet.record(23, new Uint8Array(0));
    };
    empty(3);
    outlet.record(23, utf8("data"));
    empty(3);
    expect(between[side].state).toBe("open");
    empty(1);
    expectRefusedAndTold(between.run(), side, {
      code: "too_many_records",
      alert: "unexpected_message",
    });
    expect(between.events[side].filter(({ type }) => type === "data")).toHaveLength(1);
  });

  it("warnings is for user_canceled in a row", () => {
    const between = opened({ warnings: 2 });
    const outlet = between.to[side];
    outlet.alert("user_canceled", 1);
    outlet.alert("user_canceled", 1);
    outlet.record(23, utf8("data"));
    outlet.alert("user_canceled", 1);
    outlet.alert("user_canceled", 1);
    expect(between[side].state).toBe("open");
    outlet.alert("user_canceled", 1);
    expectRefusedAndTold(between.run(), side, {
      code: "too_many_records",
      alert: "unexpected_message",
    });
  });

  // RFC 9846 §4.7.3
  it("keyUpdates is for those without data between them", () => {
    const between = opened({ keyUpdates: 2 });
    const outlet = between.to[side];
    outlet.send("key_update", keyUpdate);
    outlet.send("key_update", keyUpdate);
    outlet.record(23, utf8("data"));
    outlet.send("key_update", keyUpdate);
    outlet.send("key_update", keyUpdate);
    expect(between[side].state).toBe("open");
    outlet.send("key_update", keyUpdate);
    expectRefusedAndTold(between.run(), side, {
      code: "too_many_key_updates",
      alert: "unexpected_message",
      section: "RFC 9846 §4.7.3",
    });
  });

  // RFC 9846 §5, Appendix E.4
  it("changeCipherSpecs is for one handshake", () => {
    const flood = (count: number) => {
      const type = side === "client" ? "encrypted_extensions" : "finished";
      const from = side === "client" ? "server" : "client";
      const options = { limits: { changeCipherSpecs: 3 } };
      return intercept(
        {
          [from]: {
            [type]: (raw: Uint8Array, outlet: { bytes(bytes: Uint8Array): void }) => {
              for (let i = 0; i < count; i++) outlet.bytes(changeCipherSpec);
              return [raw];
            },
          },
        },
        options,
        options,
      );
    };
    // One of them is the other end's own
    expect(flood(2)[side].state).toBe("open");
    expectRefused(flood(3), side, { code: "too_many_records", alert: "unexpected_message" });
  });
});

describe("waitingInput", () => {
  /** A server that waits for its verifier, and a client that goes on sending. */
  function waiting(limits: Partial<Limits>): { client: Connection; server: Connection } {
    const { client, server } = makeEnds(
      { credentials: [clientCredential] },
      {
        clientAuthentication: "require",
        limits,
        verifyClient: ({ chain }) =>
          new Promise((resolve) => resolve({ chain, verified: undefined })),
      },
    );
    server.start();
    client.start();
    for (const chunk of client.takeOutput()) server.receive(chunk);
    for (const chunk of server.takeOutput()) client.receive(chunk);
    for (const chunk of client.takeOutput()) server.receive(chunk);
    expect(server.busy).toBe(true);
    client.write(new Uint8Array(5000));
    return { client, server };
  }

  it("is for what comes while an operation runs", async () => {
    const { client, server } = waiting({ waitingInput: 6000 });
    for (const chunk of client.takeOutput()) server.receive(chunk);
    expect(server.state).toBe("handshaking");
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(server.state).toBe("open");
    const data = server.takeEvents().find(({ type }) => type === "data");
    expect(data).toMatchObject({ data: new Uint8Array(5000) });
  });

  it("ends the connection when it is passed", () => {
    const { client, server } = waiting({ waitingInput: 3000 });
    for (const chunk of client.takeOutput()) server.receive(chunk);
    server.receive(new Uint8Array(1));
    expect(server.error).toMatchObject({
      code: "too_many_records",
      alert: "unexpected_message",
      role: "server",
    });
  });

  it("does not bound what can be taken at once", () => {
    const limits = { waitingInput: 100 };
    const { client, server } = connect({ limits }, { limits });
    client.write(new Uint8Array(100_000));
    server.receive(concat(...client.takeOutput()));
    const received = server
      .takeEvents()
      .flatMap((event) => (event.type === "data" ? [...event.data] : []));
    expect(received).toHaveLength(100_000);
  });
});

// RFC 9846 §4.3.10
describe("skippedEarlyData", () => {
  const hello = edit("client_hello", (body) => ({
    ...body,
    extensions: { ...body.extensions, early_data: true },
  }));
  const skipping = (records: number) =>
    intercept(
      {
        client: {
          client_hello(raw, outlet, nth) {
            for (const each of hello(raw, outlet, nth) ?? []) outlet.message(each);
            for (let i = 0; i < records; i++) outlet.bytes(plainRecord(23, new Uint8Array(95)));
            return [];
          },
        },
      },
      {},
      { limits: { skippedEarlyData: 1000 } },
    );

  it("is for bytes of early data that a server refused", () => {
    expect(skipping(9).alertsBy("server")).not.toContain("unexpected_message");
    expectRefused(skipping(10), "server", {
      code: "too_many_records",
      alert: "unexpected_message",
    });
  });

  it("is for a server that was told of early data", () => {
    const between = intercept({
      client: {
        client_hello(raw, outlet) {
          outlet.message(raw);
          outlet.bytes(plainRecord(23, new Uint8Array(95)));
          return [];
        },
      },
    });
    expectRefused(between, "server", { code: "bad_record_mac" });
  });
});

// RFC 9846 §4.7.2
describe("laterRequests", () => {
  it("is for requests for a certificate that wait for an answer", () => {
    const { client, server } = connect(
      { postHandshakeAuthentication: true, credentials: [clientCredential] },
      { limits: { laterRequests: 2 } },
    );
    server.requestCertificate();
    server.requestCertificate();
    const error = tlsErrorOf(() => server.requestCertificate());
    expect(error).toMatchObject({ code: "misuse" });
    const { server: events } = carry(client, server);
    expect(events.map(({ type }) => type)).toEqual(["peer", "peer"]);
    expect(() => server.requestCertificate()).not.toThrow();
  });
});

// RFC 9846 §4.7.2
describe("certificateRequests", () => {
  it("is for the requests that a client answers, each with a signature", () => {
    let signatures = 0;
    const { signer } = clientCredential;
    const counting: typeof signer = {
      ...signer,
      sign: (scheme, message) => {
        signatures++;
        return signer.sign(scheme, message);
      },
    };
    const { client, server } = connect({
      postHandshakeAuthentication: true,
      credentials: [{ ...clientCredential, signer: counting }],
      limits: { certificateRequests: 3 },
    });
    for (let i = 0; i < 3; i++) {
      server.requestCertificate();
      carry(client, server);
    }
    expect([client.state, signatures]).toEqual(["open", 3]);
    server.requestCertificate();
    carry(client, server);
    expect(client.error).toMatchObject({ code: "too_many_records", alert: "unexpected_message" });
    expect(signatures).toBe(3);
  });
});

describe("tickets", () => {
  // RFC 9846 §4.7.1
  it("is for those that a client keeps of one connection", () => {
    const between = intercept({}, { limits: { tickets: 2 } });
    for (let i = 0; i < 5; i++) {
      between.to.client.send("new_session_ticket", {
        ticketLifetime: 60,
        ticketAgeAdd: i,
        ticketNonce: Uint8Array.of(i),
        ticket: Uint8Array.of(i),
        extensions: {},
      });
    }
    between.run();
    expect(between.client.state).toBe("open");
    expect(between.events.client.filter(({ type }) => type === "session")).toHaveLength(2);
  });
});

describe("options", () => {
  it("change some limits, and leave the others", () => {
    const client = createClientConnection(clientOptions({ limits: { warnings: 0 } }));
    client.start();
    client.receive(Uint8Array.of(21, 3, 3, 0, 2, 1, 90));
    expect(client.error).toMatchObject({ code: "too_many_records" });
  });
});
