import { describe, expect, it } from "vitest";
import { groups } from "../../../src/groups/index.ts";
import { sentenceOf } from "../../../src/lab/explained/sentences.ts";
import { messages } from "../../../src/messages/index.ts";
import type { Shape } from "../../../src/wire/index.ts";
import { declaredExtensions } from "../../support/extensions.ts";

/** Paths of everything that is declared, with an entry of each list. */
function pathsOf(path: string, shape: Shape): string[] {
  const inner =
    shape.kind === "struct"
      ? Object.entries(shape.fields).flatMap(([name, { shape: field }]) =>
          pathsOf(`${path}.${name}`, field),
        )
      : shape.kind === "list"
        ? pathsOf(`${path}[0]`, shape.element.shape)
        : shape.kind === "extensions"
          ? declaredExtensions.flatMap(({ name, bodies }) => {
              const body = (bodies as Readonly<Record<string, { shape: Shape }>>)[shape.context];
              return body === undefined ? [] : pathsOf(`${path}.${name}`, body.shape);
            })
          : [];
  return [path, ...inner];
}

const declared = Object.entries(messages).flatMap(([name, { shape }]) => pathsOf(name, shape));

describe("sentences", () => {
  it("say something of every declared field, with a section", () => {
    expect(declared.length).toBeGreaterThan(150);
    expect(declared).toContain("client_hello.extensions.key_share[0].keyExchange");
    const without = declared.filter((path) => sentenceOf(path) === undefined);
    expect(without).toEqual([]);
    for (const { says, section } of declared.map((path) => sentenceOf(path)!)) {
      expect(says).toMatch(/^[A-Z0-9].+\.$/);
      expect(section).toMatch(/^(RFC \d+|draft-[a-z0-9-]+) (§|Appendix )[\dA-Z]/);
    }
  });

  it("know the components of every group's shares", () => {
    for (const { kems } of groups) {
      for (const kem of kems) {
        const name = typeof kem === "string" ? kem : kem.name;
        const of = (path: string) => sentenceOf(`${path}.keyExchange.${name}`)?.says;
        expect(of("client_hello.extensions.key_share[0]")).toContain(
          name.startsWith("ML-KEM") ? "encapsulation key" : name,
        );
        expect(of("server_hello.extensions.key_share")).toContain(
          name.startsWith("ML-KEM") ? "encapsulated" : name,
        );
      }
    }
  });

  it("tell the same extension apart by its message", () => {
    const ofClient = sentenceOf("client_hello.extensions.key_share")?.says;
    expect(sentenceOf("server_hello.extensions.key_share")?.says).not.toBe(ofClient);
    expect(sentenceOf("hello_retry_request.extensions.key_share")?.says).not.toBe(ofClient);
  });

  it("say nothing of what nobody declared", () => {
    expect(sentenceOf("client_hello.nonsense")).toBeUndefined();
    expect(sentenceOf("client_hello.extensions.0xfafa")).toBeUndefined();
  });
});
