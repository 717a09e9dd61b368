/** What a client reads in EncryptedExtensions (RFC 9846 §4.4.1). */
import {
  applyRecordSizeLimit,
  checkOwn,
  checkSolicited,
  heardOwn,
  isEarlyDataAccepted,
  isSolicited,
  readCertificateTypes,
  selectedProtocol,
} from "../../extensions/index.ts";
import type { Carrier } from "../carrier.ts";
import type { ClientConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import type { ClientHellos } from "./hellos.ts";

export interface ServerParameters {
  readonly alpn: string | undefined;
  /** The server takes the early data that was offered. */
  readonly earlyData: boolean;
  /** CertificateType of each end's certificate. */
  readonly certificateTypes: { readonly client: number; readonly server: number };
  /** That the server volunteers. */
  readonly groups: readonly number[];
  /** What it said in extensions of the caller's own, by name. */
  readonly own: Readonly<Record<string, Uint8Array>>;
}

/** Awaits EncryptedExtensions: answers to what was offered, of which no byte is kept. */
export function* readParameters(
  config: ClientConfig,
  link: Carrier,
  { offer, suite, transcript, psk, stored }: ClientHellos,
): Handshake<ServerParameters> {
  const { type, body, raw } = yield* expect("encrypted_extensions");
  const { extensions } = body;
  // §4.3.7: a server may volunteer its groups; everything else is an answer
  checkSolicited(
    type,
    extensions,
    (name) =>
      name === "supported_groups" || isSolicited(name, offer.hello.extensions, config.extensions),
  );
  transcript.add(raw);
  const { record_size_limit: recordLimit } = extensions;
  if (recordLimit !== undefined) applyRecordSizeLimit(config, recordLimit, link);
  const certificateTypes = readCertificateTypes(config, extensions, psk ?? stored);
  const alpn = selectedProtocol(extensions.application_layer_protocol_negotiation, config);
  const { psks } = offer;
  const earlyData = isEarlyDataAccepted(extensions.early_data, { psks, psk, suite, alpn });
  checkOwn(config.extensions, offer.own, extensions);
  return {
    alpn,
    earlyData,
    certificateTypes,
    groups: extensions.supported_groups ?? [],
    own: heardOwn(config.extensions, extensions),
  };
}
