/** The peers that are described here. */
import type { Peer } from "../peer.ts";
import { botan } from "./botan.ts";
import { chromium } from "./chromium.ts";
import { curl } from "./curl.ts";
import { gnutls } from "./gnutls.ts";
import { go } from "./go.ts";
import { javas } from "./java.ts";
import { nodes } from "./node.ts";
import { nss } from "./nss.ts";
import { openssl, openssl3 } from "./openssl.ts";
import { python } from "./python.ts";
import { rustls } from "./rustls.ts";
import { tlslite } from "./tlslite.ts";
import { wolfssl } from "./wolfssl.ts";

export const knownPeers: readonly Peer[] = [
  openssl,
  openssl3,
  ...nodes,
  go,
  rustls,
  gnutls,
  nss,
  botan,
  curl,
  chromium,
  python,
  tlslite,
  wolfssl,
  ...javas,
];
