// People in numbers: a company's list looked at before it is taken over, long lists paged, an act whose answer was lost, and a log-in
// from somewhere new.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { chromium, isAccessible, join, logIn, looked, LOOKS, opened, scene, seen, told } from "./scene.js";

const context = await chromium.newContext({ ...LOOKS.light, permissions: ["clipboard-read", "clipboard-write"] });
const first = await context.newPage();
const asha = await join(first, "asha");
const open = (path, look) => opened(context, path, look);

const rows = async (page) => (await page.locator("tbody tr").allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());

async function downloaded(page, kind) {
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: `Export: ${kind}` }).click();
  const download = await saving;
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("a list of people is looked at line by line, mended, and taken over", async () => {
  await seen(context, "/people/import", "import", (page) => page.getByRole("heading", { name: "Import people" }).waitFor());
  const { page, quiet, close } = await open("/people");
  await page.getByRole("link", { name: "asha", exact: true }).waitFor();
  const all = (await rows(page)).length + 252;
  await page.getByRole("link", { name: "Import a list" }).click();
  const file = "name,groups,active,room\r\nkim,sales finance,,12\r\nmia,Sales,,14\r\nasha,,no,1\r\n";
  await page.getByLabel("A CSV file, as spreadsheets write it").setInputFiles({ name: "staff.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await page.getByText("2 lines cannot be taken.").waitFor();
  await page.getByText("Columns that mean nothing here are left out: room.").waitFor();
  const refused = await rows(page);
  assert.equal(refused.length, 2);
  assert.match(refused[0], /^3 mia refused "Sales" is no group/);
  assert.match(refused[1], /^4 asha refused No steward would be left/);
  assert.equal(await page.getByRole("button", { name: "Import the list" }).count(), 0);
  await looked(page, "import-refused");

  // Mended, and a few more, as a company has them.
  const many = Array.from({ length: 250 }, (_, at) => `clerk ${at + 1},office`);
  await page.getByLabel("Or the list itself").fill(["name,groups", "kim,sales finance", "mia,sales", ...many].join("\n"));
  assert.equal(await page.getByText("2 lines cannot be taken.").count(), 0);
  await page.getByRole("button", { name: "See what it would change" }).click();
  await page.getByText("252 new people.").waitFor();
  assert.deepEqual((await rows(page)).slice(0, 2), ["2 kim new into finance, sales", "3 mia new into sales"]);
  await page.getByRole("button", { name: "Show more of the other 52" }).click();
  assert.equal((await rows(page)).length, 252);
  await page.getByLabel("Name or group").fill("finance");
  await page.locator("tbody tr").nth(1).waitFor({ state: "detached" });
  await looked(page, "import-plan");
  assert.match((await downloaded(page, "CSV")).text, /^line,name,what,into,out_of,why\r\n2,kim,new,finance sales,,\r\n$/);
  await page.getByRole("button", { name: "Import the list" }).click();
  await page.getByText("Import this list?").waitFor();
  await isAccessible(page);
  await page.getByRole("dialog").getByRole("button", { name: "Import the list" }).click();
  await page.getByText("The list was taken over.").waitFor();
  await looked(page, "import-done");

  // A company's people come a page at a time; a search finds any of them, a file has all.
  await page.getByRole("link", { name: "See everybody" }).click();
  await page.getByText("More people are known here than the 100 listed").waitFor();
  assert.equal((await rows(page)).length, 100);
  await page.getByRole("button", { name: "Show more" }).click();
  await page.getByText("More people are known here than the 200 listed").waitFor();
  await page.getByRole("button", { name: "Show more" }).click();
  await page.getByText(`${all} people are known here.`).waitFor();
  assert.equal((await downloaded(page, "JSON")).text.match(/"name"/g).length, all);
  await page.getByLabel("Name or id").fill("clerk 24");
  await page.locator("tbody tr").nth(11).waitFor({ state: "detached" });
  assert.equal((await rows(page)).length, 11);
  await page.getByLabel("Name or id").fill("");
  await page.getByLabel("Group").fill("finance");
  await page.locator("tbody tr").nth(1).waitFor({ state: "detached" });
  assert.match((await rows(page))[0], /^kim builder finance, sales/);
  quiet();
  await close();
});

test("who leaves by a list leaves for good, and that asks for a second factor shown lately", async () => {
  await told("later");
  const { page, quiet, close } = await open("/people/import");
  await page.getByLabel("Or the list itself").fill("name,active\nkim,no\n");
  await page.getByRole("button", { name: "See what it would change" }).click();
  await page.getByText("1 leaves.").waitFor();
  await page.getByRole("button", { name: "Import the list" }).click();
  await page.getByText("1 person leaves: all that they have here ends at once.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Import the list" }).click();
  await page.getByText("Show your second factor").waitFor();
  await isAccessible(page);
  await page.getByLabel("Code of your authenticator app, or a recovery code").fill(asha.codes.pop());
  await page.getByRole("button", { name: "Go on" }).click();
  await page.getByText("The list was taken over.").waitFor();
  quiet();
  await context.clearCookies();
  await context.addCookies((await page.context().storageState()).cookies);
  await close();
});

test("an act whose answer was lost is sent again and done once", async () => {
  const { page, close } = await open("/apps");
  const keys = [];
  await page.route("**/v1/apps", async (route) => {
    const request = route.request();
    if (request.method() !== "POST") return route.continue();
    keys.push(request.headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    // The node does it, and nobody hears of it.
    assert.equal((await route.fetch()).status(), 201);
    return route.abort();
  });
  const replayed = page.waitForResponse((answer) => answer.headers()["idempotency-replayed"] === "true");
  await page.getByRole("button", { name: "Register an app" }).click();
  await page.getByLabel("Title").fill("Price list");
  await page.getByLabel("What it does, on one line").fill("Makes the weekly price list");
  await page.getByLabel("What else is worth knowing").fill("For the sales team.");
  await page.getByLabel("Who has it when you leave").fill("mia");
  await page.getByRole("dialog").getByRole("button", { name: "Register", exact: true }).click();
  await page.getByRole("heading", { name: "Price list" }).waitFor();
  assert.equal((await replayed).status(), 201);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  await page.goto(`${scene.url}/apps`);
  await page.getByRole("link", { name: /Price list/ }).waitFor();
  assert.equal(await page.getByRole("link", { name: /Price list/ }).count(), 1);
  await close();
});

test("a log-in from somewhere new is told, and ended where it was somebody else", async () => {
  const elsewhere = await chromium.newContext(LOOKS.light);
  const hers = await elsewhere.newPage();
  await logIn(hers, "asha", asha);
  const { page, quiet, close } = await open("/");
  await page.getByText("Somebody logged in as you from a browser that you had not used here before").waitFor();
  await page.getByRole("heading", { name: "Health" }).waitFor();
  await looked(page, "new-browser");
  await page.getByRole("button", { name: "End that session" }).click();
  await page.getByText("Somebody logged in as you").waitFor({ state: "detached" });
  await hers.goto(scene.url).catch(() => undefined);
  await hers.waitForURL("**/login");

  // It was herself this time, and that is remembered.
  const another = await chromium.newContext(LOOKS.light);
  await logIn(await another.newPage(), "asha", asha);
  await page.reload();
  await page.getByRole("button", { name: "It was me" }).click();
  await page.reload();
  await page.getByRole("heading", { name: "Health" }).waitFor();
  assert.equal(await page.getByText("Somebody logged in as you").count(), 0);
  quiet();
  await close();
  await elsewhere.close();
  await another.close();
});
