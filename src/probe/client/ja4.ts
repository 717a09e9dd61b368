/**
 * JA4 of a ClientHello: FoxIO, "JA4: TLS Client Fingerprinting" (technical_details/JA4.md of the repository FoxIO-LLC/ja4),
 * for TCP. Values of GREASE are left out everywhere; suites and extensions are sorted, so that a client that permutes
 * them has one fingerprint.
 */
import { createHash } from "node:crypto";
import type { MessageBody } from "../../messages/index.ts";
import { ExtensionType, ProtocolVersion } from "../../registry/index.ts";
import { isGrease, typesOf } from "./offered.ts";

type Hello = MessageBody<"client_hello">;

/** Three parts: what it is about, its suites, its extensions and signature schemes. */
export function ja4(hello: Hello): string {
  const suites = hello.cipherSuites.filter(isMeant);
  const types = typesOf(hello).filter(isMeant);
  const { extensions } = hello;
  const first = extensions.application_layer_protocol_negotiation?.[0];
  const about = [
    "t",
    versionOf(hello),
    extensions.server_name === undefined ? "i" : "d",
    count(suites.length),
    count(types.length),
    first === undefined || first === "" ? "00" : ends(first),
  ].join("");
  const named = types.filter((type) => !apart.includes(type));
  const schemes = (extensions.signature_algorithms ?? []).filter(isMeant).map(hex).join(",");
  const said = sorted(named) + (schemes === "" ? "" : `_${schemes}`);
  return [about, digest(sorted(suites)), named.length === 0 ? none : digest(said)].join("_");
}

const isMeant = (value: number): boolean => !isGrease(value);

/** They are told in the first part. */
const apart: readonly number[] = [
  ExtensionType.server_name,
  ExtensionType.application_layer_protocol_negotiation,
];

const versionNames: Readonly<Record<number, string>> = {
  [ProtocolVersion["TLS 1.3"]]: "13",
  [ProtocolVersion["TLS 1.2"]]: "12",
  [ProtocolVersion["TLS 1.1"]]: "11",
  [ProtocolVersion["TLS 1.0"]]: "10",
  [ProtocolVersion["SSL 3.0"]]: "s3",
};

/** The highest that is offered. */
function versionOf({ extensions, legacyVersion }: Hello): string {
  const offered = (extensions.supported_versions ?? [legacyVersion]).filter(isMeant);
  return versionNames[Math.max(...offered)] ?? "00";
}

const count = (number: number): string => String(Math.min(99, number)).padStart(2, "0");

/** The first and the last character; of what is not alphanumeric the first and the last digit in hexadecimal. */
function ends(protocol: string): string {
  const [first, last] = [protocol[0]!, protocol.at(-1)!];
  if (isAlphanumeric(first) && isAlphanumeric(last)) return first + last;
  return byte(first)[0]! + byte(last)[1]!;
}

const isAlphanumeric = (character: string): boolean => /[\dA-Za-z]/.test(character);
const byte = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, "0");

const hex = (value: number): string => value.toString(16).padStart(4, "0");
const sorted = (values: readonly number[]): string => values.map(hex).toSorted().join(",");

const none = "000000000000";
const digest = (text: string): string =>
  text === "" ? none : createHash("sha256").update(text).digest("hex").slice(0, 12);
