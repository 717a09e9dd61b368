/** A ClientHello as a server reads it: checked, and without what it has no use for. */
import {
  bindersLength,
  continuityKey,
  isHostName,
  keyOf,
  requestedHost,
} from "../../extensions/index.ts";
import type { Group } from "../../groups/index.ts";
import {
  type ClientHello,
  decodeMessage,
  type Extensions,
  type Message,
} from "../../messages/index.ts";
import { equal } from "../../wire/index.ts";
import { checkClientHello, checkSecondHello } from "./check-client-hello.ts";
import type { ServerConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";

export interface ReceivedHello {
  readonly body: ClientHello;
  /** The whole message. */
  readonly raw: Uint8Array;
  /** The message up to its PSK binders: what they cover (§4.3.11.2). */
  readonly bound: Uint8Array;
}

/** Identities that are looked up; a client may offer more, which are ignored. */
const maxIdentities = 4;
/** Names of protocols that an error can show, where none is ours. */
const maxProtocols = 16;

const isUnregistered = (name: string): name is `0x${string}` => name.startsWith("0x");

/** Awaits a first ClientHello. */
export function* expectFirstHello(config: ServerConfig): Handshake<ReceivedHello> {
  const message = yield* expect("client_hello");
  checkClientHello(message.body, config);
  return usefulPart(config, message);
}

/** Awaits the ClientHello that answers a HelloRetryRequest; `first` is the one before. */
export function* expectSecondHello(
  config: ServerConfig,
  first: ReceivedHello,
  asked: { readonly group: Group; readonly cookie: Uint8Array | undefined },
): Handshake<ReceivedHello> {
  const message = yield* expect("client_hello");
  checkClientHello(message.body, config);
  checkSecondHello(decodeMessage("client_hello", first.raw).body, message.body, asked);
  return usefulPart(config, message);
}

/**
 * What is kept while the handshake waits: for a ticket store, a signer, the client. What a client may fill
 * lists with, and nobody here asks for, costs many times its bytes.
 */
function usefulPart(config: ServerConfig, { body, raw }: Message<"client_hello">): ReceivedHello {
  const { extensions } = body;
  const kept: Extensions<"client_hello"> = { ...extensions };
  const own = config.extensions.map(keyOf);
  if (config.continuity !== undefined) own.push(continuityKey(config.continuity.type));
  for (const name of Object.keys(kept)) {
    if (isUnregistered(name) && !own.includes(name)) delete kept[name];
  }
  const {
    key_share: shares,
    server_name: names,
    application_layer_protocol_negotiation: protocols,
    certificate_authorities: authorities,
    pre_shared_key: psks,
  } = kept;
  if (shares !== undefined) {
    kept.key_share = shares.filter(({ group }) => config.groups.some(({ code }) => code === group));
  }
  if (names !== undefined) {
    // RFC 6066 §3: read while all of them are there
    requestedHost(names);
    kept.server_name = names.filter(isHostName);
  }
  if (protocols !== undefined) {
    const common = protocols.filter((name) => config.alpn.includes(name));
    kept.application_layer_protocol_negotiation =
      common.length > 0 ? common : protocols.slice(0, maxProtocols);
  }
  if (authorities !== undefined) {
    const ours = config.credentials.flatMap(({ chain }) => chain.map(({ issuer }) => issuer.der));
    kept.certificate_authorities = authorities.filter((name) =>
      ours.some((issuer) => equal(issuer, name)),
    );
  }
  let bound = raw;
  if (psks !== undefined) {
    bound = raw.subarray(0, raw.length - bindersLength(psks.binders));
    kept.pre_shared_key = {
      identities: psks.identities.slice(0, maxIdentities),
      binders: psks.binders.slice(0, maxIdentities),
    };
  }
  return { body: { ...body, extensions: kept }, raw, bound };
}
