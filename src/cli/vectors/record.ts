/** Records handshakes with an OpenSSL: our end from a seed, the other as it comes, and its key log. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNoble, noble } from "../../crypto/index.ts";
import type { Group } from "../../groups/index.ts";
import { encodePem } from "../../identity/index.ts";
import {
  createEnd,
  describeHandshake,
  formatVersion,
  groupFacts,
  type HandshakeFile,
  handshakeFormat,
  type HandshakeVector,
  type Identities,
  identitiesOf,
  negotiatedParts,
  openFlights,
  providerAdapter,
  recordedInputs,
  resume,
  usualScheme,
  type VectorPlan,
} from "../../lab/hybrid/index.ts";
import type { Subject } from "../../lab/vectors/index.ts";
import type { Sent } from "../../lab/trace/index.ts";
import type { Role } from "../../schedule/index.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import { OpenSslPeer, type PeerFiles } from "./openssl-peer.ts";

/** What is recorded with each group; the handshakes of a row speak to the same process. */
const rows = [
  {
    role: "client",
    handshakes: [
      { kind: "full", suite: "TLS_AES_128_GCM_SHA256" },
      { kind: "resumed", suite: "TLS_AES_128_GCM_SHA256" },
    ],
  },
  { role: "client", handshakes: [{ kind: "retry", suite: "TLS_AES_256_GCM_SHA384" }] },
  { role: "client", handshakes: [{ kind: "mutual", suite: "TLS_CHACHA20_POLY1305_SHA256" }] },
  { role: "server", handshakes: [{ kind: "full", suite: "TLS_AES_128_GCM_SHA256" }] },
  { role: "server", handshakes: [{ kind: "retry", suite: "TLS_AES_256_GCM_SHA384" }] },
] as const;

const subject: Subject = {
  provider: noble,
  seeded: (random) => createNoble({ random }),
};

/**
 * @param program the `openssl` command
 * @throws Error if OpenSSL does not run, has not the group, or a handshake fails
 */
export async function recordHandshakes(
  program: string,
  version: string,
  group: Group,
  seed: string,
): Promise<HandshakeFile> {
  const identities = identitiesOf([usualScheme], seed);
  const facts = groupFacts(group);
  const folder = mkdtempSync(join(tmpdir(), "kemistry-record-"));
  try {
    const files = writeIdentities(folder, identities[usualScheme]!);
    const handshakes: HandshakeVector[] = [];
    for (const { role, handshakes: planned } of rows) {
      const inputs = planned.map((what) =>
        recordedInputs(group, seed, role, { ...what, signature: usualScheme }),
      );
      const peer = new OpenSslPeer(program, files, role === "client" ? "server" : "client");
      try {
        await peer.start(inputs[0]!, facts, inputs.length);
        for (const each of inputs) {
          const first = handshakes.at(-1);
          const own = each.kind === "resumed" && first ? resume(each, first) : each;
          const plan = { group: facts, identities, inputs: own };
          handshakes.push(await recordOne(plan, role, peer, files.keyLog));
        }
      } finally {
        peer.stop();
      }
    }
    return {
      format: handshakeFormat,
      version: formatVersion,
      license: "MIT",
      origin: { kind: "recorded", peer: version },
      group: facts,
      identities,
      handshakes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function recordOne(
  plan: VectorPlan,
  role: Role,
  peer: OpenSslPeer,
  keyLogFile: string,
): Promise<HandshakeVector> {
  const sent: Sent[] = [];
  const other = role === "client" ? "server" : "client";
  const senders = { sent: role, received: other } as const;
  const end = createEnd(plan, role, subject, {
    message: (direction, raw, epoch) =>
      sent.push({ from: senders[direction], kind: "message", raw: raw.slice(), epoch }),
  });
  const flights = await peer.converse(end.connection);
  const draft = describeHandshake(plan.inputs, {
    sent,
    flights,
    negotiated: negotiatedParts(end.connection),
    drafts: { [role]: end.drafts },
    data: { client: "", server: "" },
  });
  const { data } = openFlights(draft, providerAdapter(noble).openRecord!);
  const random = draft.messages[0]?.bytes.slice(12, 76) ?? "";
  const peerKeyLog = readFileSync(keyLogFile, "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${random} `))
    .toSorted();
  return { ...draft, data: { client: toHex(data.client), server: toHex(data.server) }, peerKeyLog };
}

function writeIdentities(folder: string, { authority, server, client }: Identities): PeerFiles {
  const write = (name: string, ...blocks: string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, blocks.join(""));
    return path;
  };
  const certificates = (chain: readonly string[]): string[] =>
    chain.map((der) => encodePem("CERTIFICATE", fromHex(der)));
  return {
    keyLog: join(folder, "key.log"),
    authority: write("authority.pem", ...certificates([authority])),
    identity: {
      server: write(
        "server.pem",
        ...certificates(server.chain),
        encodePem("PRIVATE KEY", fromHex(server.privateKey)),
      ),
      client: write(
        "client.pem",
        ...certificates(client.chain),
        encodePem("PRIVATE KEY", fromHex(client.privateKey)),
      ),
    },
  };
}

/** Recorded are the groups that OpenSSL 3.5 has. */
export const canRecord = (group: Group): boolean => group.draft !== true;
