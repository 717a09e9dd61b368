/** What a peer sends costs in proportion: more of it makes as much more work, counted and not timed. */
import { describe, expect, it } from "vitest";
import { createServerConnection, type ServerOptions } from "../../src/connection/index.ts";
import { encodeMessage } from "../../src/messages/index.ts";
import { serverOptions } from "../support/ends.ts";
import { ordinaryHello, recordsOf } from "../support/hello.ts";
import { expectProportion, workOf } from "../support/work.ts";
import { withShape, worstHellos } from "../support/worst-hellos.ts";

/** A server that has taken a hello, and the work that it was. */
function given(hello: Uint8Array, special: Partial<ServerOptions>) {
  const server = createServerConnection(serverOptions(special));
  server.start();
  const records = recordsOf(hello);
  const work = workOf(() => server.receive(records));
  return { server, work };
}

describe.each(Object.entries(worstHellos))("a hello of %s", (_, shape) => {
  const plain = ordinaryHello({ alpn: ["h2"] });
  const hello = (count: number): Uint8Array =>
    encodeMessage("client_hello", {
      ...plain,
      extensions: withShape(plain.extensions, shape(count, plain.extensions)),
    });

  it("is read in proportion", () => {
    const cost = (count: number): number => {
      const { server, work } = given(hello(count), { alpn: ["h2", "http/1.1"] });
      expect(server.error).toBeUndefined();
      return work;
    };
    expectProportion(cost, 250);
  });

  it("is compared with the one after a retry in proportion", () => {
    const cost = (count: number): number => {
      const special = { alpn: ["h2"], groups: ["secp256r1", "x25519"], retry: "for-preferred" };
      const offer = shape(count, plain.extensions);
      const extensions = withShape(
        { ...plain.extensions, supported_groups: [23, 29] },
        {
          ...offer,
          supported_groups: [23, ...(offer.supported_groups ?? [29])],
        },
      );
      const body = { ...plain, extensions };
      const first = given(encodeMessage("client_hello", body), special as Partial<ServerOptions>);
      const { pre_shared_key: _psk, ...others } = extensions;
      const second = encodeMessage("client_hello", {
        ...body,
        extensions: {
          ...others,
          key_share: [{ group: 23, keyExchange: new Uint8Array(65) }],
        },
      });
      const work = workOf(() => first.server.receive(recordsOf(second)));
      // The point is on no curve: it was looked at last
      expect(first.server.error?.message).toMatch(/key share|point|public key/);
      return first.work + work;
    };
    expectProportion(cost, 250);
  });
});
