// Every page by the keys alone: what can be pressed is reached, it is seen where the keys are, and nobody is caught anywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { opened, scene, somebody } from "./scene.js";

const { context, page: hers } = await somebody("asha");

const PAGES = ["/", "/inbox", "/inbox?state=all", "/requests", "/packages", "/packages?show=quarantined", "/packages?q=demo", "/apps", "/apps?show=all", "/activity", "/policies", "/policies?show=exceptions"];
const MORE = ["/policies?show=proposals", "/policies?show=history", "/policies?show=change", "/people", "/people?show=spare", "/people/import", "/setup", "/setup/machines", "/setup/sources", "/setup/settings", "/setup/node"];
const PRESSED = "a[href], button, input, select, textarea, summary, [tabindex='0']";

/** What has the keys now: whether it is seen, and seen to have them. Nothing where the keys have left the page. */
const place = (page) =>
  page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body) return undefined;
    const { width, height, bottom, top } = at.getBoundingClientRect();
    const said = (at.getAttribute("aria-label") ?? at.textContent ?? "").trim().slice(0, 60);
    // A field in a box of its own has its mark around the box.
    const around = [at, at.parentElement, at.parentElement?.parentElement].filter(Boolean);
    const isMarked = around.some((one) => getComputedStyle(one).outlineStyle !== "none" && Number.parseFloat(getComputedStyle(one).outlineWidth) > 0) || at.closest(".cm-focused") !== null;
    at.dataset.reached = "yes";
    return { what: `${at.tagName.toLowerCase()} ${said}`, isSeen: width > 0 && height > 0 && bottom > 0 && top < innerHeight, isMarked };
  });

/** Presses Tab until the keys have left the page; gives what was met. */
async function walked(page) {
  const met = [];
  for (let steps = 0; steps < 500; steps += 1) {
    await page.keyboard.press("Tab");
    const found = await place(page);
    if (!found) return met;
    met.push(found);
  }
  throw new Error(`the keys do not leave the page; the last were at ${met.slice(-3).map(({ what }) => what).join(", ")}`);
}

/** What can be pressed and was not reached. */
const missed = (page) =>
  page.evaluate(
    (pressed) =>
      [...document.querySelectorAll(pressed)]
        .filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }) && !one.closest("[aria-hidden='true']") && one.dataset.reached === undefined && one.tabIndex >= 0)
        .map((one) => one.outerHTML.slice(0, 120)),
    PRESSED,
  );

for (const path of [...PAGES, ...MORE]) {
  test(`${path} is walked by the keys`, async () => {
    const { page, quiet, close } = await opened(context, path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle", { timeout: 1500 }).catch(() => undefined);
    await page.locator(".loading").first().waitFor({ state: "detached" });
    const met = await walked(page);
    assert.ok(met.length > 10, `${met.length} places`);
    assert.deepEqual(met.filter(({ isSeen, isMarked }) => !isSeen || !isMarked), []);
    assert.deepEqual(await missed(page), []);
    quiet();
    await close();
  });
}

test("the first key skips to the page, a link leads into the next one, and a question gives the keys back", async () => {
  await hers.goto(`${scene.url}/people`);
  await hers.getByRole("link", { name: "asha", exact: true }).waitFor();
  await hers.keyboard.press("Tab");
  assert.equal((await place(hers)).what, "a Skip to the page");
  await hers.keyboard.press("Enter");
  assert.match((await place(hers)).what, /^main /);
  await hers.keyboard.press("Tab");
  assert.match((await place(hers)).what, /^button Export: CSV/);

  // A question is left by Escape, and the keys are where they were.
  const invite = hers.getByRole("button", { name: "Invite somebody" });
  await invite.focus();
  await hers.keyboard.press("Enter");
  await hers.getByRole("dialog").waitFor();
  assert.match((await place(hers)).what, /^input/);
  await hers.keyboard.press("Escape");
  await hers.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal((await place(hers)).what, "button Invite somebody");

  // Another page by the keys: they are in it, and not in front of its way.
  await hers.getByRole("link", { name: "Packages", exact: true }).focus();
  await hers.keyboard.press("Enter");
  await hers.getByRole("heading", { name: "Packages", level: 1 }).waitFor();
  await hers.waitForFunction(() => document.activeElement?.id === "main");
  await hers.keyboard.press("Control+k");
  await hers.getByRole("combobox", { name: "Find anything" }).fill("set-u");
  await hers.keyboard.press("Enter");
  await hers.getByRole("heading", { name: "Set-up", level: 1 }).waitFor();
  await hers.waitForFunction(() => document.activeElement?.id === "main");
});
