// Somebody logs in at their company's own provider and finds themselves in the console.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium, listens, LOOKS, scene } from "./scene.js";

test("who logs in at a provider is led to Today", async () => {
  const context = await chromium.newContext(LOOKS.light);
  const page = await context.newPage();
  await page.goto(`${scene.url}/`);
  await page.waitForURL("**/login");
  await page.getByRole("link", { name: /acme/ }).click();

  // The provider's own pages.
  await page.locator("input[name=login]").fill("ben");
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.locator("button[type=submit]").click();

  await page.waitForURL(`${scene.url}/`);
  const quiet = listens(page);
  await page.getByRole("heading", { name: "Today", level: 1 }).waitFor();
  assert.match((await page.getByTitle("Your account").textContent()) ?? "", /ben\s*builder/);

  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL("**/login");
  quiet();
  await context.close();
});
