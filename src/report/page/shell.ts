/** What stands around every page that is one file: nothing is loaded, and no script runs but its own. */
import { sha256 } from "@noble/hashes/sha2.js";
import { Markup, markup } from "../html.ts";

/** A page that is one file. Style and script are written by us, and stand as they are. */
export interface Shell {
  readonly title: string;
  /** What made it: a command. */
  readonly generator: string;
  readonly style: string;
  readonly script: string;
  readonly body: Markup;
}

/** The whole file. */
export const shell = ({ title, generator, style, script, body }: Shell): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="kemistry ${generator}">
<title>${title} · kemistry</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
</head>
<body>
${body}
<script>${new Markup(script)}</script>
</body>
</html>
`.text;

/** Nothing may be loaded, and no script runs but this one. */
const policyFor = (script: string): string => {
  const digest = btoa(String.fromCharCode(...sha256(new TextEncoder().encode(script))));
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src 'sha256-${digest}'`,
    "img-src data:",
  ].join("; ");
};
