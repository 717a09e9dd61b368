import {
  type Certificate,
  createCredential,
  createDevelopmentCa,
  createTrustStore,
  type Credential,
  native,
  type Provider,
  type TrustStore,
} from "../../src/node.ts";

export const serverName = "localhost";

/** One certificate for all candidates: ECDSA P-256, under a CA that the client trusts. */
const ca = createDevelopmentCa({ provider: native, now: Date.now() });
const issued = ca.issue({ names: [serverName] });

export const pems = { ca: ca.pem, cert: issued.certificatePem, key: issued.privateKeyPem };
export const anchor: Certificate = ca.certificate;
export const trust: TrustStore = createTrustStore([ca.certificate]);

export const credentialFor = (provider: Provider): Credential =>
  createCredential({ certificates: issued.chain, privateKey: issued.privateKey, provider });
