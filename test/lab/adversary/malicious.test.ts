import { describe, expect, it } from "vitest";
import { MaliciousLink } from "../../../src/lab/adversary/malicious.ts";
import type { Step } from "../../../src/lab/adversary/step.ts";
import type { MessageBody } from "../../../src/messages/index.ts";
import { defaultLimits } from "../../../src/record/index.ts";

const hello: MessageBody<"client_hello"> = {
  legacyVersion: 0x0303,
  random: new Uint8Array(32),
  legacySessionId: new Uint8Array(0),
  cipherSuites: [0x1301],
  legacyCompressionMethods: Uint8Array.of(0),
  extensions: {
    psk_key_exchange_modes: [1],
    pre_shared_key: {
      identities: [{ identity: new Uint8Array(8), obfuscatedTicketAge: 0 }],
      binders: [new Uint8Array(32)],
    },
  },
};
const bindersLength = 2 + 1 + 32;

function linkWith(...steps: readonly Omit<Step, "from" | "on">[]): MaliciousLink<"client"> {
  const malice = {
    steps: steps.map((step): Step => ({ from: "client", on: "client_hello", ...step })),
    signerOf: () => undefined,
  };
  return new MaliciousLink({ role: "client", limits: defaultLimits }, malice);
}

describe("a malicious end's ClientHello", () => {
  const { length } = linkWith().encode("client_hello", hello);
  const cutTo = (left: number) => ({ truncate: { by: length - left, keepLength: true as const } });

  it("is cut as far as its binders have room, which are written into it afterwards", () => {
    const link = linkWith(cutTo(bindersLength));
    expect(link.encode("client_hello", hello)).toHaveLength(bindersLength);
    expect(link.refusal).toBeUndefined();
  });

  it.each([0, 3, bindersLength - 1])("is left whole where %d bytes were to stay", (left) => {
    const link = linkWith(cutTo(left));
    expect(link.encode("client_hello", hello)).toHaveLength(length);
    expect(link.refusal?.message).toContain("has no room for its binders");
  });

  it("is not lengthened where nothing is left that says its length", () => {
    const link = linkWith(cutTo(3), { append: "0000" });
    expect(link.encode("client_hello", hello)).toHaveLength(length);
    expect(link.refusal?.message).toContain("no header");
  });
});
