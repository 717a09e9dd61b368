/** Certificates that all runs have in common, and the files of one run. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyType } from "../crypto/index.ts";
import { createNative } from "../crypto/native.ts";
import { createDevelopmentCa, type DevelopmentCa, encodePem } from "../identity/index.ts";
import type { CommandFiles } from "../peers/command.ts";
import { type CredentialKind, credentialKinds, type EndSetup } from "../peers/setup.ts";

/** The name of all servers. */
export const serverName = "localhost";

const keyTypes: Readonly<Record<CredentialKind, KeyType>> = {
  ecdsa: "secp256r1",
  rsa: "rsa",
  ed25519: "ed25519",
  "ml-dsa": "ML-DSA-65",
};

/** The files of a certificate that does not fit a record. */
const large = "large";

/** A folder for many runs, with the certificates of all. */
export class RunFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), "kemistry-interop-"));
  #runs = 0;

  constructor() {
    const now = Date.now();
    const maker = (algorithm: KeyType) =>
      createDevelopmentCa({ provider: createNative(), algorithm, now });
    const cas = { classical: maker("secp256r1"), postQuantum: maker("ML-DSA-65") };
    for (const kind of credentialKinds) {
      const ca = kind === "ml-dsa" ? cas.postQuantum : cas.classical;
      // Many tools want 127.0.0.1 in it, which is where they connect to
      this.#write(
        kind,
        ca,
        ca.issue({ names: [serverName, "127.0.0.1"], algorithm: keyTypes[kind] }),
      );
    }
    // An extension of some 21 kB
    const names = Array.from({ length: 800 }, (_, at) => `host-${at + 1000}.interop.example`);
    this.#write(
      large,
      cas.classical,
      cas.classical.issue({ names: [serverName, "127.0.0.1", ...names] }),
    );
    this.#write(
      "client",
      cas.classical,
      cas.classical.issue({ names: ["client"], usage: "client" }),
    );
    writeFileSync(join(this.path, "early"), earlyRequest);
  }

  /** The files of one run. */
  run(setups: readonly EndSetup[]): RunFiles {
    const folder = join(this.path, `run-${this.#runs++}`);
    mkdirSync(folder);
    const kind = setups.map(({ credential }) => credential).find((each) => each !== undefined);
    const isLarge = setups.some(({ largeCertificate }) => largeCertificate);
    return new RunFiles(this.path, folder, isLarge ? large : (kind ?? "ecdsa"));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #write(name: string, ca: DevelopmentCa, issued: ReturnType<DevelopmentCa["issue"]>): void {
    const { certificatePem, privateKeyPem, chain } = issued;
    const files = {
      crt: certificatePem,
      key: privateKeyPem,
      pub: encodePem("PUBLIC KEY", chain[0]!.publicKey.spki),
      ca: ca.pem,
    };
    for (const [extension, text] of Object.entries(files)) {
      writeFileSync(join(this.path, `${name}.${extension}`), text);
    }
  }
}

/** What a client says early, and at first. */
export const request = `GET / HTTP/1.0\r\nHost: ${serverName}\r\n\r\n`;
const earlyRequest = request;

type FileName =
  | "certificate"
  | "key"
  | "publicKey"
  | "ca"
  | "clientCa"
  | "clientCertificate"
  | "clientKey";

export class RunFiles {
  readonly folder: string;
  readonly #common: string;
  readonly #kind: string;

  /** @param kind what the files of the server's certificate begin with */
  constructor(common: string, folder: string, kind: string) {
    this.#common = common;
    this.folder = folder;
    this.#kind = kind;
  }

  /** The text of one of these, by the names of placeholders. */
  read(name: FileName): string {
    return readFileSync(this.values("")[name]!, "utf8");
  }

  /** Values of placeholders: paths. */
  values(end: string): CommandFiles {
    const at = (name: string): string => join(this.#common, name);
    const own = (name: string): string => join(this.folder, name);
    return {
      folder: this.folder,
      certificate: at(`${this.#kind}.crt`),
      key: at(`${this.#kind}.key`),
      publicKey: at(`${this.#kind}.pub`),
      ca: at(`${this.#kind}.ca`),
      clientCa: at("client.ca"),
      clientCertificate: at("client.crt"),
      clientKey: at("client.key"),
      clientPublicKey: at("client.pub"),
      early: at("early"),
      session: own("session"),
      keyLog: own(`${end}.keys`),
      file: own(`${end}.file`),
      name: serverName,
      host: "127.0.0.1",
    };
  }

  /** What an end has written to its key log, in whole lines. */
  keyLog(end: string): string[] {
    const path = this.values(end)["keyLog"]!;
    return existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
  }
}
