/** The form that says what the ends are. */
import { markup, type Markup } from "../../report/html.ts";
import type { Experiment } from "../address.ts";
import type { Choice, Offer } from "../protocol.ts";
import { checkboxes, elementOf, put } from "./parts.ts";
import { fieldIn } from "./place.ts";

/** Draws the form as the experiment has it. Lists keep their order: what is added comes last. */
export function drawControls(offer: Offer, experiment: Experiment): void {
  const groups = offer.groups.map(({ name }) => name);
  const { groups: own, shares, serverGroups, suites, signatures, credential, chain } = experiment;
  const ordered = (chosen: readonly string[], all: readonly string[]) => [
    ...chosen,
    ...all.filter((name) => !chosen.includes(name)),
  ];
  const flag = (name: "mutual" | "resume" | "earlyData", text: string) =>
    markup`<label><input type="checkbox" name="${name}"${experiment[name] ? markup` checked` : ""}> ${text}</label>`;
  const isOther = experiment.attack !== "";
  const form = elementOf("controls", HTMLFormElement);
  const restore = fieldIn(form);
  put(
    form,
    markup`${isOther ? markup`<p>You see <code>${experiment.attack}</code> of the catalogue.</p><button type="button" data-do="own">Back to your own</button>` : ""}
<fieldset${isOther ? markup` disabled` : ""}><legend>Client's groups</legend>${checkboxes("groups", ordered(own, groups), own)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Its first shares</legend><p class="soft">None: its first group. One that the server lacks makes a retry.</p>${checkboxes("shares", own, shares)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Server's groups</legend>${checkboxes("serverGroups", ordered(serverGroups, groups), serverGroups)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Server's chain</legend>${[
      ...offer.credentials,
      { name: ownChain, says: "of these keys:" },
    ].map(
      ({ name, says }) =>
        markup`<label><input type="radio" name="credential" value="${name}"${name === (chain.length > 0 ? ownChain : credential) ? markup` checked` : ""}> ${says}</label>`,
    )}<div class="links">${linksOf(offer, chain)}</div></fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Cipher suites</legend>${checkboxes("suites", ordered(suites, offer.suites), suites)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Signatures that the client takes</legend><details${signatures.length > 0 ? markup` open` : ""}><summary>${signatures.length > 0 ? "These" : "All"}</summary>${checkboxes("signatures", ordered(signatures, offer.signatures), signatures)}</details></fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>And</legend>${flag("mutual", "the client has a certificate")}${flag("resume", "a session goes on")}${flag("earlyData", "with 0-RTT data")}</fieldset>
<button type="button" data-do="usual">As at first</button>`,
  );
  restore();
}

/** What stands for a custom chain among the credentials. */
const ownChain = "chain";

/** The leaf, up to two authorities between, and the root. */
function linksOf({ leafKeys, signingKeys }: Offer, chain: readonly string[]): Markup {
  const [leaf = "ML-DSA-65", ...issuers] = chain;
  const root = issuers.pop() ?? "ML-DSA-87";
  const select = (
    says: string,
    { keys, chosen, none }: { keys: readonly Choice[]; chosen: string; none?: string },
  ): Markup =>
    markup`<label>${says} <select name="link">${none === undefined ? "" : markup`<option value="">${none}</option>`}${keys.map(
      ({ name, says: called }) =>
        markup`<option value="${name}"${name === chosen ? markup` selected` : ""}>${called}</option>`,
    )}</select></label>`;
  const between = (at: number): Markup =>
    select("signed by", { keys: signingKeys, chosen: issuers[at] ?? "", none: "nobody between" });
  return markup`${select("the server's own", { keys: leafKeys, chosen: leaf })}${between(0)}${between(1)}${select("signed by the root's", { keys: signingKeys, chosen: root })}`;
}

/** Who chooses a key of a chain wants that chain. */
export function chooseChain(changed: EventTarget | null): void {
  if (!(changed instanceof HTMLSelectElement)) return;
  const form = elementOf("controls", HTMLFormElement);
  const choice = form.querySelector<HTMLInputElement>(`[name=credential][value=${ownChain}]`);
  if (choice !== null) choice.checked = true;
}

/** What the form says now. */
export function readControls(before: Experiment): Experiment {
  const data = new FormData(elementOf("controls", HTMLFormElement));
  const all = (name: string, old: readonly string[]): string[] => {
    const now = data.getAll(name).map(String);
    // What was chosen before keeps its place
    return [
      ...old.filter((each) => now.includes(each)),
      ...now.filter((each) => !old.includes(each)),
    ];
  };
  const groups = all("groups", before.groups);
  const credential = all("credential", [before.credential])[0] ?? before.credential;
  const isOwn = credential === ownChain;
  return {
    ...before,
    groups,
    shares: all("shares", before.shares).filter((each) => groups.includes(each)),
    serverGroups: all("serverGroups", before.serverGroups),
    suites: all("suites", before.suites),
    signatures: all("signatures", before.signatures),
    credential: isOwn ? before.credential : credential,
    chain: isOwn
      ? data
          .getAll("link")
          .map(String)
          .filter((key) => key !== "")
      : [],
    mutual: data.has("mutual"),
    resume: data.has("resume"),
    earlyData: data.has("earlyData"),
  };
}
