import { expect, it } from "vitest";
import { illegal, missing } from "../../src/extensions/index.ts";

it("says where a rule is broken, and of which section", () => {
  expect(illegal("wrong", "a.b", "RFC 9846 §4.3", "7")).toMatchObject({
    code: "illegal_parameter",
    message: expect.stringContaining("wrong"),
    detail: { where: "a.b", section: "RFC 9846 §4.3", received: "7" },
  });
  expect(illegal("wrong", "a.b", "RFC 9846 §4.3").detail).not.toHaveProperty("received");
  expect(missing("gone", "a.c")).toMatchObject({
    code: "missing_extension",
    detail: { where: "a.c", section: "RFC 9846 §9.2" },
  });
});
