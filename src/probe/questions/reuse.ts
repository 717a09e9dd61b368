import { question, unlessGroups } from "../question.ts";
import { codeOf } from "./code-of.ts";

/**
 * Whether the server sends the same twice. Of a Diffie-Hellman part that shows in any two connections. A ciphertext of
 * ML-KEM follows from the client's key and the server's randomness, so the same key is sent again: whoever encapsulates
 * to it with the same randomness sends the same ciphertext. RFC 9846 §4.3.8, RFC 9954 §2.
 */
export const reuse = question({
  name: "reuse",
  title: "does the server repeat its shares or its randomness",
  unless: unlessGroups,
  async ask(asker, { groups }) {
    for (const { name } of groups?.each ?? []) {
      const code = codeOf(name);
      const shares = asker.shares(code);
      await asker.hello({ groups: [code], shares });
      await asker.hello({ groups: [code], shares });
    }
    const parts = [...asker.parts];
    const total = (times: ReadonlyMap<string, number>): number =>
      [...times.values()].reduce((sum, each) => sum + each, 0);
    return {
      seen: Object.fromEntries(parts.map(([component, times]) => [component, total(times)])),
      repeated: parts
        .map(([component, times]) => ({ component, times: Math.max(...times.values()) }))
        .filter(({ times }) => times > 1),
    };
  },
});
