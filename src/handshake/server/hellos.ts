/** The ClientHello, after at most one retry, and what a server chooses from it (RFC 9846 §4.2.1). */
import { hashOf, type Suite } from "../../crypto/index.ts";
import { requestedHost } from "../../extensions/index.ts";
import type { Group } from "../../groups/index.ts";
import {
  type ClientHello,
  type Extensions,
  helloRetryRequestRandom,
} from "../../messages/index.ts";
import { ProtocolVersion, TlsError } from "../../registry/index.ts";
import { type SecretOwners, type Transcript, TranscriptBuffer } from "../../schedule/index.ts";
import type { ServerConfig, ServerIdentity } from "../config.ts";
import { type Handshake, settle } from "../coroutine.ts";
import { chooseGroup, chooseSuite } from "./negotiation.ts";
import { expectFirstHello, expectSecondHello, type ReceivedHello } from "./received-hello.ts";
import { type Carrier, send } from "../carrier.ts";
import { FoundPsks, selectPsk, type SelectedPsk } from "./select-psk.ts";

export interface ServerHellos {
  /** The host name of SNI, and who answers for it. */
  readonly serverName: string | undefined;
  readonly identity: ServerIdentity | undefined;
  readonly hello: ClientHello;
  readonly suite: Suite;
  /** `undefined` for a PSK without key exchange. */
  readonly group: Group | undefined;
  /** Ends with the last ClientHello. */
  readonly transcript: Transcript;
  readonly psk: SelectedPsk | undefined;
  readonly retried: boolean;
  /** Early data was offered in the first ClientHello. */
  readonly offersEarlyData: boolean;
}

export function* readHellos(
  given: ServerConfig,
  link: Carrier,
  owners: SecretOwners,
): Handshake<ServerHellos> {
  const first = yield* expectFirstHello(given);
  const serverName = requestedHost(first.body.extensions.server_name);
  const identity =
    serverName === undefined || given.identityFor === undefined
      ? undefined
      : yield* settle(given.identityFor(serverName));
  const config = { ...given, ...identity };
  const found = new FoundPsks(owners);
  return { ...(yield* chooseFrom(config, link, first, found)), serverName, identity };
}

type Choice = Omit<ServerHellos, "serverName" | "identity">;

function* chooseFrom(
  config: ServerConfig,
  link: Carrier,
  first: ReceivedHello,
  found: FoundPsks,
): Handshake<Choice> {
  const suite = chooseSuite(config.suites, first.body.cipherSuites, config.suitePreference);
  const transcript = new TranscriptBuffer();
  const psk = yield* selectPsk(config, first, transcript, suite, found);
  const choice = psk?.withoutKeyExchange ? undefined : choose(config, first.body);
  if (choice?.retry !== true) {
    transcript.add(first.raw);
    return {
      hello: first.body,
      suite,
      group: choice?.group,
      transcript: transcript.start(hashOf(suite, config.provider)),
      psk,
      retried: false,
      offersEarlyData: first.body.extensions.early_data !== undefined,
    };
  }
  psk?.early.wipe();
  link.expectBoundary();
  const second = yield* retry(config, link, first, suite, choice.group, found);
  // §4.2.2: only PSKs that do not fit the suite may go, and the one that we chose fits
  if (psk !== undefined && second.psk === undefined) {
    const isMissing = second.hello.extensions.pre_shared_key === undefined;
    const code = isMissing ? "missing_extension" : "illegal_parameter";
    throw new TlsError(code, "a PSK that fits went with the retry", {
      where: "client_hello.extensions.pre_shared_key",
      section: "RFC 9846 §4.2.2",
    });
  }
  return second;
}

function* retry(
  config: ServerConfig,
  link: Carrier,
  first: ReceivedHello,
  suite: Suite,
  group: Group,
  found: FoundPsks,
): Handshake<Choice> {
  const { provider } = config;
  const cookie = config.retryCookie ? provider.random(32) : undefined;
  const extensions: Extensions<"hello_retry_request"> = {
    supported_versions: ProtocolVersion["TLS 1.3"],
    key_share: group.code,
  };
  if (cookie !== undefined) extensions.cookie = cookie;
  const raw = send(link, "hello_retry_request", {
    legacyVersion: ProtocolVersion["TLS 1.2"],
    random: helloRetryRequestRandom,
    legacySessionIdEcho: first.body.legacySessionId,
    cipherSuite: suite.code,
    legacyCompressionMethod: 0,
    extensions,
  });
  const offersEarlyData = first.body.extensions.early_data !== undefined;
  if (offersEarlyData || first.body.extensions.early_auth === true) link.refuseEarlyData();
  const hash = hashOf(suite, provider);
  const transcript = TranscriptBuffer.retried(hash, first.raw, raw);

  const hello = yield* expectSecondHello(config, first, { group, cookie });
  const psk = yield* selectPsk(config, hello, transcript, suite, found);
  transcript.add(hello.raw);
  const exchanged = psk?.withoutKeyExchange ? undefined : group;
  return {
    hello: hello.body,
    suite,
    group: exchanged,
    transcript: transcript.start(hash),
    psk,
    retried: true,
    offersEarlyData,
  };
}

function choose(
  config: ServerConfig,
  { extensions }: ClientHello,
): { group: Group; retry: boolean } {
  if (extensions.supported_groups === undefined) {
    throw new TlsError(
      "missing_extension",
      "no PSK is acceptable, and the client names no groups",
      {
        where: "client_hello.extensions.supported_groups",
        section: "RFC 9846 §9.2",
      },
    );
  }
  const shares = (extensions.key_share ?? []).map((entry) => entry.group);
  return chooseGroup(
    config.groups,
    extensions.supported_groups,
    shares,
    config.groupPreference,
    config.retry,
  );
}
