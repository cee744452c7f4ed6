// Held, asked for, granted, installed: a builder and a reviewer, each at their own browser, and the client that was refused.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, isAccessible, join, listens, LOOKS, picture, scene } from "./scene.js";

let chromium;
before(async () => (chromium = await browser()));
after(() => chromium.close());

/** Somebody at a browser of their own. */
async function somebody(name) {
  const context = await chromium.newContext(LOOKS.light);
  const page = await context.newPage();
  const quiet = listens(page);
  await join(page, name);
  return { context, page, quiet };
}

/** The page as it is, seen in both themes and on a phone. */
async function seen({ context }, path, name, ready) {
  const state = await context.storageState();
  for (const [look, options] of Object.entries(LOOKS)) {
    const other = await chromium.newContext({ ...options, storageState: state });
    const page = await other.newPage();
    await page.goto(scene.url + path);
    await ready(page);
    await isAccessible(page);
    await picture(page, name, look);
    await other.close();
  }
}

test("what is held is asked for, granted with the evidence beside, and then let through", async () => {
  const [asha, ben] = [await somebody("asha"), await somebody("ben")];
  assert.equal((await fetch(scene.held)).status, 403);

  // Ben finds what is held, reads why, and asks.
  await ben.page.goto(`${scene.url}/packages`);
  await ben.page.getByRole("searchbox").fill("dem");
  await ben.page.getByRole("link", { name: "demo" }).first().click();
  await ben.page.getByRole("button", { name: "2.0", exact: false }).click();
  await ben.page.getByText("new releases wait 7 days here").first().waitFor();
  await ben.page.getByRole("button", { name: "Ask for it" }).click();
  await ben.page.getByLabel("What you need it for").fill("the fix that our build waits for");
  await ben.page.getByRole("dialog").getByRole("button", { name: "Ask for it" }).click();
  await ben.page.getByText("Asked. You read the answer under My requests.").waitFor();

  // Asha has it in her inbox without a click, and answers by the keys.
  await asha.page.goto(`${scene.url}/inbox`);
  await asha.page.getByText("1 request waits for an answer").waitFor();
  await asha.page.keyboard.press("j");
  await asha.page.getByText("the fix that our build waits for").last().waitFor();
  await asha.page.getByText("Policies that a grant sets aside (1)").click();
  await asha.page.locator("pre", { hasText: "wait-and-see" }).waitFor();
  await seen(asha, new URL(asha.page.url()).pathname, "inbox", (page) => page.getByText("Policies that a grant sets aside").waitFor());
  await asha.page.keyboard.press("g");
  await asha.page.keyboard.type("looked at it: the change is small");
  await asha.page.getByLabel("For whom").selectOption("Everybody");
  await asha.page.getByRole("button", { name: "Grant", exact: true }).last().click();
  await asha.page.getByText("Answered by asha").waitFor();

  // Ben reads the answer; the door lets it through.
  await ben.page.goto(`${scene.url}/requests`);
  await ben.page.getByText("granted").waitFor();
  await ben.page.getByText("looked at it: the change is small").waitFor();
  await seen(ben, "/requests", "requests", (page) => page.getByText("granted").waitFor());
  assert.equal((await fetch(scene.held)).status, 200);

  // Today and the package's page say so.
  await seen(asha, "/packages", "packages", (page) => page.getByRole("link", { name: "demo" }).waitFor());
  await seen(asha, "/packages/pypi/demo?version=2.0", "package", async (page) => {
    await page.getByRole("heading", { name: "Evidence" }).waitFor();
    await page.getByRole("heading", { name: "Who has it" }).waitFor();
  });
  asha.quiet();
  ben.quiet();
});

test("in an incident a release is stopped at once, and let pass again", async () => {
  const context = await chromium.newContext(LOOKS.light);
  const page = await context.newPage();
  await join(page, "kim");
  await page.goto(`${scene.url}/packages/pypi/demo?version=1.0`);
  assert.equal((await fetch(scene.file)).status, 200);
  await page.getByRole("button", { name: "Quarantine" }).click();
  await page.getByLabel("Why").fill("it reads tokens");
  await page.getByRole("button", { name: "Stop it at every door" }).click();
  await page.getByText("It is stopped at every door from now on.").waitFor();
  assert.equal((await fetch(scene.file)).status, 403);
  await page.goto(`${scene.url}/packages?show=quarantined`);
  await page.getByText("it reads tokens").waitFor();
  await page.getByRole("button", { name: "Lift" }).click();
  await page.getByText("Nothing is quarantined").waitFor();
  assert.equal((await fetch(scene.file)).status, 200);
  await context.close();
});
