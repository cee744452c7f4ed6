// A company of fifty thousand: its list is there at once, anybody is found by name, group or role, and it is scrolled without a stutter.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isSmooth } from "./frames.js";
import { isAccessible, scene, somebody } from "./scene.js";

/** How many people the list is scrolled on by the wheel, which fetches them. */
const SCROLLED = 5000;
/** What the page itself may take of a frame, in milliseconds of the processor. */
const OWN = 50;
/** How long somebody waits at most, in milliseconds, debug build and busy machine included. */
const SOON = 5000;

const rows = (page) => page.locator("tbody tr[aria-rowindex]");

/** How long it takes until it is so, in milliseconds, as whoever does it sees it. */
async function takes(what, act, isSo) {
  const begin = performance.now();
  await act();
  await isSo();
  const time = performance.now() - begin;
  console.log(`${what}: ${time.toFixed(0)} ms`);
  assert.ok(time < SOON, `${what} took ${time} ms`);
}

test("fifty thousand people are listed, found and scrolled", async () => {
  const { context, page, quiet } = await somebody("asha");
  await page.goto(scene.url);
  await page.getByRole("heading", { name: "Health" }).waitFor();
  await takes("first rows", () => page.goto(`${scene.url}/people`), () => rows(page).nth(99).waitFor());
  assert.equal(await rows(page).count(), 100);
  const field = page.getByLabel("Name or id");
  await takes("the last of them by name", () => field.fill(scene.last), () => page.locator("tbody tr[aria-rowindex]:only-child", { hasText: scene.last }).waitFor());
  await takes("everybody again", () => field.fill(""), () => rows(page).nth(99).waitFor());
  await takes("a group of three", () => page.getByLabel("Group").fill("night-shift"), () => page.waitForFunction(() => document.querySelectorAll("tbody tr[aria-rowindex]").length === 3));
  await page.getByLabel("Group").fill("");
  await takes("a role of one", () => page.getByLabel("Role").selectOption("steward"), () => page.waitForFunction(() => document.querySelectorAll("tbody tr[aria-rowindex]").length === 1));
  await page.getByLabel("Role").selectOption("");
  await rows(page).nth(99).waitFor();

  // By the wheel: the next rows are there before the end of those that are.
  await page.mouse.move(640, 600);
  const begin = performance.now();
  const reached = () => page.locator("table").getAttribute("aria-rowcount").then(Number);
  while ((await reached()) <= SCROLLED) await page.mouse.wheel(0, 4000);
  console.log(`${SCROLLED} people by the wheel: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  assert.ok((await rows(page).count()) < 900, `${await rows(page).count()} rows stand in the page`);
  await isSmooth(page, { wheel: Array.from({ length: 300 }, (_, at) => 0.2 + at * 0.0008), drag: Array.from({ length: 240 }, (_, at) => 0.95 * Math.abs(1 - at / 120)) }, OWN);
  await isAccessible(page);
  quiet();
  await context.close();
});
