// Every state that a page can be in besides its usual one: dialogs open, a second factor asked for, the palette, nothing there, something
// wrong, something held, something on its way. Each without what axe finds, and with a picture for people to look at.

import { test } from "node:test";
import { isAccessible, LOOKS, opened, picture, scene, somebody } from "./scene.js";

const { context } = await somebody("asha");
const HELD = "/packages/pypi/demo?version=2.0";

const problem = (status, more) => ({ status, contentType: "application/problem+json", body: JSON.stringify({ status, title: "No", ...more }) });
const STALE = problem(403, { title: "Denied", detail: "This asks for a second factor shown within the last 10 minutes.", policies: ["fresh-second-factor"] });
const BROKEN = problem(500, { title: "Internal error", detail: "The node could not do it.", advice: "Its log says more.", request: "00112233445566778899aabbccddeeff" });
const REFUSED = problem(403, { title: "Denied", detail: "Only stewards invite people.", advice: "Ask a steward to.", policies: ["stewards-alone"] });

const press = (page, name) => page.getByRole("button", { name, exact: true }).first().click();
const dialog = (page) => page.getByRole("dialog").waitFor();
const pressed = (name) => async (page) => {
  await press(page, name);
  await dialog(page);
};
const says = (text) => (page) => page.getByText(text).first().waitFor();

