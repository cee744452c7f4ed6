// The first steward's way in: the link, the log-in with a second factor, and the page that says how things stand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium, isAccessible, join, listens, logIn, LOOKS, picture, scene } from "./scene.js";

/** What a page asks for: from where, and how much comes. */
function weighs(page) {
  const done = [];
  const elsewhere = [];
  page.on("request", (request) => request.url().startsWith(scene.url) || elsewhere.push(request.url()));
  page.on("requestfinished", (request) => done.push(request.sizes().then((sizes) => sizes.responseBodySize)));
  return { elsewhere, bytes: async () => (await Promise.all(done)).reduce((sum, size) => sum + size, 0) };
}

test("a steward joins, logs in, and sees what came through and what was stopped", async () => {
  const context = await chromium.newContext(LOOKS.light);
  const page = await context.newPage();
  const wasQuiet = listens(page);
  const asha = await join(page, "asha");
  await context.clearCookies();

  await page.goto(scene.url);
  await page.waitForURL("**/login");
  await logIn(page, "asha", asha);
  await page.goto(scene.url);
  await page.getByRole("heading", { name: "Today", level: 1 }).waitFor();
  await page.getByText("1 attempt was stopped in the last 24 hours").waitFor();
  const held = page.locator("li", { hasText: "demo" });
  await held.getByText("held").waitFor();
  assert.match(await held.textContent(), /new releases wait 7 days here/);
  assert.equal(await page.locator("dt:has-text('Let through') + dd").textContent(), "1");

  // Live: what comes through now shows without a click.
  await fetch(scene.file).then((answer) => answer.arrayBuffer());
  await page.locator("dt:has-text('Let through') + dd:text-is('2')").waitFor();

  // By the keyboard alone, anywhere.
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("toda");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  wasQuiet();

  // A morning's worth: the more there is, the more a picture of it shows.
  for (const file of scene.more) await fetch(file).then((answer) => answer.arrayBuffer());
  await page.locator("dt:has-text('Held') + dd:text-is('4')").waitFor();

  const state = await context.storageState();
  for (const [look, options] of Object.entries(LOOKS)) {
    const other = await chromium.newContext({ ...options, storageState: state });
    const view = await other.newPage();
    const load = weighs(view);
    await view.goto(scene.url);
    await view.getByRole("heading", { name: "Health" }).waitFor();
    await view.getByText("its newest release reads tokens").first().waitFor();
    await view.evaluate(() => document.fonts.ready);
    assert.deepEqual(load.elsewhere, []);
    const bytes = await load.bytes();
    assert.ok(bytes > 50_000 && bytes < 250_000, `${bytes} bytes`);
    await isAccessible(view);
    await picture(view, "today", look);
    await other.close();
  }
  await context.close();
});
