// The record of a large company, a million decisions long, scrolled as fast as a hand can: no frame may be late, and what is reached is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isSmooth, scrolled } from "./frames.js";
import { scene, somebody } from "./scene.js";

const RECORDS = 1_000_000;
const BOX = "[role=region]";
/** What the page itself may take of a frame, in milliseconds of the processor: this does not depend on what else the machine does. */
const OWN = 25;

const OUTCOMES = ["allow", "allow", "allow", "hold", "deny", "mask"];
const ACTIONS = ["packages:fetch-file", "packages:read-index", "console:read-status", "account:log-in"];

/** The record of that number, as the node would show it. */
function lineOf(index) {
  const outcome = OUTCOMES[index % OUTCOMES.length];
  return {
    index,
    opened: { person: `person-${index % 97}`, machine: `machine-${index % 13}` },
    record: {
      time: new Date(Date.UTC(2026, 0, 1) + index * 20_000).toISOString(),
      node: "n",
      action: ACTIONS[index % ACTIONS.length],
      who: { kind: "Person", id: `prs_${index % 97}`, strength: "device-token" },
      on: { kind: "Release", id: `pkg:pypi/package-${index % 1009}@1.${index % 31}` },
      decision: { outcome, policies: outcome === "allow" ? [] : ["wait-and-see"] },
      epoch: { number: 1, digest: "d" },
    },
  };
}

/** Answers for the node: the record alone is not its own. */
function answers(page) {
  return page.route("**/v1/ledger/page", async (route) => {
    const { before = RECORDS, limit = 50 } = route.request().postDataJSON();
    const first = Math.max(0, before - limit);
    const lines = Array.from({ length: before - first }, (_, at) => lineOf(before - 1 - at));
    await route.fulfill({ json: { origin: "o", size: RECORDS, lines, ...(first > 0 ? { next: first } : {}) } });
  });
}

/** By a wheel, by dragging the bar from end to end and back, and by jumps. */
const WAYS = {
  wheel: Array.from({ length: 300 }, (_, at) => 0.2 + at * 0.00002),
  drag: Array.from({ length: 240 }, (_, at) => Math.abs(1 - at / 120)),
  jumps: Array.from({ length: 120 }, (_, at) => (at * 0.618034) % 1),
};

test("a million records are scrolled without a stutter", async () => {
  const { context, page, quiet } = await somebody("asha");
  await answers(page);
  await page.goto(`${scene.url}/activity`);
  await page.getByText("1,000,000 records").waitFor();
  await page.evaluate(() => document.fonts.ready);
  await page.getByRole("link", { name: /person-/ }).first().waitFor();
  const idle = await scrolled(page, new Array(120).fill(undefined), BOX);
  console.log(`nothing done: the worst frame after ${Math.max(...idle).toFixed(1)} ms`);
  await isSmooth(page, WAYS, OWN, BOX);

  // What is reached is there: the last row is the first record, and few rows stand in the page.
  await page.getByRole("region", { name: "Activity" }).focus();
  await page.keyboard.press("End");
  await page.locator("a[href='/activity/0']").waitFor();
  assert.ok((await page.getByRole("region", { name: "Activity" }).getByRole("listitem").count()) < 60);
  await page.locator("a[href='/activity/0']").click();
  await page.getByRole("heading", { name: "Record 0" }).waitFor();
  await page.goBack();
  await page.locator("a[href='/activity/0']").waitFor();
  quiet();
  await context.close();
});
