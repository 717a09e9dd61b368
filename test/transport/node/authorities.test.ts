/** Whom a server names to a client that it asks for a certificate (RFC 9846 §4.3.4). */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { createDevelopmentCa, noble } from "../../../src/index.ts";
import { encodePem, issueCertificate } from "../../../src/identity/index.ts";
import { decodeMessage, messageType } from "../../../src/messages/index.ts";
import type { TlsServerOptions } from "../../../src/node.ts";
import { ca, clientPem, connected, withServer } from "./support.ts";

const now = Date.now();
const other = createDevelopmentCa({ provider: noble, algorithm: "ed25519", now });
/** Authorities of another name each, of some 120 bytes. */
const authorities = (count: number): string[] =>
  Array.from({ length: count }, (_, nth) => {
    const { der } = issueCertificate({
      subject: { O: "an organization".padEnd(50, "."), CN: `${nth} `.padEnd(50, ".") },
      signingKey: ca.privateKey,
      publicKey: ca.certificate.publicKey,
      ca: {},
      notBefore: now,
      notAfter: now + 1e9,
      provider: noble,
    });
    return encodePem("CERTIFICATE", der);
  });

/** The names that came with the request of such a server. */
async function namesOf(options: Partial<TlsServerOptions>): Promise<Uint8Array[] | undefined> {
  let names: Uint8Array[] | undefined;
  await withServer({ clientAuthentication: "require", ...options }, async (port, server) => {
    const accepted = once(server, "secureConnection");
    const socket = await connected(port, {
      ...clientPem,
      observer: {
        message(direction, raw) {
          if (direction !== "received" || messageType(raw) !== "certificate_request") return;
          const { extensions } = decodeMessage("certificate_request", raw).body;
          names = extensions.certificate_authorities;
        },
      },
    });
    await accepted;
    socket.destroy();
  });
  return names;
}

const der = (authority: typeof ca): Uint8Array => authority.certificate.subject.der;

describe("certificate_authorities of a server", () => {
  it("are those in ca", async () => {
    expect(await namesOf({ ca: ca.pem })).toEqual([der(ca)]);
    expect(await namesOf({ ca: [ca.pem, other.pem] })).toEqual([der(ca), der(other)]);
    // A new key of the same name
    const renewed = createDevelopmentCa({ provider: noble, now });
    expect(await namesOf({ ca: [renewed.pem, ca.pem] })).toEqual([der(ca)]);
  });

  it("are those that the caller says, or none", async () => {
    const certificateAuthorities = [der(other)];
    expect(await namesOf({ ca: ca.pem, certificateAuthorities })).toEqual([der(other)]);
    expect(await namesOf({ ca: ca.pem, certificateAuthorities: [] })).toBeUndefined();
  });

  it("are not those of a store of roots", async () => {
    const many = authorities(40);
    expect(await namesOf({ ca: [ca.pem, ...many.slice(0, 20)] })).toHaveLength(21);
    expect(await namesOf({ ca: [ca.pem, ...many] })).toBeUndefined();
  });

  it("are not said where the name that is asked for decides whom to trust", async () => {
    const SNICallback: TlsServerOptions["SNICallback"] = (_, done) => done(null);
    expect(await namesOf({ ca: ca.pem, SNICallback })).toBeUndefined();
  });

  it("change with the options", async () => {
    await withServer({ clientAuthentication: "request", ca: ca.pem }, async (port, server) => {
      let names: Uint8Array[] | undefined;
      const observer = {
        message(direction: string, raw: Uint8Array) {
          if (direction !== "received" || messageType(raw) !== "certificate_request") return;
          names = decodeMessage("certificate_request", raw).body.extensions.certificate_authorities;
        },
      };
      server.update({ ca: other.pem });
      (await connected(port, { observer })).destroy();
      expect(names).toEqual([der(other)]);
    });
  });
});
