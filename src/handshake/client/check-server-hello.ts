/** What a client checks in ServerHello, HelloRetryRequest, EncryptedExtensions and CertificateRequest. */
import type { Suite } from "../../crypto/index.ts";
import {
  type CertificateRequest,
  downgradeSentinels,
  type EncryptedExtensions,
  type HelloRetryRequest,
  type ServerHello,
} from "../../messages/index.ts";
import { type Group, type KeyShare } from "../../groups/index.ts";
import {
  CipherSuite,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  TlsError,
} from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import type { ClientConfig } from "../config.ts";
import { isAcceptable, type LegacyVersionRule } from "../legacy-version.ts";
import type { Offer } from "./offer.ts";
import type { OfferedPsk } from "../psk.ts";

type AnyServerHello = ServerHello | HelloRetryRequest;
type HelloType = "server_hello" | "hello_retry_request";

const illegal = (message: string, where: string, section: string, received?: string): TlsError =>
  new TlsError("illegal_parameter", message, {
    where,
    section: `RFC 9846 ${section}`,
    ...(received === undefined ? {} : { received }),
  });

/** The fields that both kinds share. Returns the suite. */
export function checkHello(
  type: HelloType,
  hello: AnyServerHello,
  offer: Offer,
  config: ClientConfig,
): Suite {
  const at = (field: string): string => `${type}.${field}`;
  checkVersion(type, hello, config);
  // §4.2.3: the session id is echoed
  if (!equal(hello.legacySessionIdEcho, offer.sessionId)) {
    throw illegal("the session id is not echoed", at("legacySessionIdEcho"), "§4.2.3");
  }
  // §4.2.3: no compression
  if (hello.legacyCompressionMethod !== 0) {
    throw illegal("a compression method was chosen", at("legacyCompressionMethod"), "§4.2.3");
  }
  // §4.2.3: one of the suites that were offered
  const suite = config.suites.find((entry) => entry.code === hello.cipherSuite);
  if (suite === undefined) {
    const name = nameOf(CipherSuite, hello.cipherSuite);
    throw illegal("a cipher suite that was not offered", at("cipherSuite"), "§4.2.3", name);
  }
  for (const name of Object.keys(hello.extensions)) {
    // §4.2.4: a cookie is the server's own idea; everything else is an answer
    if (name !== "cookie" && !isSolicited(name, offer.hello.extensions)) {
      throw unsolicited(type, name);
    }
  }
  return suite;
}

/** §4.2.3, §4.3.1, Appendix E.5: TLS 1.3, or the reason why not. */
function checkVersion(type: HelloType, hello: AnyServerHello, rule: LegacyVersionRule): void {
  const selected = hello.extensions.supported_versions;
  const received = nameOf(ProtocolVersion, selected ?? hello.legacyVersion);
  if (selected === undefined) {
    const tail = hello.random.subarray(24);
    for (const [older, sentinel] of Object.entries(downgradeSentinels)) {
      if (equal(tail, sentinel)) {
        throw new TlsError(
          "downgrade",
          `the server was led to ${older}, and says so in its random`,
          {
            expected: "TLS 1.3",
            received,
            where: `${type}.random`,
            section: "RFC 9846 §4.2.3",
          },
        );
      }
    }
  } else if (selected !== ProtocolVersion["TLS 1.3"]) {
    throw illegal(
      "a version that was not offered",
      `${type}.extensions.supported_versions`,
      "§4.3.1",
      received,
    );
  }
  if (selected === undefined || !isAcceptable(hello.legacyVersion, rule)) {
    throw new TlsError("protocol_version", "the server speaks another version", {
      expected: selected === undefined ? "TLS 1.3" : "legacy_version 0x0303",
      received: selected === undefined ? received : nameOf(ProtocolVersion, hello.legacyVersion),
      where:
        selected === undefined ? `${type}.extensions.supported_versions` : `${type}.legacyVersion`,
      section: "RFC 9846 §4.2.3",
    });
  }
}

/** §4.2.4: a retry must change something, to a group that was offered and had no share. */
export function checkRetry(
  retry: HelloRetryRequest,
  offer: Offer,
  config: ClientConfig,
): Group | undefined {
  const { key_share: selected, cookie } = retry.extensions;
  if (selected === undefined) {
    if (cookie !== undefined) return undefined;
    throw illegal("a retry that changes nothing", "hello_retry_request.extensions", "§4.2.4");
  }
  const where = "hello_retry_request.extensions.key_share";
  const group = config.groups.find((entry) => entry.code === selected);
  if (group === undefined) {
    throw illegal(
      "a retry with a group that was not offered",
      where,
      "§4.3.8",
      nameOf(NamedGroup, selected),
    );
  }
  if (offer.shares.some((share) => share.group === group)) {
    throw illegal("a retry with a group whose share was there", where, "§4.3.8", group.name);
  }
  return group;
}

