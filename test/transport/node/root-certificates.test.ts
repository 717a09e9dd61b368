/** Certificates that nobody named: Node's own, the system's, those of NODE_EXTRA_CA_CERTS. */
import { X509Certificate } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { afterEach, describe, expect, it, vi } from "vitest";
import { connect, getCACertificates } from "../../../src/node.ts";
import { ca, failureOf, withServer } from "./support.ts";

const isOld = !("getCACertificates" in tls);
const folder = mkdtempSync(join(tmpdir(), "kemistry-roots-"));
const file = join(folder, "roots.pem");
writeFileSync(file, `# Ours\n${ca.pem}\n# Again\n${ca.pem}`);

afterEach(() => vi.unstubAllEnvs());

describe("getCACertificates", () => {
  it("gives Node's own, each a certificate that Node reads", () => {
    const bundled = getCACertificates("bundled");
    expect(bundled).toEqual(tls.rootCertificates);
    expect(getCACertificates().length).toBeGreaterThanOrEqual(bundled.length);
    for (const pem of getCACertificates().slice(0, 3)) {
      expect(new X509Certificate(pem).ca).toBe(true);
    }
    expect(() => getCACertificates("systems" as never)).toThrow(/getCACertificates: type/);
  });

  it.runIf(isOld)("gives those of files, before Node does so itself", () => {
    vi.stubEnv("NODE_EXTRA_CA_CERTS", file);
    vi.stubEnv("SSL_CERT_FILE", file);
    for (const which of ["extra", "system"] as const) {
      const found = getCACertificates(which);
      expect(found.map((pem) => new X509Certificate(pem).subject)).toEqual(
        Array(2).fill(new X509Certificate(ca.pem).subject),
      );
    }
    expect(getCACertificates("default")).toEqual([
      ...tls.rootCertificates,
      ...getCACertificates("extra"),
    ]);
    vi.stubEnv("SSL_CERT_FILE", join(folder, "none.pem"));
    expect(() => getCACertificates("system")).toThrow(/ENOENT/);
  });

  it("gives what `ca` takes", async () => {
    vi.stubEnv("SSL_CERT_FILE", file);
    await withServer({}, async (port) => {
      const place = { port, host: "127.0.0.1", servername: "localhost" };
      const bundled = connect({ ...place, ca: getCACertificates("bundled") });
      expect((await failureOf(bundled)).code).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
      if (!isOld) return;
      const socket = connect({ ...place, ca: getCACertificates("system") });
      await new Promise((resolve) => socket.once("secureConnect", resolve));
      expect(socket.authorized).toBe(true);
      socket.destroy();
    });
  });
});
