import { expect, it } from "vitest";
import { withShares } from "../../../src/lab/hybrid/with-shares.ts";
import { decodeMessage } from "../../../src/messages/index.ts";
import { fromHex, toHex } from "../../../src/wire/index.ts";
import { loadHandshakes } from "../../vectors/hybrid-files.ts";

const { exchange, messages } = loadHandshakes("hybrid/handshakes/X25519MLKEM768.json.gz")
  .handshakes[0]!;
const group = 0x11ec;
const [clientHello, serverHello] = messages.map(({ bytes }) => fromHex(bytes));

it("with the right share a hello is the same", () => {
  const client = { group, keyExchange: fromHex(exchange.clientShare) };
  const server = { group, keyExchange: fromHex(exchange.serverShare) };
  expect(toHex(withShares(clientHello!, "client", [client]))).toBe(toHex(clientHello!));
  expect(toHex(withShares(serverHello!, "server", [server]))).toBe(toHex(serverHello!));
});

it("with others it has others, whatever their lengths", () => {
  const entries = [
    { group, keyExchange: new Uint8Array(2000) },
    { group: 29, keyExchange: new Uint8Array(1) },
  ];
  const changed = withShares(clientHello!, "client", entries);
  const { body } = decodeMessage("client_hello", changed);
  expect(body.extensions.key_share).toEqual(entries);
  const { body: original } = decodeMessage("client_hello", clientHello!);
  const { key_share: _, ...rest } = original.extensions;
  expect(body).toMatchObject({ random: original.random, extensions: rest });
});

it("without any it has no key_share", () => {
  const changed = withShares(serverHello!, "server", []);
  expect(decodeMessage("server_hello", changed).body.extensions.key_share).toBeUndefined();
});

it("a message without key_share is none to put shares into", () => {
  const without = withShares(serverHello!, "server", []);
  expect(() => withShares(without, "server", [])).toThrow(RangeError);
});
