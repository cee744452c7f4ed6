// What a steward and an auditor do: records read and proved in the browser, policies looked at, people led, clients set up, and a node
// that dies under an open page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, isAccessible, join, listens, LOOKS, picture, scene, told } from "./scene.js";

let chromium;
let state;
before(async () => {
  chromium = await browser();
  const context = await chromium.newContext(LOOKS.light);
  await join(await context.newPage(), "asha");
  state = await context.storageState();
  await context.close();
});
after(() => chromium.close());

/** A page of the steward's, in one of the looks. */
async function opened(path, look = "light") {
  const context = await chromium.newContext({ ...LOOKS[look], storageState: state, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const quiet = listens(page);
  await page.goto(scene.url + path);
  return { page, quiet, close: () => context.close() };
}

async function seen(path, name, ready) {
  for (const look of Object.keys(LOOKS)) {
    const { page, quiet, close } = await opened(path, look);
    await ready(page);
    await isAccessible(page);
    await picture(page, name, look);
    quiet();
    await close();
  }
}

test("the record is read, a record opened, and its proof checked in the browser", async () => {
  await seen("/activity", "activity", (page) => page.getByRole("link", { name: /fetched/ }).first().waitFor());
  const { page, quiet, close } = await opened("/activity?action=packages%3A");
  const held = page.getByRole("link", { name: /held/ }).first();
  await held.click();
  await page.getByText("new releases wait 7 days here").first().waitFor();
  await page.getByRole("button", { name: "Verify this" }).click();
  await page.getByText("It holds.").waitFor();
  await page.getByText("byte for byte, the one that was proved").waitFor();
  await page.getByText("This browser saw this key now for the first time").waitFor();
  await isAccessible(page);
  await picture(page, "record", "light");
  // What a node says that lies does not pass.
  await page.route("**/v1/ledger/proof/*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const [, entry] = /extra (\S+)/.exec(body.proof);
    const changed = Buffer.from(Buffer.from(entry, "base64").toString().replace("hold", "deny")).toString("base64");
    await route.fulfill({ response: answer, json: { ...body, proof: body.proof.replace(entry, changed) } });
  });
  await page.getByRole("button", { name: "Verify this" }).click();
  await page.getByText("The record does not lead to the root that was signed.").waitFor();
  quiet();
  await close();
});

test("records are looked for, the search kept under a name, and taken along as a file", async () => {
  const { page, quiet, close } = await opened("/activity");
  const rows = page.getByRole("region", { name: "Activity" }).getByRole("link");
  await page.getByLabel("Decided").selectOption("held");
  await page.getByText("1 record fits").waitFor();
  assert.match((await rows.textContent()) ?? "", /unidentified fetched demo 2\.0 held/);
  await page.getByLabel("On what").fill("demo");
  await page.getByLabel("What was done").selectOption("packages:fetch-file");
  await page.getByLabel("Time").selectOption("the last hour");
  await page.getByText("1 record fits").waitFor();
  await page.getByRole("button", { name: "Save this view" }).click();
  await page.getByLabel("Name of this view").fill("held demos");
  await page.getByRole("dialog").getByRole("button", { name: "Save this view" }).click();
  await isAccessible(page);
  await picture(page, "activity-filtered", "light");

  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export: CSV" }).click();
  const file = await (await saving).createReadStream();
  const text = (await file.toArray()).join("");
  assert.match(text, /^index,time,who,.*\r\n\d+,.*unidentified.*pkg:pypi\/demo@2\.0,hold,wait-and-see/);

  // What was found is still there when one comes back from a record.
  await rows.click();
  await page.getByRole("link", { name: "All records" }).click();
  await page.getByText("1 record fits").waitFor();
  await page.getByLabel("Who").fill("nobody of that name");
  await page.getByText("No record fits").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.getByRole("link", { name: /read the ledger/ }).first().waitFor();
  await page.getByRole("link", { name: "held demos" }).click();
  await page.getByText("1 record fits").waitFor();
  quiet();
  await close();
});

test("policies, people and set-up show what is there and what to do", async () => {
  await seen("/policies", "policies", (page) => page.getByRole("link", { name: "wait-and-see", exact: true }).waitFor());
  await seen("/policies/wait-and-see", "policy", (page) => page.getByText("forbid").first().waitFor());
  await seen("/people", "people", (page) => page.getByRole("link", { name: "asha", exact: true }).waitFor());
  await seen("/setup", "setup", (page) => page.getByText("fanlight use pip").first().waitFor());
});

test("a policy is tried over the record before it is in force", async () => {
  const { page, quiet, close } = await opened("/policies?show=try");
  await page.getByLabel("Policies, in Cedar").fill("@id(\"x\")\nforbid (principal, action, resource) when { nothing };");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("It is not right yet").waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText(/would have been decided otherwise/).waitFor();
  await page.getByText("demo is not used here").first().waitFor();
  await isAccessible(page);
  await picture(page, "try", "light");
  quiet();
  await close();
});

test("somebody is invited, given a role, and leaves", async () => {
  const { page, quiet, close } = await opened("/people");
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await page.getByLabel("Name, as others here know them").fill("lena");
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.getByRole("dialog").locator("pre").textContent();
  await page.getByRole("button", { name: "Close" }).click();

  const other = await chromium.newContext(LOOKS.light);
  const hers = await other.newPage();
  await join(hers, "lena", link);
  await hers.goto(scene.url);
  await hers.getByRole("heading", { name: "Today" }).waitFor();
  assert.equal(await hers.getByRole("link", { name: "Activity" }).count(), 0);

  await page.reload();
  await page.getByRole("link", { name: "lena" }).click();
  await page.getByRole("button", { name: "Give: auditor" }).click();
  await page.getByRole("button", { name: "Take away: auditor" }).waitFor();
  await isAccessible(page);
  await picture(page, "person", "light");
  await page.getByRole("button", { name: "They leave: end it all" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "They leave: end it all" }).click();
  await page.getByText("All of it has ended.").waitFor();
  await hers.goto(scene.url).catch(() => undefined);
  await hers.waitForURL("**/login");
  quiet();
  await close();
  await other.close();
});

test("an app is registered, and calls by a key of its own", async () => {
  const { page, quiet, close } = await opened("/apps");
  await page.getByText("No app is here yet").waitFor();
  await page.getByRole("button", { name: "Register an app" }).click();
  await page.getByLabel("Title").fill("Price list");
  await page.getByLabel("What it does, on one line").fill("Makes the weekly price list");
  await page.getByLabel("What else is worth knowing").fill("For the sales team. It reads prices.csv.");
  await page.getByLabel("Who has it when you leave").fill("ben");
  await page.getByRole("button", { name: "Register", exact: true }).click();
  await page.getByRole("heading", { name: "Price list" }).waitFor();
  await page.getByLabel("Where it will be used").fill("the nightly build");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByText("Made. Copy it now; it is not shown again.").waitFor();
  const key = (await page.locator("pre", { hasText: "flk_" }).textContent()).trim();
  assert.equal((await fetch(scene.file, { headers: { Authorization: `Bearer ${key}` } })).status, 200);
  await isAccessible(page);
  await page.reload();
  await page.getByRole("button", { name: "End it: the nightly build" }).click();
  await page.getByText("No key yet.").waitFor();
  assert.equal((await fetch(scene.file, { headers: { Authorization: `Bearer ${key}` } })).status, 401);
  quiet();
  const path = new URL(page.url()).pathname;
  await close();
  await seen(path, "app", (view) => view.getByRole("heading", { name: "Keys" }).waitFor());
  await seen("/apps", "apps", (view) => view.getByRole("link", { name: /Price list/ }).waitFor());
});

test("a node that dies under an open page is waited for", async () => {
  const { page, close } = await opened("/");
  await page.getByRole("heading", { name: "Health" }).waitFor();
  await told("kill");
  await page.getByText("The node does not answer. This page goes on by itself when it does.").waitFor();
  await told("start");
  await page.getByText("The node does not answer. This page goes on by itself when it does.").waitFor({ state: "detached" });
  await fetch(scene.file).then((answer) => answer.arrayBuffer());
  await page.locator("dt:text-is('Let through') + dd:text-is('3')").waitFor();
  await close();
});
