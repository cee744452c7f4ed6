// Somebody who has just started a node: from its link to the first package that came through the door, with every click counted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTHENTICATOR, chromium, isAccessible, listens, LOOKS, picture, scene, told } from "./scene.js";

/** More than these are too many. */
const CLICKS = 6;

test("a newcomer sees their first package on Today within six clicks and two commands", async () => {
  const context = await chromium.newContext({ ...LOOKS.light, permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const quiet = listens(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
  const began = Date.now();
  let clicks = 1;
  const click = async (what) => {
    clicks += 1;
    await what.click();
  };

  // The first click is on the link in the terminal.
  await page.goto(scene.links.asha);
  await page.locator("#name").fill("asha");
  await click(page.locator("#make-passkey"));
  await page.locator("#made").waitFor();
  await click(page.getByRole("link", { name: "Go on" }));
  await page.getByRole("heading", { name: "Today", level: 1 }).waitFor();
  await page.getByText("Nothing has come through yet").waitFor();
  await isAccessible(page);
  await picture(page, "today-empty", "light");
  await click(page.getByRole("link", { name: "Set up a client" }));
  await click(page.getByRole("button", { name: /^Copy/ }).first());
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "fanlight use pip");

  // The two commands: what was copied, and the installation itself.
  await told("install");
  await click(page.getByRole("link", { name: "Today" }));
  await page.locator("dt:has-text('Let through') + dd:text-is('1')").waitFor();
  console.log(`from the link to the first package on Today: ${((Date.now() - began) / 1000).toFixed(1)} seconds, ${clicks} clicks, two commands`);
  assert.ok(clicks <= CLICKS, `${clicks} clicks`);
  quiet();
  await context.close();
});
