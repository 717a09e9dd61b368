/** What is said before TLS where a protocol begins without it: dialogues as data. */
import { printable } from "../registry/index.ts";
import { fromHex } from "../wire/index.ts";
import type { Line } from "./line.ts";

/** The server did not agree to begin TLS. */
export class StartTlsRefused extends Error {
  override readonly name = "StartTlsRefused";
}

/** First what the server must have said, as one character a byte; then what is said to it. */
interface Step {
  readonly until?: Pick<RegExp, "test">;
  readonly say?: (host: string) => string;
}

/** A line of SMTP that ends a reply with this code (RFC 5321 §4.2). */
const reply = (code: number): RegExp => new RegExp(`(^|\\n)${code}( [^\\n]*)?\\r?\\n$`);

/** An ExtendedResponse to message 1 (`78`) whose resultCode is success (RFC 4511 §4.12). */
const isSuccess = {
  test: (said: string): boolean =>
    /^30(..){1,5}02010178(..){1,5}0a0100/.test(Buffer.from(said, "latin1").toString("hex")),
};

const latin1 = (hex: string): string => String.fromCharCode(...fromHex(hex));

const attribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("'", "&apos;").replaceAll("<", "&lt;");

const dialogues = {
  /** RFC 3207 */
  smtp: [
    { until: reply(220), say: () => "EHLO kemistry.invalid\r\n" },
    { until: reply(250), say: () => "STARTTLS\r\n" },
    { until: reply(220) },
  ],
  /** RFC 9051 §6.2.1 */
  imap: [
    { until: /^\* OK[^\n]*\r?\n$/, say: () => "a STARTTLS\r\n" },
    { until: /(^|\n)a OK[^\n]*\r?\n$/ },
  ],
  /** RFC 2595 §4 */
  pop3: [{ until: /^\+OK[^\n]*\r?\n$/, say: () => "STLS\r\n" }, { until: /^\+OK[^\n]*\r?\n$/ }],
  /** SSLRequest of the frontend/backend protocol */
  postgres: [{ say: () => latin1("0000000804d2162f") }, { until: /^S$/ }],
  /** RFC 4511 §4.14: an ExtendedRequest, and a response whose resultCode is success */
  ldap: [
    {
      say: () => latin1("301d02010177188016") + "1.3.6.1.4.1.1466.20037",
    },
    { until: isSuccess },
  ],
  /** RFC 6120 §5.4 */
  xmpp: [
    {
      say: (host) =>
        `<?xml version='1.0'?><stream:stream to='${attribute(host)}' version='1.0' ` +
        "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    },
    {
      until: /<\/stream:features>\s*$/,
      say: () => "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    },
    { until: /<proceed[^<>]*>\s*$/ },
  ],
} satisfies Record<string, readonly Step[]>;

/** A protocol that changes over to TLS. */
export type StartTls = keyof typeof dialogues;
/** The protocols that are known. */
export const startTlsNames = Object.keys(dialogues) as readonly StartTls[];

/** The port on which a protocol is spoken before it changes over. */
export const startTlsPorts: Readonly<Record<StartTls, number>> = {
  smtp: 25,
  imap: 143,
  pop3: 110,
  postgres: 5432,
  ldap: 389,
  xmpp: 5222,
};

/** Bytes that a server may say in one step. */
const longest = 16 * 1024;

/**
 * Leads a line to where TLS begins.
 * @param patience milliseconds for each step
 * @throws StartTlsRefused with what the server said instead
 */
export async function startTls(
  line: Line,
  protocol: StartTls,
  host: string,
  patience: number,
): Promise<void> {
  for (const { until, say } of dialogues[protocol] as readonly Step[]) {
    if (until !== undefined) await hear(line, protocol, until, patience);
    if (say !== undefined) line.send(Buffer.from(say(host), "latin1"));
  }
}

async function hear(line: Line, protocol: StartTls, until: Pick<RegExp, "test">, patience: number) {
  const end = performance.now() + patience;
  let said = "";
  while (!until.test(said)) {
    const arrival = await line.next(Math.max(0, end - performance.now()));
    if (arrival.kind !== "bytes" || said.length > longest) {
      const heard = said === "" ? "nothing" : `"${printable(said.trim(), 120)}"`;
      throw new StartTlsRefused(`no ${protocol} that begins TLS: the server said ${heard}`);
    }
    said += Buffer.from(arrival.bytes).toString("latin1");
  }
}
