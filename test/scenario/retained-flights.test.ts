/** What a connection keeps of each message that follows the hellos: a small multiple of its bytes. */
import { describe, expect, it, vi } from "vitest";
import type { Connection } from "../../src/connection/index.ts";
import type { CertificateCompressor } from "../../src/handshake/index.ts";
import {
  encodeMessage,
  headerLength,
  type MessageBody,
  messages,
  type MessageType,
} from "../../src/messages/index.ts";
import { certificateCompressors } from "../../src/node.ts";
import { defaultLimits } from "../../src/record/index.ts";
import { ContentType } from "../../src/registry/index.ts";
import { decode } from "../../src/wire/index.ts";
import { expectSmall, mostFor, retainedBy } from "../support/heap.ts";
import { clientCredential } from "../support/identities.ts";
import { drop, edit, intercept, type Outlet, type Rules } from "../support/interceptor.ts";
import type { Client, Server } from "../support/sessions.ts";
import { leastCertificate, ordinaryCertificate } from "../support/worst-certificates.ts";

vi.setConfig({ testTimeout: 120_000 });
/** More for messages of few bytes, which would drown in what the measurement itself leaves. */
const connectionsFor = (wire: number): number => (wire < 2000 ? 250 : wire < 6000 ? 60 : 25);
const never = (): Promise<never> => new Promise(() => {});
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const unknown = (count: number) =>
  Object.fromEntries(
    times(count, (index) => [`0x${(0x2000 + index).toString(16)}`, new Uint8Array(0)]),
  );

/**
 * What one of the former takes more than one of the latter. Code that is compiled meanwhile counts too, and only once: so
 * what is more than so many bytes on the wire may make us keep is measured twice more, and the median counts.
 */
function beyond(make: () => unknown, ordinary: () => unknown, wire: number, count = 25): number {
  const measure = (): number => retainedBy(make, count) - retainedBy(ordinary, count);
  const first = measure();
  if (first < mostFor(wire)) return first;
  return [first, measure(), measure()].toSorted((a, b) => a - b)[1]!;
}

/** What an end keeps more of when a peer's message is changed, and by how much that message is longer. */
function compare<T extends MessageType>(
  what: string,
  run: (change: (body: MessageBody<T>) => MessageBody<T>) => unknown,
  type: T,
  change: (body: MessageBody<T>) => MessageBody<T>,
): void {
  let wire = 0;
  const counted = (body: MessageBody<T>): MessageBody<T> => {
    const changed = change(body);
    wire = encodeMessage(type, changed).length - encodeMessage(type, body).length;
    return changed;
  };
  run(counted);
  expect(wire).toBeGreaterThan(0);
  const more = beyond(
    () => run(counted),
    () => run((body) => body),
    wire,
    connectionsFor(wire),
  );
  expectSmall(what, wire, more);
}

/** The end of these two that waits. */
function stillWaiting(end: Connection): Connection {
  if (end.state !== "handshaking") throw end.error ?? new Error(end.state);
  return end;
}

type Certificate = MessageBody<"certificate">;
const leafWith = (extensions: Certificate["certificateList"][0]["extensions"]) => {
  return (body: Certificate): Certificate => {
    const [leaf, ...rest] = body.certificateList;
    return { ...body, certificateList: [{ ...leaf!, extensions }, ...rest] };
  };
};
const behindTheLeaf = (der: Uint8Array) => {
  const more = times(60, () => ({ certData: der, extensions: {} }));
  return (body: Certificate): Certificate => ({
    ...body,
    certificateList: [...body.certificateList, ...more],
  });
};
const certificates: Readonly<Record<string, (body: Certificate) => Certificate>> = {
  "small certificates": behindTheLeaf(ordinaryCertificate()),
  "the smallest certificates": behindTheLeaf(leastCertificate()),
  "timestamps of a byte": leafWith({
    signed_certificate_timestamp: times(200, () => Uint8Array.of(1)),
  }),
  "an OCSP response": leafWith({
    status_request: { statusType: 1, response: new Uint8Array(15_000) },
  }),
};

const zlib = certificateCompressors.find(({ algorithm }) => algorithm === 1)!;
/** A compressor that leaves everything as it is: what is on the wire is what is counted. */
const stored: CertificateCompressor = {
  ...zlib,
  compress: (data) => data,
  decompress: (data) => data.slice(),
};

describe.each(["client", "server"] as const)("a %s whose verifier has not answered", (side) => {
  const from = side === "client" ? "server" : "client";
  const options = (more: Client & Server): [Client, Server] => [
    { credentials: [clientCredential], ...more, ...(side === "client" && { verifyServer: never }) },
    {
      clientAuthentication: "require",
      ...more,
      ...(side === "server" && { verifyClient: never }),
    },
  ];

  it.each(Object.entries(certificates))("keeps little of %s", (what, change) => {
    const run = (changed: typeof change) => {
      const rules: Rules = {
        [from]: { certificate: edit("certificate", changed), certificate_verify: drop },
      };
      return stillWaiting(intercept(rules, ...options({ stapling: true }))[side]);
    };
    compare(`${what}, to a ${side}`, run, "certificate", change);
  });

  it.each(Object.entries(certificates))("keeps little of %s, compressed", (what, change) => {
    const run = (changed: typeof change) => {
      const rules: Rules = {
        [from]: {
          compressed_certificate: edit("compressed_certificate", (body) => {
            const plain = decode(messages.certificate, body.compressedCertificateMessage);
            const message = encodeMessage("certificate", changed(plain)).subarray(headerLength);
            return {
              ...body,
              uncompressedLength: message.length,
              compressedCertificateMessage: message,
            };
          }),
          certificate_verify: drop,
        },
      };
      const more = { stapling: true, certificateCompression: [stored] };
      return stillWaiting(intercept(rules, ...options(more))[side]);
    };
    compare(`${what}, compressed, to a ${side}`, run, "certificate", change);
  });
});

