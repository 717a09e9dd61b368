/** Meshes of agents: an authority that runs, and what an agent needs to be one of them. */
export type { AuthorityEvent, AuthorityOptions } from "./service/authority-options.ts";
export { openAuthority, RunningAuthority } from "./service/open-authority.ts";
export { joinMesh, Mesh } from "./agent/join-mesh.ts";
export type {
  FederatedDomain,
  Health,
  MeshChanges,
  MeshEvents,
  MeshOptions,
} from "./agent/mesh-options.ts";
export type {
  MeshAgentOptions,
  MeshConnectOptions,
  MeshHttpsServerOptions,
  MeshServerOptions,
  ToOption,
} from "./agent/sockets.ts";
