/** An end of a connection. */
export type Role = "client" | "server";

export const otherRole = (role: Role): Role => (role === "client" ? "server" : "client");
