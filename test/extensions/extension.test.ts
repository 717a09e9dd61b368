import { describe, expect, it } from "vitest";
import { extension } from "../../src/extensions/extension.ts";
import { uint8 } from "../../src/wire/index.ts";

describe("extension", () => {
  it("takes its number from the registry", () => {
    const bodies = { client_hello: uint8 };
    expect(extension("cookie", bodies)).toEqual({ name: "cookie", type: 44, bodies });
  });
});