describe("a client that waits", () => {
  const nothingMore = { certificate: drop, certificate_verify: drop, finished: drop };

  it.each<[string, MessageBody<"encrypted_extensions">["extensions"]]>([
    ["groups", { supported_groups: times(8000, () => 29) }],
    ["a protocol", { application_layer_protocol_negotiation: ["h".repeat(255)] }],
  ])("for a certificate keeps little of the %s of EncryptedExtensions", (what, extensions) => {
    const run = (
      changed: (body: MessageBody<"encrypted_extensions">) => MessageBody<"encrypted_extensions">,
    ) => {
      const encrypted = edit("encrypted_extensions", changed);
      const rules: Rules = { server: { ...nothingMore, encrypted_extensions: encrypted } };
      return stillWaiting(intercept(rules, { alpn: ["h".repeat(255)] }).client);
    };
    compare(what, run, "encrypted_extensions", () => ({ extensions }));
  });

  it("for the answer to its second hello keeps little of a cookie", () => {
    const cookie = new Uint8Array(16_000);
    type Retry = MessageBody<"hello_retry_request">;
    const run = (changed: (body: Retry) => Retry) => {
      const rules: Rules = {
        server: { hello_retry_request: edit("hello_retry_request", changed), server_hello: drop },
        client: { client_hello: (_, __, nth) => (nth > 0 ? [] : undefined) },
      };
      const groups = ["x25519", "secp256r1"];
      const between = intercept(rules, { groups }, { groups: ["secp256r1"] });
      return stillWaiting(between.client);
    };
    compare("a cookie", run, "hello_retry_request", (body) => ({
      ...body,
      extensions: { ...body.extensions, cookie },
    }));
  });

  it("for the end of a message keeps little of its beginning", () => {
    const begun = (length: number) => () => {
      const whole = { algorithm: 0x0807, signature: new Uint8Array(length) };
      const rules: Rules = {
        server: {
          certificate_verify: (_, outlet) => {
            const raw = encodeMessage("certificate_verify", whole);
            for (let at = 0; at < raw.length - 1; at += 1000)
              outlet.record(
                ContentType.handshake,
                raw.slice(at, Math.min(at + 1000, raw.length - 1)),
              );
            return [];
          },
          finished: drop,
        },
      };
      return stillWaiting(intercept(rules).client);
    };
    expectSmall(
      "a CertificateVerify that has only begun",
      60_000,
      beyond(begun(60_064), begun(64), 60_000),
    );
  });

  it("for its own signer keeps little of a request after the handshake", () => {
    type Request = MessageBody<"certificate_request">;
    const signing = { ...clientCredential.signer, sign: never };
    const client = {
      postHandshakeAuthentication: true,
      credentials: [{ ...clientCredential, signer: signing }],
    };
    const changes: Readonly<Record<string, Request["extensions"]>> = {
      "names of authorities": { certificate_authorities: times(5000, () => Uint8Array.of(0)) },
      "unknown extensions": unknown(3000),
    };
    for (const [what, extensions] of Object.entries(changes)) {
      const run = (changed: (body: Request) => Request) => {
        const rules: Rules = {
          server: { certificate_request: edit("certificate_request", changed) },
        };
        const between = intercept(rules, client);
        between.server.requestCertificate();
        between.run();
        if (between.client.error !== undefined) throw between.client.error;
        return between.client;
      };
      compare(`${what}, after the handshake`, run, "certificate_request", (body) => ({
        ...body,
        extensions: { ...body.extensions, ...extensions },
      }));
    }
  });
});

describe("an open connection", () => {
  const open = (send: (outlet: Outlet) => void) => () => {
    const between = intercept();
    send(between.to.client);
    between.run();
    const { client } = between;
    if (client.error !== undefined) throw client.error;
    // What it leaves with its user counts too
    return [client, between.events.client];
  };
  const ticket = (change: Partial<MessageBody<"new_session_ticket">>) => ({
    ticketLifetime: 7200,
    ticketAgeAdd: 0,
    ticketNonce: new Uint8Array(0),
    ticket: Uint8Array.of(1),
    extensions: {},
    ...change,
  });
  it.each<[string, Partial<MessageBody<"new_session_ticket">>]>([
    ["its ticket", { ticket: new Uint8Array(16_000) }],
    ["unknown extensions", { extensions: unknown(200) }],
  ])("keeps little of a NewSessionTicket: %s", (what, change) => {
    const message = encodeMessage("new_session_ticket", ticket(change));
    const more = beyond(
      open((outlet) => outlet.message(message)),
      open(() => {}),
      message.length,
      connectionsFor(message.length),
    );
    expectSmall(`${what} of a NewSessionTicket`, message.length, more);
  });

  it("keeps so many sessions, and nothing of more tickets", () => {
    const message = encodeMessage("new_session_ticket", ticket({}));
    const given = (count: number) => open((outlet) => times(count, () => outlet.message(message)));
    const most = defaultLimits.tickets;
    const more = beyond(given(most + 200), given(most), 200 * message.length);
    expectSmall("more tickets than are kept", 200 * message.length, more);
  });
});
