import type { Peer } from "../peer.ts";
import { words } from "./words.ts";

const profile = "{folder}/profile";

/** Without a window, and without what a browser does besides. */
const preferences = {
  "browser.dom.window.dump.enabled": true,
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.enabled": false,
  "app.normandy.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.http.speculative-parallel-limit": 0,
  "extensions.update.enabled": false,
};

export const firefox: Peer = {
  name: "firefox",
  title: "Firefox",
  get: "it is not on the PATH; Debian has it as firefox-esr",
  program: ["firefox", "firefox-esr"],
  version: { arguments: ["--version"], pattern: "^Mozilla Firefox (\\S+)" },
  environment: { SSLKEYLOGFILE: "{keyLog}", HOME: "{folder}", MOZ_HEADLESS: "1" },
  groups: {},
  credentials: ["ecdsa", "rsa"],
  client: {
    file: {
      always: Object.entries(preferences).map(
        ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`,
      ),
      options: {},
    },
    prepare: {
      options: {},
      always: [
        words(`mkdir -p ${profile}`),
        words(`cp {file} ${profile}/user.js`),
        words(`certutil -N -d sql:${profile} --empty-password`),
        words(`certutil -A -d sql:${profile} -n authority -t C,, -i {ca}`),
      ],
    },
    arguments: words(`--no-remote --profile ${profile} https://{name}:{port}/`),
    speaks: "itself",
    options: { alpn: [], compression: [], hybridByDefault: [] },
  },
  lacks: { groups: "Firefox chooses its groups by itself" },
};
