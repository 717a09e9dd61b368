import type { Subject } from "../vectors/corpus.ts";
import type { Adapter } from "./adapter.ts";
import { negotiatedParts } from "./describe.ts";
import { createEnd } from "./end.ts";
import { providerAdapter } from "./provider-adapter.ts";

/** Drives this engine: its primitives one by one, and whole connections. */
export const engineAdapter = (subject: Subject): Adapter => ({
  ...providerAdapter(subject.provider),
  name: `kemistry on ${subject.provider.name}`,
  connect(plan, role) {
    const { connection, keyLog } = createEnd(plan, role, subject);
    return {
      start: () => connection.start(),
      receive: (bytes) => connection.receive(bytes),
      takeOutput: () => connection.takeOutput(),
      write: (data) => connection.write(data),
      close: () => connection.close(),
      alert: () => connection.error?.alert,
      keyLog: () => keyLog,
      updateKeys: () => connection.updateKeys(),
      requestCertificate: () => connection.requestCertificate(),
      exportEarlyKeyingMaterial: (...input) => connection.exportEarlyKeyingMaterial(...input),
      exportKeyingMaterial: (...input) => connection.exportKeyingMaterial(...input),
      negotiated: () => negotiatedParts(connection),
    };
  },
});
