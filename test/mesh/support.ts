/** An authority with a directory of its own, and agents of it, all in this process. */
import { get } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach } from "vitest";
import {
  admitByToken,
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  register,
  type RegisterOptions,
} from "../../src/authority/index.ts";
import type { KeyType, Oid, Provider } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  type AuthorityEvent,
  type AuthorityOptions,
  joinMesh,
  type Mesh,
  type MeshOptions,
  openAuthority,
  type RunningAuthority,
} from "../../src/mesh/index.ts";
import type { HttpsAgent } from "../../src/transport/node/index.ts";
import { emptyFolders } from "../authority/folders.ts";

export const domain = "mesh.example";
export const idOf = (name: string): string => `spiffe://${domain}/${name}`;
export const signing = { provider: native };
const day = 86_400_000;

/** Everybody may call everybody. */
export const rules = [{ from: idOf("*"), to: idOf("*"), role: "friend" }];

export interface House {
  readonly pki: PkiDirectory;
  readonly authority: RunningAuthority;
  readonly url: string;
  readonly events: AuthorityEvent[];
  register(name: string, more?: Partial<RegisterOptions>): Promise<void>;
  token(name: string): Promise<string>;
  join(name: string, more?: Partial<MeshOptions>): Promise<Mesh>;
}

/** What is made while a test runs ends with it. */
export function meshes(): (
  options?: Partial<AuthorityOptions>,
  algorithm?: KeyType | Oid,
  provider?: Provider,
) => Promise<House> {
  const folder = emptyFolders();
  let houses = 0;
  let open: { close(): unknown }[] = [];
  afterEach(async () => {
    await Promise.all(open.map((each) => each.close()));
    open = [];
  });
  return async (options = {}, algorithm = "secp256r1", provider = native) => {
    const directory = folder.at(`pki-${(houses += 1)}`);
    await PkiDirectory.create(directory, firstSettings({}), async (pki) => {
      const root = { subject: { CN: "Root" }, algorithm, lifetime: 9 * day };
      await issueRoot(pki, { ...root, name: "root" }, { provider });
      await issue(pki, { name: "ca", profile: "intermediate", names: {} }, { provider });
    });
    const events: AuthorityEvent[] = [];
    const authority = await openAuthority({
      directory,
      domain,
      onEvent: (event) => events.push(event),
      ...options,
    });
    open.push(authority);
    const url = `https://localhost:${await authority.listen(0, "localhost")}`;
    const pki = PkiDirectory.open(directory);
    const house: House = {
      pki,
      authority,
      url,
      events,
      register: async (name, more = {}) =>
        void (await pki.change(() =>
          register(pki, { name, names: { uri: [idOf(name)] }, ...more }),
        )),
      token: (name) => pki.change(() => admitByToken(pki, { name, lifetime: day }, native)),
      async join(name, more = {}) {
        await house.register(name);
        const token = await house.token(name);
        const mesh = await joinMesh({
          authority: url,
          id: idOf(name),
          rules,
          token,
          poll: 300,
          ...more,
        });
        open.push(mesh);
        return mesh;
      },
    };
    return house;
  };
}

/** A server that says what it calls its client. @returns its port */
export async function greeter(mesh: Mesh): Promise<number> {
  const server = mesh.httpsServer({}, ({ socket }, response) => {
    response.end(`hello ${(socket as { peerRole?: string }).peerRole}`);
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "localhost");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What the server says, or why there was no answer. */
export const ask = (agent: HttpsAgent, port: number): Promise<string> =>
  new Promise((resolve) => {
    const request = get({ protocol: "https:", host: "localhost", port, agent }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (part: string) => (text += part))
        .on("end", () => resolve(text));
    });
    request.on("error", ({ message }) => resolve(`error: ${message}`));
  });
