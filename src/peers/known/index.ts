/** The peers that are described here. */
import type { Peer } from "../peer.ts";
import { botan } from "./botan.ts";
import { chromium } from "./chromium.ts";
import { curl } from "./curl.ts";
import { firefox } from "./firefox.ts";
import { gnutls } from "./gnutls.ts";
import { go } from "./go.ts";
import { javas } from "./java.ts";
import { mbedtls } from "./mbedtls.ts";
import { nodes } from "./node.ts";
import { nss } from "./nss.ts";
import { openssl, openssl3 } from "./openssl.ts";
import { python } from "./python.ts";
import { rustls } from "./rustls.ts";
import { runtimes } from "./runtimes.ts";
import { s2n } from "./s2n.ts";
import { tlslite } from "./tlslite.ts";
import { wolfssl } from "./wolfssl.ts";

export const knownPeers: readonly Peer[] = [
  openssl,
  openssl3,
  ...nodes,
  ...runtimes,
  go,
  rustls,
  s2n,
  gnutls,
  nss,
  botan,
  curl,
  chromium,
  firefox,
  python,
  tlslite,
  wolfssl,
  mbedtls,
  ...javas,
];
