import { knownSchemes } from "../../crypto/scheme.ts";
import { type Certificate, parseCertificate, verifyChain } from "../../identity/index.ts";
import { decodeMessage, type MessageBody } from "../../messages/index.ts";
import { printable } from "../../registry/index.ts";
import type { Asker, HandshakeOutcome, SeenMessage } from "../asker.ts";
import type { CertificateFact, HandshakeFacts } from "../facts.ts";
import { question, unlessGroups } from "../question.ts";
import { ordinaryOffer } from "./ordinary.ts";

/** Ten segments of 1448 bytes (RFC 6928, Ethernet with timestamps). */
const initialWindow = 10 * 1448;
const day = 24 * 60 * 60 * 1000;

/** As a browser would: what a visitor gets. */
export const handshake = question({
  name: "handshake",
  title: "what an ordinary client gets",
  unless: unlessGroups,
  async ask(asker, known) {
    const options = {
      ...ordinaryOffer(known),
      schemes: inHandshake,
      certificateSchemes: knownSchemes,
      stapling: true,
    };
    const first = await asker.handshake({ ...options, alpn: asker.alpn });
    // A server of another protocol takes none of those of HTTP
    const outcome =
      first.failed === "by alert" && asker.alpn.length > 0 ? await asker.handshake(options) : first;
    return factsOf(asker, outcome);
  },
});

/** May sign a server's CertificateVerify. */
export const inHandshake = knownSchemes.filter(
  (each) => each.inHandshake && each.clientOnly !== true,
);

function factsOf(asker: Asker, outcome: HandshakeOutcome): HandshakeFacts | undefined {
  const { negotiated, messages, serverFlight } = outcome;
  if (negotiated === undefined) return undefined;
  const entries = certificateOf(messages)?.certificateList ?? [];
  const certificates = negotiated.peer?.chain ?? [];
  const leaf = certificates[0];
  const trusted = trustIn(asker, certificates);
  return {
    group: negotiated.group ?? null,
    suite: negotiated.cipherSuite,
    scheme: negotiated.peerSignatureScheme ?? null,
    alpn: negotiated.alpn ?? null,
    retried: negotiated.retried,
    chain: entries.map(({ certData }, index) => certificateFacts(certData, index)),
    chainBytes: entries.reduce((sum, { certData }) => sum + certData.length, 0),
    ...(trusted === undefined ? {} : { trusted }),
    daysLeft: leaf === undefined ? null : Math.floor((leaf.notAfter - Date.now()) / day),
    flightBytes: serverFlight,
    fitsInitialWindow: serverFlight <= initialWindow,
    ocsp: entries[0]?.extensions.status_request !== undefined,
    scts: entries[0]?.extensions.signed_certificate_timestamp?.length ?? 0,
    asksForCertificate: messages.some(({ type }) => type === "certificate_request"),
  };
}

function certificateOf(messages: readonly SeenMessage[]): MessageBody<"certificate"> | undefined {
  const found = messages.find(
    ({ type, direction }) => type === "certificate" && direction === "received",
  );
  return found && decodeMessage("certificate", found.raw).body;
}

function trustIn(asker: Asker, chain: readonly Certificate[]): HandshakeFacts["trusted"] {
  const { trust, serverName: name, provider } = asker;
  if (trust === undefined || chain.length === 0) return undefined;
  try {
    const names = name === undefined ? {} : { name };
    verifyChain({ chain, trust, usage: "server", now: Date.now(), provider, ...names });
    return true;
  } catch (error) {
    return (error as Error).message;
  }
}

/** As far as it can be read: nobody is obliged to a certificate that we understand. */
function certificateFacts(der: Uint8Array, index: number): CertificateFact {
  try {
    const certificate = parseCertificate(der, `certificate[${index}]`);
    return {
      subject: printable(certificate.subject.text, 120),
      issuer: printable(certificate.issuer.text, 120),
      ...keyFacts(certificate),
      signature: certificate.signatureAlgorithm ?? certificate.signatureOid,
      bytes: der.length,
      notAfter: new Date(certificate.notAfter).toISOString(),
    };
  } catch (error) {
    const unread = { subject: "", issuer: "", signature: "", notAfter: "", postQuantum: false };
    return { ...unread, key: `cannot be read: ${(error as Error).message}`, bytes: der.length };
  }
}

function keyFacts(certificate: Certificate): Pick<CertificateFact, "key" | "postQuantum"> {
  try {
    const { type, key } = certificate.publicKey;
    // RSAPublicKey: a sequence around the modulus and an exponent of three bytes
    const isRsa = type === "rsa" || type === "rsa-pss";
    const size = isRsa ? ` ${Math.floor((key.length - 10) / 32) * 256}` : "";
    const postQuantum = knownSchemes.some((each) => each.keyType === type && each.postQuantum);
    return { key: `${type}${size}`, postQuantum };
  } catch (error) {
    return { key: `cannot be read: ${(error as Error).message}`, postQuantum: false };
  }
}
