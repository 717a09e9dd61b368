import type { Peer } from "../peer.ts";
import { words } from "./words.ts";

const database = "sql:{folder}/db";
const certutil = "sid/bin/certutil";
const trusting = (ca: string): string[][] => [
  words("mkdir -p {folder}/db"),
  words(`${certutil} -N -d ${database} --empty-password`),
  words(`${certutil} -A -d ${database} -n authority -t CT,C,C -i {${ca}}`),
];
/** NSS takes keys from PKCS#12, which OpenSSL makes. */
const importing = (name: string, certificate: string, key: string): string[][] => [
  words(
    `openssl pkcs12 -export -in {${certificate}} -inkey {${key}} -name ${name} -out {folder}/${name}.p12 -passout pass:p`,
  ),
  words(`sid/bin/pk12util -i {folder}/${name}.p12 -d ${database} -W p`),
];

const groups = {
  X25519MLKEM768: "x25519mlkem768",
  SecP256r1MLKEM768: "secp256r1mlkem768",
  SecP384r1MLKEM1024: "secp384r1mlkem1024",
  x25519: "x25519",
  secp256r1: "P256",
  secp384r1: "P384",
  secp521r1: "P521",
};

export const nss: Peer = {
  name: "nss",
  title: "NSS",
  get: "npm run peers gets it on Debian",
  program: ["sid/bin/tstclnt"],
  version: {
    // The tools do not say it
    program: ["grep"],
    arguments: words("-aohr --include=libnss3.so NSS.3[0-9.]* {peers}/sid/tree/usr/lib"),
    pattern: "^NSS (3[0-9.]*)",
  },
  environment: { SSLKEYLOGFILE: "{keyLog}" },
  groups,
  credentials: ["ecdsa", "rsa"],
  client: {
    prepare: {
      always: trusting("ca"),
      options: { clientCertificate: importing("client", "clientCertificate", "clientKey") },
    },
    arguments: words(`-h 127.0.0.1 -p {port} -a {name} -d ${database} -V tls1.3:tls1.3 -f`),
    speaks: "input",
    options: {
      groups: words("-I {groups}"),
      clientCertificate: words("-n client"),
      compression: ["--zlib-certificate-compression"],
      hybridByDefault: [],
    },
  },
  server: {
    program: ["sid/bin/selfserv"],
    prepare: {
      always: [...trusting("clientCa"), ...importing("server", "certificate", "key")],
      options: {},
    },
    arguments: words(`-n server -p {port} -d ${database} -V tls1.3:tls1.3 -v`),
    speaks: "itself",
    listens: "selfserv: (?:About to call accept|listening)",
    options: {
      groups: words("-I {groups}"),
      clientAuthentication: ["-r", "-r"],
      resumption: ["-u"],
      compression: ["-q"],
      hybridByDefault: [],
    },
  },
  faults: {
    client: {
      close: "NSS's client leaves without close_notify",
      "server-rsa":
        "NSS's tools want keyEncipherment of an RSA certificate, which TLS 1.3 does not use",
    },
  },
  lacks: {
    earlyData: "selfserv refuses early data in the seconds after its start, against replays",
    bulk: "NSS's client does not print what it is sent as it is",
    alpn: "NSS's tools cannot be told which protocols",
    shares: "NSS chooses its key shares by itself",
    suites: "NSS has names of its own for cipher suites",
    keyUpdate: "NSS's tools have no command for KeyUpdate",
    recordSizeLimit: "NSS's tools have no option for record_size_limit",
    resumption: "tstclnt resumes only within one process",
  },
};
