/** All that a server is asked, in order: later questions build on what is known. */
import type { AnyQuestion } from "./question.ts";
import { alerts } from "./questions/alerts.ts";
import { delivery } from "./questions/delivery.ts";
import { dns } from "./questions/dns.ts";
import { extensions } from "./questions/extensions.ts";
import { groups } from "./questions/groups.ts";
import { handshake } from "./questions/handshake.ts";
import { hybrid } from "./questions/hybrid.ts";
import { schemes, suites } from "./questions/preferences.ts";
import { reach } from "./questions/reach.ts";
import { reuse } from "./questions/reuse.ts";
import { sessions } from "./questions/sessions.ts";
import { tls12 } from "./questions/tls12.ts";
import { tolerance } from "./questions/tolerance.ts";
import { versions } from "./questions/versions.ts";

export const questions: readonly AnyQuestion[] = [
  reach,
  dns,
  versions,
  tls12,
  groups,
  hybrid,
  handshake,
  suites,
  schemes,
  sessions,
  reuse,
  delivery,
  tolerance,
  alerts,
  extensions,
];
