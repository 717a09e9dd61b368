import { groups, isHybrid, isPostQuantum } from "../../groups/index.ts";
import { labelOf } from "../../lab/trace/names.ts";
import {
  CipherSuite,
  ExtensionType,
  NamedGroup,
  ProtocolVersion,
  SignatureScheme,
} from "../../registry/index.ts";
import { type Answer, describeAnswer, groupName } from "../answer.ts";
import type { Asker } from "../asker.ts";
import type { VersionFact } from "../facts.ts";
import { question } from "../question.ts";
import { suitesOfTls12 } from "../tls12.ts";

const older = ["TLS 1.2", "TLS 1.1", "TLS 1.0", "SSL 3.0"] as const;
const curves = groups.filter((each) => !isHybrid(each) && !isPostQuantum(each));

const hex = (type: number): `0x${string}` => `0x${type.toString(16).padStart(4, "0")}`;

/** What such a client says, and no extension that came with TLS 1.3. */
const oldExtensions = {
  // RFC 8422 §5.1.2: uncompressed points
  "0x000b": Uint8Array.of(1, 0),
  [hex(ExtensionType.extended_main_secret)]: new Uint8Array(0),
  [hex(ExtensionType.renegotiation_info)]: Uint8Array.of(0),
};

const oldSchemes = [
  SignatureScheme.ecdsa_secp256r1_sha256,
  SignatureScheme.rsa_pss_rsae_sha256,
  SignatureScheme.rsa_pkcs1_sha256,
  SignatureScheme.ecdsa_secp384r1_sha384,
  SignatureScheme.rsa_pss_rsae_sha384,
  SignatureScheme.rsa_pkcs1_sha384,
  SignatureScheme.rsa_pkcs1_sha512,
  // rsa_pkcs1_sha1 and ecdsa_sha1, without which many a server of TLS 1.1 has nothing to sign with
  0x0201,
  0x0203,
];

/** Each version by itself; of those before TLS 1.3 only the hello is spoken here. */
export const versions = question({
  name: "versions",
  title: "which versions are accepted",
  unless: ({ reach }) => (reach?.state === "tls" ? undefined : "there is no TLS server"),
  async ask(asker, { reach }) {
    const facts: VersionFact[] = [
      {
        version: "TLS 1.3",
        accepted: reach?.tls13 === true,
        answer: reach?.tls13 === true ? "accepts" : (reach?.large ?? "was not asked"),
      },
    ];
    for (const version of older) {
      facts.push(factOf(version, await offer(asker, ProtocolVersion[version])));
    }
    return facts;
  },
});

/** The answer to a hello of that version, with nothing of TLS 1.3. */
export const offer = (
  asker: Asker,
  legacyVersion: number,
  suites: readonly number[] = suitesOfTls12,
): Promise<Answer> =>
  asker.hello({
    legacyVersion,
    suites,
    groups: curves.map(({ code }) => code).filter((code) => code !== NamedGroup.x448),
    schemes: oldSchemes,
    without: ["supported_versions", "psk_key_exchange_modes", "key_share"],
    last: oldExtensions,
  });

function factOf(version: (typeof older)[number], answer: Answer): VersionFact {
  const said = describeAnswer(answer);
  if (answer.kind !== "server_hello") return { version, accepted: false, answer: said };
  return {
    version,
    // One that answers with a lower version has not accepted this one
    accepted: answer.version === ProtocolVersion[version],
    suite: labelOf(CipherSuite, answer.suite),
    ...(answer.curve === undefined ? {} : { group: groupName(answer.curve) }),
    sentinel: answer.sentinel !== undefined,
    answer: said,
  };
}
