import type { Command } from "commander";
import { groups } from "../../../groups/index.ts";
import { links, plain, studies } from "../../../lab/experiment/index.ts";
import { kemSizes, merkleProof, signatureSizes } from "../../../lab/sizes/index.ts";
import { examples } from "../../options.ts";
import { print, printJson, table } from "../../output.ts";
import { style } from "../../style.ts";

export function define(command: Command): void {
  command.option("--json", "plain data").action(act);
  examples(command, [["lab list --json", "studies, links, groups and sizes, as data"]]);
}

function act({ json }: { json?: true }): void {
  if (json) {
    printJson({
      studies: Object.entries(studies).map(([name, { about }]) => ({ name, about })),
      links: Object.entries(links).map(([name, { about, value }]) => ({ name, about, ...value })),
      groups: groups.map(({ name }) => name),
      kems: kemSizes,
      signatures: [...signatureSizes, merkleProof].map(({ scheme, ...size }) => ({
        ...size,
        runs: scheme !== undefined,
      })),
    });
    return;
  }
  heading("Studies (kemistry lab run NAME)");
  print(
    table(
      [{ title: "name" }, { title: "what" }],
      Object.entries(studies).map(([name, { about }]) => [name, about]),
    ),
  );
  heading("Links (link: NAME)");
  print(
    table(
      [
        { title: "name" },
        { title: "RTT ms", align: "right" },
        { title: "Mbit/s", align: "right" },
        { title: "loss", align: "right" },
        { title: "after" },
      ],
      Object.entries(links).map(([name, { about, value }]) => [
        name,
        value.rtt,
        plain(value.rate ?? ""),
        plain(value.loss ?? 0),
        about,
      ]),
    ),
  );
  heading("Groups (group: NAME)");
  print(groups.map(({ name }) => name).join(", "));
  heading("KEMs (group: NAME, or joined: x25519+NAME)");
  printSizes(
    "ciphertext",
    kemSizes.map((each) => ({ ...each, other: each.ciphertext })),
  );
  heading("Signatures (signature: NAME, and the slots of chains)");
  printSizes(
    "signature",
    [...signatureSizes, merkleProof].map((each) => ({
      ...each,
      other: each.signature,
      runs: each.scheme !== undefined,
    })),
  );
}

interface Sizes {
  readonly name: string;
  readonly publicKey: number;
  /** Bytes of what goes with the key. */
  readonly other: number;
  readonly runs: boolean;
  readonly source: string;
}

function printSizes(title: string, sizes: readonly Sizes[]): void {
  const columns = [
    { title: "name" },
    { title: "key", align: "right" },
    { title, align: "right" },
    { title: "" },
    { title: "after" },
  ] as const;
  const row = ({ name, publicKey, other, runs, source }: Sizes) =>
    [name, publicKey, other, runs ? "runs" : "size only", source] as const;
  print(table(columns, sizes.map(row)));
}

function heading(text: string): void {
  print();
  print(style("bold", text));
}
