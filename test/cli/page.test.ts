import { describe, expect, it } from "vitest";
import { page, type PageFacts } from "../../src/cli/page.ts";
import { ledgerOf, negotiatedFacts, runHandshake } from "../../src/lab.ts";
import { experiment } from "../lab/experiment.ts";

function factsOf(group: string): PageFacts {
  const run = runHandshake(experiment({ groups: [group] }, { groups: [group] }));
  if (run.server.negotiated === undefined) throw new Error("no handshake");
  return { negotiated: negotiatedFacts(run.server.negotiated), ledger: ledgerOf(run), request: 1 };
}

describe("the page", () => {
  it("says what kind of key exchange it was", () => {
    const hybrid = page(factsOf("X25519MLKEM768"));
    expect(hybrid).toContain("<h1>X25519MLKEM768</h1>");
    expect(hybrid).toContain("Post-quantum, hybrid key exchange");
    expect(hybrid).toContain("key share X25519MLKEM768 1216");
    const classical = page(factsOf("x25519"));
    expect(classical).toContain("Classical key exchange");
    expect(classical).not.toContain("Post-quantum");
  });

  it("fetches nothing", () => {
    expect(page(factsOf("x25519"))).not.toMatch(/https?:|src=|@import|url\(/);
  });

  it("shows what a client says as text", () => {
    const { negotiated, ledger } = factsOf("x25519");
    const hostile = { ...negotiated, alpn: `"><script>alert(1)</script>`, serverName: "a&b'c" };
    const html = page({ negotiated: hostile, ledger, request: 1 });
    expect(html).not.toContain("<script");
    expect(html).toContain("&#60;script&#62;");
    expect(html).toContain("a&#38;b&#39;c");
  });
});