/** By name: where it is, what the node is made to answer, and what is done there. */
const STATES = {
  palette: {
    at: "/",
    async act(page) {
      await page.getByRole("heading", { name: "Health" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("demo");
      await page.getByRole("option", { name: /demo/ }).waitFor();
    },
  },
  "palette-nothing": {
    at: "/",
    async act(page) {
      await page.getByRole("heading", { name: "Health" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox").fill("zzzz");
      await page.getByText("Nothing here has that name.").waitFor();
    },
  },
  "chart-read": {
    at: "/",
    async act(page) {
      await page.getByRole("application").focus();
      await page.keyboard.press("ArrowLeft");
      await page.locator("output b").waitFor();
    },
  },
  "step-up-code": {
    at: "/people",
    answers: { "**/v1/invitations": STALE },
    async act(page) {
      await press(page, "Invite somebody");
      await page.getByLabel("Name, as others here know them").fill("lena");
      await press(page, "Make a link");
      await page.getByText("Show your second factor").waitFor();
    },
  },
  refused: {
    at: "/people",
    answers: { "**/v1/invitations": REFUSED },
    async act(page) {
      await press(page, "Invite somebody");
      await page.getByLabel("Name, as others here know them").fill("lena");
      await press(page, "Make a link");
      await page.getByText("Only stewards invite people.").waitFor();
    },
  },
  "error-today": { at: "/", answers: { "**/v1/overview*": BROKEN }, act: says("The node could not do it.") },
  "error-people": { at: "/people", answers: { "**/v1/people?*": BROKEN }, act: says("The node could not do it.") },
  "error-export": {
    at: "/apps",
    answers: { "**/v1/apps/own?limit=1000": BROKEN },
    async act(page) {
      await page.getByRole("link", { name: /Price list/ }).waitFor();
      await page.getByRole("button", { name: "Export: CSV" }).click();
      await dialog(page);
    },
  },
  away: { at: "/policies", answers: { "**/v1/events*": "abort" }, act: says("The node does not answer.") },
  "loading-policies": { at: "/policies", answers: { "**/v1/policies": "never" }, act: (page) => page.getByText("One moment …").first().waitFor({ state: "attached" }) },
  "loading-today": { at: "/", answers: { "**/v1/overview*": "never" }, act: (page) => page.getByText("One moment …").first().waitFor({ state: "attached" }) },
  nowhere: {
    at: "/requests",
    async act(page) {
      await page.evaluate(() => history.pushState(null, "", "/nowhere"));
      await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
      await page.getByText("There is no such page").waitFor();
    },
  },
  "held-release": { at: HELD, act: says("new releases wait 7 days here") },
  ask: { at: HELD, act: pressed("Ask for it") },
  review: { at: HELD, act: pressed("Review") },
  "break-glass": { at: HELD, act: pressed("Break the glass") },
  quarantine: { at: HELD, act: pressed("Quarantine") },
  "no-package": { at: "/packages?q=zzzz", act: says("Nothing here has that name") },
  "to-scan": { at: "/packages/pypi/demo?version=0.9", act: says("It is yet to be scanned") },
  "packages-stopped": { at: "/packages?stopped=true", act: (page) => page.getByRole("link", { name: "demo" }).waitFor() },
  "packages-of-npm": { at: "/packages?ecosystem=npm", act: says("Nothing fits") },
  "today-found": { at: "/?q=DEMO", act: says("new releases wait 7 days here") },
  "today-not-found": { at: "/?q=zzzz", act: says("Nothing fits") },
  "no-auditor": { at: "/people?role=auditor", act: says("Nothing fits") },
  "unknown-package": { at: "/packages/pypi/zzzz", act: (page) => page.getByRole("link", { name: "Look up zzzz in npm" }).waitFor() },
  "no-quarantine": { at: "/packages?show=quarantined", act: says("Nothing is quarantined") },
  "no-request": { at: "/requests", act: says("You have asked for nothing yet") },
  "no-inbox": { at: "/inbox", act: says("Nothing waits here") },
  "no-exception": { at: "/policies?show=exceptions", act: says("Nobody has an exception") },
  "no-proposal": { at: "/policies?show=proposals", act: says("No proposal is here") },
  "no-version-fits": { at: "/policies?show=history&q=zzzz", act: says("No version fits") },
  "no-own-policy": { at: "/policies?show=change", act: says("You have no policies of your own yet") },
  "no-such-policy": { at: "/policies/nothing-like-it", act: says("No policy in force has this name") },
  "add-file": { at: "/policies?show=change", act: pressed("Add a file") },
  "no-orphan": { at: "/apps?show=orphans", act: says("No app is nobody's") },
  "no-app-fits": { at: "/apps?show=all&q=zzzz", act: says("Nothing fits") },
  "no-such-app": { at: "/apps/app_0000000000000000", act: says("There is no app with this id") },
  "register-app": { at: "/apps", act: pressed("Register an app") },
  "no-person-fits": { at: "/people?q=zzzz", act: says("Nothing fits") },
  "no-such-person": { at: "/people/prs_0000000000000000", act: says("Nobody here has this id") },
  invite: { at: "/people", act: pressed("Invite somebody") },
  "no-spare": { at: "/people?show=spare", act: says("Nothing is spare") },
  "no-record-fits": { at: "/activity?who=zzzz", act: says("No record fits") },
  "no-such-record": { at: "/activity/99999999", act: says("There is no record with this number") },
  "save-view": { at: "/people?role=steward", act: pressed("Save this view") },
  "settings-refused": { at: "/setup/settings", answers: { "**/v1/settings": problem(403, { title: "Denied", detail: "This is shown to auditors and stewards.", advice: "Ask one of them." }) }, act: says("This is shown to auditors and stewards.") },
  "no-setting-fits": { at: "/setup/settings?q=zzzz", act: says("Nothing fits") },
  "no-request-fits": { at: "/inbox?q=zzzz", act: says("No request fits") },
  "no-exception-fits": { at: "/policies?show=exceptions&q=zzzz", act: says("Nothing fits") },
  "no-source-fits": { at: "/setup/sources?q=zzzz", act: says("Nothing fits") },
};

/** What only a phone has. */
const ON_A_PHONE = {
  menu: { at: "/", act: (page) => page.getByRole("button", { name: "Menu" }).click() },
  filters: { at: "/activity", act: (page) => page.getByRole("button", { name: "Filters" }).click() },
};

const { page: first, close } = await opened(context, "/apps");
await press(first, "Register an app");
await first.getByLabel("Title").fill("Price list");
await first.getByLabel("What it does, on one line").fill("Makes the weekly price list");
await first.getByLabel("What else is worth knowing").fill("For the sales team.");
await first.getByLabel("Who has it when you leave").fill("ben");
await first.getByRole("dialog").getByRole("button", { name: "Register", exact: true }).click();
await first.getByRole("heading", { name: "Price list" }).waitFor();
await close();

const { look } = scene;
for (const [name, { at, answers = {}, act }] of Object.entries(look === "phone" ? { ...STATES, ...ON_A_PHONE } : STATES)) {
  test(`${name}, ${look}`, async () => {
    const { page, quiet, close: over } = await opened(context, "/pages/fanlight.css", look);
    for (const [where, answer] of Object.entries(answers)) {
      await page.route(where, (route) => (answer === "never" ? undefined : answer === "abort" ? route.abort() : route.fulfill(answer)));
    }
    await page.emulateMedia({ colorScheme: LOOKS[look].colorScheme, reducedMotion: "reduce" });
    await page.goto(scene.url + at);
    await act(page);
    await isAccessible(page);
    await picture(page, `state-${name}`, look);
    quiet();
    await over();
  });
}
