import { readdirSync, readFileSync } from "node:fs";
import * as http from "node:http";

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  json: "application/json",
};

/** A server of {@link filesOf} a folder. */
export const serveFolder = (folder: URL): http.Server => http.createServer(filesOf(folder));

/**
 * Answers with the files of a folder and of those below it, as they are when it begins: what is asked for is looked up
 * among their names, and never becomes a path. Policies stand in the pages.
 * @param prefix of the paths that are asked for: `/` or `/docs/`
 */
export function filesOf(folder: URL, prefix = "/"): http.RequestListener {
  const names = new Set(
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
      name.replaceAll("\\", "/"),
    ),
  );
  return ({ method, url = "/" }, response) => {
    const path = (url.split("?")[0] ?? "").slice(prefix.length);
    const name = path === "" || path.endsWith("/") ? `${path}index.html` : path;
    const type = types[name.split(".").at(-1) ?? ""];
    if (method !== "GET" && method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else if (!names.has(name) || type === undefined) {
      response.writeHead(404, { "content-type": "text/plain" }).end("There is no such page.\n");
    } else {
      const content = readFileSync(new URL(name, folder));
      response.writeHead(200, {
        "content-type": type,
        "content-length": content.length,
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      });
      response.end(method === "HEAD" ? undefined : content);
    }
  };
}
