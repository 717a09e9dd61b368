import { noble } from "../../src/crypto/index.ts";
import { defineGroup, encapsulate, generateShare } from "../../src/groups/index.ts";

// The order is the layout: X448 first, on the wire and in the secret.
export const X448MLKEM1024 = defineGroup({
  name: "X448MLKEM1024",
  code: 0xfe31, // 0xFE00 to 0xFEFF are for private use (RFC 9846 §4.3.7)
  kems: ["x448", "ML-KEM-1024"],
});

const client = generateShare(X448MLKEM1024, noble); // keyExchange: 56 + 1568 bytes
const server = encapsulate(X448MLKEM1024, noble, client.keyExchange);
export const secrets = [client.decapsulate(server.keyExchange), server.sharedSecret];
client.wipe();
