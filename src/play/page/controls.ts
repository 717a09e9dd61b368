/** The form that says what the ends are. */
import { markup } from "../../report/html.ts";
import type { Experiment } from "../address.ts";
import type { Offer } from "../protocol.ts";
import { byId, checkboxes, elementOf, put } from "./parts.ts";

/** Draws the form as the experiment has it. Lists keep their order: what is added comes last. */
export function drawControls(offer: Offer, experiment: Experiment): void {
  const groups = offer.groups.map(({ name }) => name);
  const { groups: own, shares, serverGroups, suites, credential } = experiment;
  const ordered = (chosen: readonly string[], all: readonly string[]) => [
    ...chosen,
    ...all.filter((name) => !chosen.includes(name)),
  ];
  const flag = (name: "mutual" | "resume" | "earlyData", text: string) =>
    markup`<label><input type="checkbox" name="${name}"${experiment[name] ? markup` checked` : ""}> ${text}</label>`;
  const isOther = experiment.attack !== "";
  put(
    byId("controls"),
    markup`${isOther ? markup`<p>You see <code>${experiment.attack}</code> of the catalogue.</p><button type="button" data-do="own">Back to your own</button>` : ""}
<fieldset${isOther ? markup` disabled` : ""}><legend>Client's groups</legend>${checkboxes("groups", ordered(own, groups), own)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Its first shares</legend><p class="soft">None: its first group. One that the server lacks makes a retry.</p>${checkboxes("shares", own, shares)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Server's groups</legend>${checkboxes("serverGroups", ordered(serverGroups, groups), serverGroups)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Server's chain</legend>${offer.credentials.map(
      ({ name, says }) =>
        markup`<label><input type="radio" name="credential" value="${name}"${name === credential ? markup` checked` : ""}> ${says}</label>`,
    )}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>Cipher suites</legend>${checkboxes("suites", ordered(suites, offer.suites), suites)}</fieldset>
<fieldset${isOther ? markup` disabled` : ""}><legend>And</legend>${flag("mutual", "the client has a certificate")}${flag("resume", "a session goes on")}${flag("earlyData", "with 0-RTT data")}</fieldset>
<button type="button" data-do="usual">As at first</button>`,
  );
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
  return {
    ...before,
    groups,
    shares: all("shares", before.shares).filter((each) => groups.includes(each)),
    serverGroups: all("serverGroups", before.serverGroups),
    suites: all("suites", before.suites),
    credential: all("credential", [before.credential])[0] ?? before.credential,
    mutual: data.has("mutual"),
    resume: data.has("resume"),
    earlyData: data.has("earlyData"),
  };
}
