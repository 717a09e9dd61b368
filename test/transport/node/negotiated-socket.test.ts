import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { parseCertificate } from "../../../src/identity/index.ts";
import type { TlsSocket } from "../../../src/node.ts";
import { ca, clientPem, connected, withServer } from "./support.ts";

/** A certificate whose issuer has a name that is no UTF-8: a lazy reader does not notice. */
function withBrokenName() {
  const issued = ca.issue({ names: ["localhost"] });
  const der = Uint8Array.from(issued.chain[0]!.der);
  const name = Buffer.from(ca.certificate.subject.valuesOf("2.5.4.3")[0]!);
  const at = Buffer.from(der).indexOf(name);
  der[at] = 0xff;
  return { credential: { ...issued, chain: [parseCertificate(der)] }, der };
}

describe("a peer's certificate", () => {
  it("that OpenSSL cannot read makes no getter throw", async () => {
    const { credential, der } = withBrokenName();
    expect(() => new X509Certificate(der)).toThrow(/error:/);
    await withServer({ credentials: [credential] }, async (port) => {
      const client = await connected(port, { rejectUnauthorized: false });
      expect(client.authorized).toBe(false);
      expect(client.getPeerX509Certificate()).toBeUndefined();
      const told = client.getPeerCertificate();
      expect(told).toMatchObject({ subject: {}, issuer: {} });
      expect(new Uint8Array(told.raw as Buffer)).toEqual(der);
      client.destroy();
    });
  });

  it("is told in full, with the same number, times and fingerprints, where OpenSSL can", async () => {
    const options = { clientAuthentication: "request", ca: ca.pem } as const;
    await withServer(options, async (port, server) => {
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      const client = await connected(port, clientPem);
      const [socket] = await accepted;
      const theirs = new X509Certificate(clientPem.cert).toLegacyObject();
      expect(socket.getPeerCertificate()).toEqual(theirs);
      expect(socket.getPeerX509Certificate()?.subject).toBe("CN=client.example");
      client.destroy();
    });
  });
});
