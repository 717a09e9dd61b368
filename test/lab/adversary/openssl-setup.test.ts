import { describe, expect, it } from "vitest";
import {
  clientArguments,
  type OpensslFiles,
  serverArguments,
  whyNot,
} from "../../../src/lab/adversary/openssl-setup.ts";
import type { EndPlan } from "../../../src/lab/plan/plan.ts";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import type { AttackScenario } from "../../../src/lab/adversary/scenario.ts";

const files: OpensslFiles = {
  ca: "ca",
  cert: (who) => `${who}.cert`,
  chain: (who) => (who === "by-no-ca" ? `${who}.chain` : undefined),
  key: (who) => `${who}.key`,
  keyLog: "log",
  session: "session",
  early: "early",
};

/** The value behind a flag; `undefined` where it is not. The last one counts, as for OpenSSL. */
const flagIn = (args: readonly string[], name: string): string | undefined => {
  const at = args.lastIndexOf(name);
  return at < 0 ? undefined : args[at + 1];
};
const server = (plan: EndPlan, earlier?: EndPlan) => serverArguments(files, plan, earlier);
const client = (plan: EndPlan, resumes = false) =>
  clientArguments(files, plan, { port: 4433, resumes });

describe("the tool is told", () => {
  it("groups by its own names, the shares that are wanted, and protocols with commas", () => {
    const args = client({
      groups: ["x25519", "secp256r1"],
      shares: ["secp256r1"],
      alpn: ["a", "b"],
    });
    expect(flagIn(args, "-groups")).toBe("X25519:*P-256");
    expect(flagIn(args, "-alpn")).toBe("a,b");
    expect(flagIn(args, "-connect")).toBe("127.0.0.1:4433");
    expect(flagIn(args, "-attime")).toBe("1793620800");
  });

  it("of a session first to keep it, then to offer it with what is said early", () => {
    const first = client({ earlyData: 1000 });
    expect([flagIn(first, "-sess_out"), flagIn(first, "-early_data")]).toEqual([
      "session",
      undefined,
    ]);
    const second = client({ earlyData: 1000 }, true);
    expect([flagIn(second, "-sess_in"), flagIn(second, "-early_data")]).toEqual([
      "session",
      "early",
    ]);
  });

  it("of a client's certificate, and of none where it is anonymous", () => {
    expect(flagIn(client({}), "-cert")).toBe("client.cert");
    expect(client({ anonymous: true })).not.toContain("-cert");
  });

  it("of what stands between a server's certificate and the root", () => {
    expect(flagIn(server({ credential: "by-no-ca" }), "-cert_chain")).toBe("by-no-ca.chain");
    expect(server({ credential: "ecdsa" })).not.toContain("-cert_chain");
  });

  it("whether a server asks for a certificate, or requires one", () => {
    expect(server({})).not.toContain("-verify");
    expect(flagIn(server({ clientAuthentication: "request" }), "-verify")).toBe("1");
    expect(flagIn(server({ clientAuthentication: "require" }), "-Verify")).toBe("1");
  });

  it("of records no smaller than it takes", () => {
    expect(flagIn(server({ maxFragment: 200 }), "-max_send_frag")).toBe("512");
    expect(flagIn(server({ maxFragment: 1000 }), "-max_send_frag")).toBe("1000");
  });

  it("of tickets, early data, cookies and a second certificate", () => {
    expect(flagIn(server({}), "-num_tickets")).toBe("0");
    const plan = { tickets: true, earlyData: 1000, retryCookie: true } as const;
    const args = server(plan, { serverName: "other.example", credential: "other-name" });
    expect(flagIn(args, "-num_tickets")).toBe("1");
    expect(flagIn(args, "-max_early_data")).toBe("1000");
    expect(args).toContain("-stateless");
    expect(flagIn(args, "-servername")).toBe("other.example");
    expect(flagIn(args, "-cert2")).toBe("other-name.cert");
    expect(server(plan)).not.toContain("-cert2");
  });

  it.each<[string, () => unknown, RegExp]>([
    ["a group", () => server({ groups: ["SecP256r1MLKEM512"] }), /does not have SecP256r1MLKEM512/],
    ["a policy", () => client({ policy: "cnsa2" }), /has no policies/],
    ["an order", () => server({ preference: "client" }), /preference of OpenSSL is its own/],
    ["a retry", () => server({ retry: "for-preferred" }), /asks for another share only/],
    ["a limit", () => client({ recordSizeLimit: 512 }), /no option for record_size_limit/],
  ])("why it cannot be told of %s", (_, tell, reason) => expect(tell).toThrow(reason));
});

describe("a scenario", () => {
  const named = (name: string): AttackScenario => catalogue.find((each) => each.name === name)!;
  const honest = named("honest");

  it("is not run where one server would have to be two", () => {
    const tickets = { ...honest, server: { tickets: true } } as const;
    const why = (earlier: AttackScenario["earlier"] & {}) =>
      whyNot({ ...tickets, earlier }, "server");
    expect(why({ earlyData: 1000 })).toMatch(/early data in all connections or in none/);
    expect(why({ credential: "rsa" })).toMatch(/another certificate only for another name/);
    expect(why({ policy: "cnsa2" })).toMatch(/no policies/);
    expect(why(true)).toBeUndefined();
    // A name chooses between two certificates; what the client alone leaves out needs no other server
    expect(why({ serverName: "other.example", credential: "other-name" })).toBeUndefined();
    expect(why({ groups: ["x25519"], policy: "compatible" })).toBeUndefined();
    // Without tickets the earlier connection has a server of its own
    expect(whyNot({ ...honest, earlier: { credential: "rsa" } }, "server")).toBeUndefined();
  });

  it("leaves to our end what time passes for both", () => {
    const hour = { clockOffset: 3_600_000 };
    expect(whyNot({ ...honest, both: hour }, "client")).toBeUndefined();
    const later = { ...honest, earlier: { clockOffset: 0 }, both: hour };
    expect(whyNot(later, "server")).toBeUndefined();
    expect(whyNot({ ...honest, client: hour }, "client")).toMatch(/clock of OpenSSL/);
  });

  it("can be run with OpenSSL in most cases of the catalogue", () => {
    const runs = (role: "client" | "server") =>
      catalogue.filter((scenario) => whyNot(scenario, role) === undefined).length;
    expect(runs("client")).toBeGreaterThan(370);
    expect(runs("server")).toBeGreaterThan(405);
  });
});
