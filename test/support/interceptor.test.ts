import { describe, expect, it } from "vitest";
import { suites } from "../../src/crypto/index.ts";
import { utf8 } from "../../src/wire/index.ts";
import { clientCredential } from "./identities.ts";
import { intercept } from "./interceptor.ts";

describe("the interceptor", () => {
  it.each(suites)("leaves two ends that suspect nothing: $name", (suite) => {
    const between = intercept(
      {},
      { suites: [suite], credentials: [clientCredential] },
      { suites: [suite], clientAuthentication: "require" },
    );
    expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
    between.client.write(utf8("ping"));
    between.client.updateKeys();
    between.server.write(utf8("pong"));
    between.run();
    between.client.write(utf8("ping again"));
    between.server.write(utf8("pong again"));
    between.run();
    between.client.close();
    between.server.close();
    between.run();
    const dataOf = (side: "client" | "server") =>
      between.events[side].flatMap((event) =>
        event.type === "data" ? [new TextDecoder().decode(event.data)] : [],
      );
    expect(dataOf("server")).toEqual(["ping", "ping again"]);
    expect(dataOf("client")).toEqual(["pong", "pong again"]);
    expect([between.client.state, between.server.state]).toEqual(["closed", "closed"]);
    expect(between.alerts.map(({ description }) => description)).toEqual([
      "close_notify",
      "close_notify",
    ]);
    expect(between.messages.map(({ by, type }) => `${by} ${type}`)).toEqual([
      "client client_hello",
      "server server_hello",
      "server encrypted_extensions",
      "server certificate_request",
      "server certificate",
      "server certificate_verify",
      "server finished",
      "client certificate",
      "client certificate_verify",
      "client finished",
      "client key_update",
      "server key_update",
    ]);
  });

  it("follows a retry", () => {
    const between = intercept({}, { groups: ["x25519", "secp256r1"] }, { groups: ["secp256r1"] });
    expect(between.client.negotiated).toMatchObject({ retried: true, group: "secp256r1" });
    expect(between.server.state).toBe("open");
  });
});
