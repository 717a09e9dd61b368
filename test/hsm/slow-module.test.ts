/** A slow module delays its own handshakes, and nobody else's. */
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openToken } from "../../src/hsm/index.ts";
import { issueCertificate } from "../../src/identity/index.ts";
import { joinInMemory, joinInMemoryAsync } from "../../src/connection/pair.ts";
import { itWith } from "../interop/peers.ts";
import { anyProvider, makeEnds } from "../support/ends.ts";
import { ca, serverName, testTime } from "../support/identities.ts";
import { makeSlowModule, makeTokens, pin } from "./softhsm.ts";

itWith("softhsm", "a slow module delays only its own handshakes", async () => {
  const place = makeTokens("slow");
  const gate = join(place.folder, "gate");
  const module = makeSlowModule(place.folder, gate);
  const token = await openToken({ module, pin, sessions: 2 });
  try {
    const key = await token.generateKey("secp256r1", "slow");
    const leaf = issueCertificate({
      subject: { CN: serverName },
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      publicKey: key.publicKey,
      names: { dns: [serverName] },
      notBefore: testTime - 1000,
      notAfter: testTime + 1000,
      provider: anyProvider,
    });
    const credentials = [key.credential(leaf.der)];
    const slow = [1, 2, 3].map(() => makeEnds({}, { credentials }));
    const running = slow.map(({ client, server }) => joinInMemoryAsync(client, server));
    // The third finds no session free
    while (token.waiting < 1) await new Promise((resolve) => setTimeout(resolve, 1));

    for (let i = 0; i < 5; i++) {
      const { client, server } = makeEnds();
      joinInMemory(client, server);
      expect([client.state, server.state]).toEqual(["open", "open"]);
    }
    // Files and names share their threads with the module, and have some left
    await expect(readFile(join(place.folder, "softhsm2.conf"))).resolves.toBeDefined();
    expect(slow.map(({ server }) => server.state)).toEqual(Array(3).fill("handshaking"));

    writeFileSync(gate, "");
    await Promise.all(running);
    expect(slow.map(({ client }) => client.state)).toEqual(Array(3).fill("open"));
  } finally {
    writeFileSync(gate, "");
    await token.close();
    place.remove();
  }
});
