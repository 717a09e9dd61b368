/** What the detectors say of a connection that somebody else had, from what it shows. */
import { namedSchemes, schemes, suites } from "../../crypto/index.ts";
import { detect, type Facts, type Finding } from "../../detection/index.ts";
import { checkSelectedVersion } from "../../extensions/index.ts";
import { groups, isHybrid, isPostQuantum } from "../../groups/index.ts";
import type { Negotiated } from "../../handshake/index.ts";
import type { ClientHello } from "../../messages/index.ts";
import {
  CipherSuite,
  NamedGroup,
  nameOf,
  SignatureScheme,
  TlsError,
} from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { Script } from "./script.ts";

/** An alert that was seen. */
export interface SentAlert {
  /** The end that sent it. */
  readonly from: Role;
  /** IANA's name, or the number of an alert that has none. */
  readonly description: string;
  /** AlertDescription (RFC 9846 §6). */
  readonly code: number;
  /** Whether both Finished were seen before. */
  readonly during: "handshake" | "connection";
}

/** As the client would find them, who knows what it has offered. */
export function findingsOf(script: Script, alerts: readonly SentAlert[]): Finding[] {
  const hellos = script.all("client", "client_hello");
  const [first] = hellos;
  const last = hellos.at(-1);
  if (first === undefined || last === undefined) return [];
  const negotiated = negotiatedIn(script, last.body);
  const offered = offeredIn(last.body, negotiated);
  const facts: Facts = {
    ...offered,
    role: "client",
    now: 0,
    shares: named(
      groups,
      first.body.extensions.key_share?.map(({ group }) => group),
    ),
    helloBytes: first.raw.length,
    past: [],
  };
  const errors = [refusal(script), ...alerts.map(alarmOf)].filter((error) => error !== undefined);
  const all = [
    ...(negotiated === undefined ? [] : detect({ ...facts, negotiated })),
    ...errors.flatMap((error) => detect({ ...facts, error })),
  ];
  return all.filter(({ kind }, index) => all.findIndex((each) => each.kind === kind) === index);
}

/** What of a table stands in a list of code points, in the list's order. */
const named = <T extends { readonly code: number }>(
  table: readonly T[],
  codes: readonly number[] = [],
): T[] =>
  codes.flatMap((code) => {
    const found = table.find((entry) => entry.code === code);
    return found === undefined ? [] : [found];
  });

function offeredIn(
  { cipherSuites, extensions }: ClientHello,
  negotiated: Negotiated | undefined,
): Pick<Facts, "groups" | "suites" | "schemes" | "knownSchemes" | "alpn"> {
  return {
    groups: named(groups, extensions.supported_groups),
    suites: named(suites, cipherSuites),
    schemes: named(schemes, extensions.signature_algorithms),
    knownSchemes: namedSchemes,
    // Whether one was taken stands in what is encrypted
    alpn:
      negotiated?.alpn === undefined
        ? []
        : (extensions.application_layer_protocol_negotiation ?? []),
  };
}

/** `undefined` before a ServerHello of TLS 1.3. What cannot be seen is absent. */
function negotiatedIn(script: Script, offer: ClientHello): Negotiated | undefined {
  const hello = script.body("server", "server_hello");
  if (hello?.extensions.supported_versions === undefined) return undefined;
  const answers = script.body("server", "encrypted_extensions")?.extensions;
  const code = hello.extensions.key_share?.group;
  const [group] = code === undefined ? [] : named(groups, [code]);
  const signed = script.body("server", "certificate_verify")?.algorithm;
  return {
    version: "TLS 1.3",
    cipherSuite: nameOf(CipherSuite, hello.cipherSuite),
    group: code === undefined ? undefined : nameOf(NamedGroup, code),
    postQuantum: group !== undefined && isPostQuantum(group),
    hybrid: group !== undefined && isHybrid(group),
    retried: script.find("server", "hello_retry_request") !== undefined,
    resumed: hello.extensions.pre_shared_key !== undefined,
    psk: undefined,
    earlyData:
      offer.extensions.early_data === undefined
        ? "none"
        : answers?.early_data === undefined
          ? "refused_by_server"
          : "accepted",
    alpn: answers?.application_layer_protocol_negotiation?.[0],
    serverName: undefined,
    peer: undefined,
    peerSignatureScheme: signed === undefined ? undefined : nameOf(SignatureScheme, signed),
    postQuantumAuthentication:
      signed !== undefined && namedSchemes.byCode(signed)?.postQuantum === true,
    signatureScheme: undefined,
    peerGroups: answers?.supported_groups ?? [],
    peerSchemes: offer.extensions.signature_algorithms ?? [],
    extensions: {},
    origin: undefined,
    backends: {
      keyExchange: [],
      aead: "",
      hash: "",
      signature: undefined,
      verification: undefined,
    },
  };
}

/** The version that was chosen, if that is not TLS 1.3. */
function refusal(script: Script): TlsError | undefined {
  const hello = script.body("server", "server_hello");
  if (hello === undefined) return undefined;
  try {
    checkSelectedVersion("server_hello", hello, { tolerateLegacyVersion: true });
    return undefined;
  } catch (error) {
    return error instanceof TlsError ? error : undefined;
  }
}

/** As the end that was told it has it. */
const alarmOf = ({ description, code, during }: SentAlert): TlsError | undefined =>
  during === "handshake"
    ? new TlsError("peer_alert", description, { received: `alert ${description} (${code})` })
    : undefined;
