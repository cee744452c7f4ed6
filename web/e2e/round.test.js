// Held, asked for, granted, installed: a builder and a reviewer, each at their own browser, and the client that was refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { scene, seen, somebody } from "./scene.js";

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
  await seen(asha.context, new URL(asha.page.url()).pathname, "inbox", (page) => page.getByText("Policies that a grant sets aside").waitFor());
  await asha.page.keyboard.press("g");
  await asha.page.keyboard.type("looked at it: the change is small");
  await asha.page.getByLabel("For whom").selectOption("Everybody");
  await asha.page.getByRole("button", { name: "Grant", exact: true }).last().click();
  await asha.page.getByText("Answered by asha").waitFor();

  // Ben reads the answer; the door lets it through.
  await ben.page.goto(`${scene.url}/requests`);
  await ben.page.getByText("granted", { exact: true }).waitFor();
  await ben.page.getByText("looked at it: the change is small").waitFor();
  await seen(ben.context, "/requests", "requests", (page) => page.getByText("granted", { exact: true }).waitFor());
  assert.equal((await fetch(scene.held)).status, 200);

  // Today and the package's page say so.
  await seen(asha.context, "/packages", "packages", (page) => page.getByRole("link", { name: "demo" }).waitFor());
  await seen(asha.context, "/packages/pypi/demo?version=2.0", "package", async (page) => {
    await page.getByRole("heading", { name: "Evidence" }).waitFor();
    await page.getByRole("heading", { name: "Who has it" }).waitFor();
  });
  asha.quiet();
  ben.quiet();
});

test("in an incident a release is stopped at once, and let pass again", async () => {
  const { context, page, quiet } = await somebody("kim");
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
  quiet();
  await context.close();
});

test("a reviewer says what they found, and lets pass what cannot wait, for all to see", async () => {
  const mia = await somebody("mia");
  await mia.page.goto(`${scene.url}/setup`);
  await mia.page.getByLabel("Where it will be used").fill("the line");
  await mia.page.getByRole("button", { name: "Make a key" }).click();
  const key = ((await mia.page.locator("pre", { hasText: /^flk_/ }).textContent()) ?? "").trim();
  const fetched = async () => (await fetch(scene.late, { headers: { Authorization: `Bearer ${key}` } })).status;
  assert.equal(await fetched(), 403);

  const { context, page, quiet } = await somebody("lea");
  await page.goto(`${scene.url}/packages/pypi/late?version=1.0`);
  await page.getByRole("button", { name: "Review", exact: true }).click();
  await page.getByLabel("You find it").selectOption("to be used with care");
  await page.getByLabel("Why, and by which evidence").fill("reads the environment, and says so");
  await page.getByRole("button", { name: "Sign the review" }).click();
  await page.getByText("Signed and kept beside the release.").waitFor();
  await page.getByRole("listitem").filter({ hasText: "reads the environment, and says so" }).waitFor();

  await page.getByRole("button", { name: "Break the glass" }).click();
  await page.getByLabel("Their name").fill("mia");
  await page.getByLabel("For how long").selectOption("1 hour");
  await page.getByLabel("Why", { exact: true }).fill("the line stands still");
  await page.getByRole("dialog").getByRole("button", { name: "Break the glass" }).click();
  await page.getByText("It passes from now on.").waitFor();
  assert.equal(await fetched(), 200);
  assert.equal((await fetch(scene.late)).status, 403);

  await seen(context, "/policies?show=exceptions", "exceptions", (view) => view.getByText("the line stands still").waitFor());
  await page.goto(`${scene.url}/policies?show=exceptions`);
  await page.getByRole("listitem").filter({ hasText: "the line stands still" }).getByRole("button", { name: "End it" }).click();
  await page.getByRole("listitem").filter({ hasText: "the line stands still" }).getByText("ended").waitFor();
  assert.equal(await fetched(), 403);
  quiet();
  mia.quiet();
  await context.close();
  await mia.context.close();
});