/** §4.2.4, §4.3.8: the second answer keeps to the first. */
export function checkAfterRetry(suite: Suite, retried: Suite): void {
  if (suite !== retried) {
    throw illegal(
      "the suite changed after the retry",
      "server_hello.cipherSuite",
      "§4.2.4",
      suite.name,
    );
  }
}

/** §4.3.8: the share that the server answers; none only where a PSK alone was allowed. */
export function checkKeyShare(
  hello: ServerHello,
  offer: Offer,
  config: ClientConfig,
): { share: KeyShare; keyExchange: Uint8Array } | undefined {
  const answer = hello.extensions.key_share;
  if (answer === undefined) {
    if (hello.extensions.pre_shared_key !== undefined && config.allowPskOnly) return undefined;
    throw new TlsError("missing_extension", "the server sent no key share", {
      where: "server_hello.extensions",
      section: "RFC 9846 §9.2",
    });
  }
  const share = offer.shares.find((entry) => entry.group.code === answer.group);
  if (share === undefined) {
    throw illegal(
      "a key share of a group for which none was sent",
      "server_hello.extensions.key_share.group",
      "§4.3.8",
      nameOf(NamedGroup, answer.group),
    );
  }
  return { share, keyExchange: answer.keyExchange };
}

/** §4.3.11: the PSK that the server chose, which must fit the suite. */
export function checkPsk(hello: ServerHello, offer: Offer, suite: Suite): OfferedPsk | undefined {
  const index = hello.extensions.pre_shared_key;
  if (index === undefined) return undefined;
  const where = "server_hello.extensions.pre_shared_key";
  const psk = offer.psks[index];
  if (psk === undefined)
    throw illegal("a PSK that was not offered", where, "§4.3.11", `index ${index}`);
  if (psk.hash !== suite.hash) {
    throw illegal(
      "a PSK for another hash than the suite's",
      where,
      "§4.3.11",
      `${psk.hash} with ${suite.name}`,
    );
  }
  return psk;
}

/** §4.4.1, RFC 7301 §3.1: answers only to what was asked. */
export function checkEncryptedExtensions(
  { extensions }: EncryptedExtensions,
  offer: Offer,
  config: ClientConfig,
  psk: OfferedPsk | undefined,
  suite: Suite,
): void {
  for (const name of Object.keys(extensions)) {
    // §4.4.1: a server may volunteer its groups; everything else is an answer
    if (name !== "supported_groups" && !isSolicited(name, offer.hello.extensions)) {
      throw unsolicited("encrypted_extensions", name);
    }
  }
  const alpn = extensions.application_layer_protocol_negotiation;
  if (alpn !== undefined && (alpn.length !== 1 || !config.alpn.includes(alpn[0]!))) {
    throw illegal(
      "the application protocol is not one that was offered",
      "encrypted_extensions.extensions.application_layer_protocol_negotiation",
      "§4.4.1",
      alpn.join(", "),
    );
  }
  // §4.3.10: early data belongs to the first PSK, its suite and its protocol
  if (extensions.early_data === undefined) return;
  const { origin } = offer.psks[0] ?? {};
  if (psk !== offer.psks[0] || origin?.suite !== suite.code || origin.alpn !== alpn?.[0]) {
    throw illegal(
      "early data is accepted, but not the PSK, suite or protocol it was sent under",
      "encrypted_extensions.extensions.early_data",
      "§4.3.10",
    );
  }
}

/** §4.4.2: a request names signature schemes, at any time. */
export function checkRequestExtensions({ extensions }: CertificateRequest): void {
  if (extensions.signature_algorithms !== undefined) return;
  throw new TlsError("missing_extension", "the request names no signature schemes", {
    where: "certificate_request.extensions.signature_algorithms",
    section: "RFC 9846 §4.4.2",
  });
}

/** §4.3; and what we do not know ourselves we only offer so that it is ignored (RFC 8701 §3.1). */
export const isSolicited = (name: string, offered: Readonly<Record<string, unknown>>): boolean =>
  name in offered && !name.startsWith("0x");

export function unsolicited(message: string, name: string): TlsError {
  return new TlsError("unsupported_extension", `extension ${name} answers to nothing`, {
    where: `${message}.extensions.${name}`,
    section: "RFC 9846 §4.3",
  });
}
