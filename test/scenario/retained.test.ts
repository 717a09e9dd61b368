/** What a connection keeps while it waits, whatever a message held: a small multiple of its bytes. */
import { describe, it } from "vitest";
import {
  type ClientOptions,
  type Connection,
  prepareServer,
  type ServerOptions,
} from "../../src/connection/index.ts";
import { encodeMessage, type MessageBody } from "../../src/messages/index.ts";
import { serverOptions } from "../support/ends.ts";
import { expectSmall, retainedBy } from "../support/heap.ts";
import { ordinaryHello, recordsOf } from "../support/hello.ts";
import { clientCredential, serverCredential } from "../support/identities.ts";
import { drop, edit, intercept, type Rules } from "../support/interceptor.ts";
import { type HelloExtensions, withShape, worstHellos } from "../support/worst-hellos.ts";

const connections = 30;

const never = (): Promise<never> => new Promise(() => {});
const { signer } = serverCredential;
const asked = { groups: ["secp256r1", "x25519"], retry: "for-preferred" } as const;

/** What a server waits for after a hello, and what it takes for it. */
const waits: Readonly<Record<string, Partial<ServerOptions>>> = {
  "the client": {},
  "a signature": { credentials: [{ ...serverCredential, signer: { ...signer, sign: never } }] },
  "a key store": { lookUpPsk: never },
  "the hello after a retry": asked,
};

/** Elements that fit into a hello of 64 kB, or are as many as the limits allow. */
const most: Readonly<Record<string, number>> = {
  "identities of a byte": 1500,
  groups: 32_000,
  signature_algorithms: 32_000,
  "a name of a server": 60_000,
  padding: 60_000,
};

describe.each(Object.entries(waits))("a server that waits for %s", (wait, special) => {
  const plain = ordinaryHello({ alpn: ["h2"], groups: ["x25519", "secp256r1"] });
  const psk: HelloExtensions = {
    psk_key_exchange_modes: [1],
    pre_shared_key: {
      identities: [{ identity: Uint8Array.of(1), obfuscatedTicketAge: 0 }],
      binders: [new Uint8Array(32)],
    },
  };
  const ordinary = wait === "a key store" ? withShape(plain.extensions, psk) : plain.extensions;
  const make = prepareServer(serverOptions({ alpn: ["h2"], ...special }));
  const encoded = (extensions: HelloExtensions): Uint8Array =>
    recordsOf(encodeMessage("client_hello", { ...plain, extensions }));

  function retained(hello: Uint8Array): number {
    return retainedBy(() => {
      const server = make();
      server.start();
      server.receive(hello);
      server.takeOutput();
      if (server.state !== "handshaking") throw server.error ?? new Error(server.state);
      return server;
    }, connections);
  }

  const [base, size] = [retained(encoded(ordinary)), encoded(ordinary).length];

  it.each(Object.entries(worstHellos))("keeps little of %s", (what, shape) => {
    const more = shape(most[what] ?? 8000, ordinary);
    // The group that is asked for again has no share
    const extensions = withShape(
      ordinary,
      special === asked && more.supported_groups !== undefined
        ? {
            ...more,
            supported_groups: [23, ...more.supported_groups.filter((each) => each !== 23)],
          }
        : more,
    );
    const hello = encoded(extensions);
    expectSmall(`${what}, awaiting ${wait}`, hello.length - size, retained(hello) - base);
  });
});

/** One end after a run of both, which must wait; the other is forgotten. */
function waiting(rules: Rules, options: Ends): Connection {
  const { client } = intercept(rules, options.client, options.server);
  if (client.error !== undefined) throw client.error;
  return client;
}

interface Ends {
  readonly client: Partial<ClientOptions>;
  readonly server: Partial<ServerOptions>;
}

describe("a client", () => {
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  type Request = MessageBody<"certificate_request">;
  const requests: Readonly<Record<string, (request: Request) => Request["extensions"]>> = {
    "names of authorities": ({ extensions }) => ({
      ...extensions,
      certificate_authorities: times(5000, () => Uint8Array.of(0)),
    }),
    filters: ({ extensions }) => ({
      ...extensions,
      oid_filters: times(2500, () => ({
        oid: Uint8Array.of(6, 1, 42),
        values: new Uint8Array(0),
      })),
    }),
    "unknown extensions": ({ extensions }) => ({
      ...extensions,
      ...Object.fromEntries(
        times(4000, () => 0).map((_, index) => [
          `0x${(0x2000 + index).toString(16)}`,
          new Uint8Array(0),
        ]),
      ),
    }),
  };

  it.each(Object.entries(requests))("keeps nothing of a request's %s", (what, change) => {
    let wire = 0;
    const rules = (changed: boolean): Rules => ({
      server: {
        certificate_request: edit("certificate_request", (request) => {
          if (!changed) return request;
          const larger = { ...request, extensions: change(request) };
          wire = encodeMessage("certificate_request", larger).length;
          return larger;
        }),
        certificate: drop,
        certificate_verify: drop,
        finished: drop,
      },
    });
    const ends: Ends = {
      client: { credentials: [clientCredential] },
      server: { clientAuthentication: "request" },
    };
    const retained = (changed: boolean) =>
      retainedBy(() => waiting(rules(changed), ends), connections);
    const more = retained(true) - retained(false);
    expectSmall(`a request's ${what}`, wire, more);
  });
});

it("a record that has only begun takes what has come of it", () => {
  const noFinished: Rules = { client: { finished: drop } };
  const begun = (): Connection => {
    const { server } = intercept(noFinished);
    server.receive(Uint8Array.of(23, 3, 3, 0x40, 0));
    return server;
  };
  const open = retainedBy(() => intercept(noFinished).server, 2 * connections);
  expectSmall("the header of a record", 5, retainedBy(begun, 2 * connections) - open);
});
