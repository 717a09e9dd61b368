/** Meshes of agents: an authority that runs, and what an agent needs to be one of them. */
export type { AuthorityEvent, AuthorityOptions } from "./service/authority-options.ts";
export { openAuthority, RunningAuthority } from "./service/open-authority.ts";
export {
  type FederatedDomain,
  type Health,
  joinMesh,
  Mesh,
  type MeshChanges,
  type MeshEvents,
  type MeshOptions,
} from "./agent/join-mesh.ts";
export type {
  MeshAgentOptions,
  MeshConnectOptions,
  MeshHttpsServerOptions,
  MeshServerOptions,
  ToOption,
} from "./agent/sockets.ts";
