// What a steward and an auditor do: records read and proved in the browser, policies looked at, people led, clients set up, and a node
// that dies under an open page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium, isAccessible, join, looked, LOOKS, opened, picture, scene, seen, somebody, told } from "./scene.js";

const { context } = await somebody("asha");
const asha = (path, look) => opened(context, path, look);

test("the record is read, a record opened, and its proof checked in the browser", async () => {
  await seen(context, "/activity", "activity", (page) => page.getByRole("link", { name: /fetched/ }).first().waitFor());
  const { page, quiet, close } = await asha("/activity?action=packages%3A");
  const held = page.getByRole("link", { name: /held/ }).first();
  await held.click();
  await page.getByText("new releases wait 7 days here").first().waitFor();
  await page.getByRole("button", { name: "Verify this" }).click();
  await page.getByText("It holds.").waitFor();
  await page.getByText("byte for byte, the one that was proved").waitFor();
  await page.getByText("This browser saw this key now for the first time").waitFor();
  await isAccessible(page);
  await picture(page, "proof", "light");
  await seen(context, new URL(page.url()).pathname, "record", (view) => view.getByText("new releases wait 7 days here").first().waitFor());
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
  const { page, quiet, close } = await asha("/activity");
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
  await seen(context, "/policies", "policies", (page) => page.getByRole("link", { name: "wait-and-see", exact: true }).waitFor());
  await seen(context, "/policies/wait-and-see", "policy", (page) => page.getByText("forbid").first().waitFor());
  await seen(context, "/people", "people", (page) => page.getByRole("link", { name: "asha", exact: true }).waitFor());
  await seen(context, "/setup", "setup", (page) => page.getByText("fanlight use pip").first().waitFor());
  await seen(context, "/setup/machines", "setup-machines", (page) => page.getByText("No machine has a token yet").waitFor());
  await seen(context, "/setup/sources", "setup-sources", (page) => page.getByText("No feed is set").waitFor());
  await seen(context, "/setup/settings", "setup-settings", (page) => page.getByText("packages.cooldown", { exact: true }).waitFor());
  await seen(context, "/setup/node", "setup-node", (page) => page.getByText("Write a backup").waitFor());
});

test("the settings in force are looked through, with where each came from, and taken along", async () => {
  const { page, quiet, close } = await asha("/setup");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByText("packages.cooldown", { exact: true }).waitFor();
  const all = await page.getByRole("main").getByRole("listitem").count();
  assert.ok(all > 30, `${all} settings`);
  await page.getByLabel("Which", { exact: true }).selectOption("those somebody set");
  const address = page.getByRole("listitem").filter({ hasText: "listen.address" });
  await address.getByText("--listen").waitFor();
  assert.match((await address.textContent()) ?? "", /127\.0\.0\.1/);
  await page.getByLabel("Which", { exact: true }).selectOption("all");
  await page.getByLabel("Name, value or purpose").fill("waits after it was published");
  await page.getByRole("listitem").filter({ hasText: "listen.address" }).waitFor({ state: "detached" });
  assert.match((await page.getByRole("main").getByRole("listitem").textContent()) ?? "", /packages\.cooldown.*7d.*fanlight\.toml:\d+/s);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export: CSV" }).click();
  const text = (await (await (await saving).createReadStream()).toArray()).join("");
  assert.match(text, /^setting,value,from,about\r\npackages\.cooldown,7d,\S*fanlight\.toml:\d+,/);
  quiet();
  await close();
});

