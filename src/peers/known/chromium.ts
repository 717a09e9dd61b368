import type { Peer } from "../peer.ts";
import { words } from "./words.ts";

const database = "sql:{folder}/.pki/nssdb";

export const chromium: Peer = {
  name: "chromium",
  title: "Chromium",
  get: "it is not on the PATH",
  program: ["chromium", "chromium-browser", "google-chrome"],
  version: { arguments: ["--version"], pattern: "^(?:Chromium|Google Chrome) (\\S+)" },
  environment: { SSLKEYLOGFILE: "{keyLog}", HOME: "{folder}" },
  groups: {},
  credentials: ["ecdsa", "rsa"],
  client: {
    prepare: {
      options: {},
      always: [
        words("mkdir -p {folder}/.pki/nssdb"),
        words(`certutil -N -d ${database} --empty-password`),
        words(`certutil -A -d ${database} -n authority -t C,, -i {ca}`),
      ],
    },
    arguments: words(
      "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run --user-data-dir={folder}/profile --dump-dom https://{name}:{port}/",
    ),
    speaks: "itself",
    options: { alpn: [], compression: [], hybridByDefault: [] },
  },
  faults: {
    client: {
      close: "Chromium leaves without close_notify",
      "client-certificate-missing":
        "Chromium waits to be told which certificate, and goes when nobody says it",
    },
  },
  lacks: { groups: "Chromium chooses its groups by itself" },
};
