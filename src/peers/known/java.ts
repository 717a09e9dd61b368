import type { Peer } from "../peer.ts";
import type { Feature } from "../setup.ts";
import { programClient, programServer } from "./program.ts";

const both = ["suites", "alpn", "resumption", "bulk", "halfClose"] as const;
const before = ["-XX:TieredStopAtLevel=1", "-cp", "{peers}/java", "Peer"];

const lacks: Peer["lacks"] & object = {
  keyUpdate: "JSSE has no command for KeyUpdate",
  earlyData: "JSSE has no early data",
  exporter: "JSSE's exporter is younger than the program for it",
  recordSizeLimit: "JSSE has no record_size_limit",
};

const emptyCertificate = "JSSE answers an empty Certificate with bad_certificate";

const java = (
  more: readonly Feature[],
): Pick<Peer, "client" | "server" | "credentials" | "faults" | "get"> => ({
  get: "npm run peers builds it where Java is",
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: programClient([...both, ...more, "clientCertificate"], before),
  server: programServer([...both, ...more, "clientAuthentication"], before),
  faults: { server: { "client-certificate-missing": emptyCertificate } },
});

export const javas: readonly Peer[] = [
  {
    ...java(["groups"]),
    name: "java",
    title: "Java, JSSE",
    get: "it needs Java from 24 on the PATH",
    program: ["java"],
    version: { arguments: ["-version"], pattern: '^\\w+ version "((?:2[4-9]|[3-9]\\d)\\S*)"' },
    groups: {
      X25519MLKEM768: "X25519MLKEM768",
      SecP256r1MLKEM768: "SecP256r1MLKEM768",
      SecP384r1MLKEM1024: "SecP384r1MLKEM1024",
      x25519: "x25519",
      x448: "x448",
      secp256r1: "secp256r1",
      secp384r1: "secp384r1",
      secp521r1: "secp521r1",
    },
    lacks: { ...lacks, shares: "JSSE chooses its key shares by itself" },
  },
  {
    ...java([]),
    name: "java-17",
    title: "Java 17, JSSE",
    program: ["java"],
    version: { arguments: ["-version"], pattern: '^\\w+ version "((?:17|18|19)\\.\\S+)"' },
    groups: {},
    lacks: { ...lacks, groups: "JSSE has a choice of groups since Java 20" },
  },
];