test("somebody is invited, given a role, and leaves", async () => {
  const { page, quiet, close } = await asha("/people");
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
  // By its address, too, she is told whose it is, and what to do.
  for (const [path, whose] of [["/activity", "This is for an auditor or a steward"], ["/setup/settings", "This is for an auditor or a steward"], ["/people", "This is for a mentor, a reviewer, an auditor or a steward"]]) {
    await hers.goto(scene.url + path);
    await hers.getByText(whose).waitFor();
  }
  await isAccessible(hers);
  await picture(hers, "not-yours", "light");

  await page.reload();
  await page.getByRole("link", { name: "lena" }).click();
  await page.getByRole("button", { name: "Give: auditor" }).click();
  await page.getByRole("button", { name: "Take away: auditor" }).first().waitFor();
  await page.getByText("Nothing needed it").waitFor();
  await page.getByText("looked how the node is").first().waitFor();
  const { pathname } = new URL(page.url());
  await seen(context, pathname, "person", async (view) => {
    await view.getByText("Nothing needed it").waitFor();
    await view.getByText("password and authenticator app", { exact: true }).waitFor();
  });

  // What somebody else might have of hers ends, and whoever is in by it is out.
  await page.getByRole("button", { name: "End it: password and authenticator app" }).click();
  await page.getByText("End lena's password and authenticator app?").waitFor();
  await page.getByText("It is the last way that they have").waitFor();
  await looked(page, "end-login");
  await page.getByRole("dialog").getByRole("button", { name: "End it" }).click();
  await page.getByText("Nothing is left to log in by: invite them again.").waitFor();
  await page.getByText("Nowhere now.").waitFor();
  await hers.goto(scene.url).catch(() => undefined);
  await hers.waitForURL("**/login");

  // Who lost what they log in by is invited again, and keeps everything else.
  await page.getByRole("button", { name: "Invite them again" }).click();
  await page.getByText("What the old one opened with is worth nothing from then on").waitFor();
  await isAccessible(page);
  await picture(page, "invite-again", "light");
  await page.getByRole("button", { name: "Make a link" }).click();
  await page.getByText("Give them this link").waitFor();
  await page.getByRole("button", { name: "Close" }).click();

  // The record proves that nobody would miss it.
  await seen(context, "/people?show=spare", "spare", (view) => view.getByText("stays allowed").waitFor());
  await page.goto(`${scene.url}/people?show=spare`);
  await page.getByRole("button", { name: "Take away: auditor" }).click();
  await page.getByText("Nothing needed it").waitFor({ state: "detached" });
  await page.goto(`${scene.url}${pathname}`);
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
  const { page, quiet, close } = await asha("/apps");
  await page.getByText("You have no app here yet").waitFor();
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
  const path = new URL(page.url()).pathname;
  await seen(context, path, "app", async (view) => {
    await view.getByRole("heading", { name: "Keys" }).waitFor();
    await view.getByRole("heading", { name: "Packages it fetched" }).waitFor();
    await view.getByRole("link", { name: "demo 1.0" }).waitFor();
  });
  await seen(context, "/apps", "apps", (view) => view.getByRole("link", { name: /Price list/ }).waitFor());

  // Its words change; it goes to ben with the next in mind; and in the end it ends.
  await page.getByRole("button", { name: "Change its words" }).click();
  await page.getByLabel("Title").fill("Prices");
  await page.getByRole("button", { name: "Keep it so" }).click();
  await page.getByRole("heading", { name: "Prices" }).waitFor();
  await page.getByRole("button", { name: "Hand over" }).click();
  await page.getByLabel("Who has it from now on").fill("nobody of that name");
  await page.getByLabel("Who has it after them").fill("asha");
  await page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await page.getByLabel("Who has it from now on").fill("ben");
  await page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  await page.locator("dt:text-is('Owner') + dd:text-is('ben')").waitFor();
  await page.locator("dt:text-is('Then') + dd:text-is('asha')").waitFor();
  await page.getByRole("button", { name: "End this app" }).click();
  await page.getByText("End Prices?").waitFor();
  await isAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "End this app" }).click();
  await page.locator("dt:text-is('ended')").waitFor();
  assert.equal(await page.getByRole("button", { name: "End this app" }).count(), 0);
  quiet();
  await close();
});

test("somebody makes a key of their own, and the client's settings have it", async () => {
  const { page, quiet, close } = await asha("/setup");
  await page.getByText("You have no key yet.").waitFor();
  await page.getByLabel("Where it will be used").fill("the laptop");
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByText("every fetch names you").waitFor();
  const settings = (await page.locator("pre", { hasText: "index-url" }).textContent()) ?? "";
  const [, name, key] = /\/\/(\w+):(flk_\w+)@/.exec(settings) ?? [];
  assert.equal(name, "asha");
  assert.equal((await fetch(scene.file, { headers: { Authorization: `Basic ${btoa(`${name}:${key}`)}` } })).status, 200);
  await isAccessible(page);
  await picture(page, "setup-key", "light");
  await page.getByRole("button", { name: "End it: the laptop" }).click();
  await page.getByText("You have no key yet.").waitFor();
  quiet();
  await close();
});

test("a node that dies under an open page is waited for", async () => {
  const { page, close } = await asha("/");
  await page.getByRole("heading", { name: "Health" }).waitFor();
  await told("kill");
  await page.getByText("The node does not answer. This page goes on by itself when it does.").waitFor();
  await told("start");
  await page.getByText("The node does not answer. This page goes on by itself when it does.").waitFor({ state: "detached" });
  await fetch(scene.file).then((answer) => answer.arrayBuffer());
  await page.locator("dt:has-text('Let through') + dd:text-is('3')").waitFor();
  await close();
});
