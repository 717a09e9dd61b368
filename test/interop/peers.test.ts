import { describe, expect, it } from "vitest";
import { isRequired, itWith, whyMissing } from "./peers.ts";

describe("peers", () => {
  itWith("node24", "Node 24 carries OpenSSL 3.5", ({ version }) => {
    expect(version).toMatch(/^3\.5\./);
  });

  itWith("openssl35", "the OpenSSL tool is 3.5 or later", ({ version }) => {
    const [, major, minor] = /^OpenSSL (\d+)\.(\d+)/.exec(version) ?? [];
    expect(Number(major) * 100 + Number(minor)).toBeGreaterThanOrEqual(305);
  });

  itWith("curl", "curl says its version", ({ version }) => {
    expect(version).toMatch(/^curl \d/);
  });

  it("are required where the list names them", () => {
    expect(isRequired("curl", "node24 curl")).toBe(true);
    expect(isRequired("openssl", "openssl35")).toBe(false);
    expect(isRequired("go", "")).toBe(false);
  });

  it("say why they are missing", () => {
    expect(whyMissing("node24")).toContain("npm run peers");
  });
});
