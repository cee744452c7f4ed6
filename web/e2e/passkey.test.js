// Somebody whose only second factor is a passkey: comes in by it, and shows it anew where an act is grave.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTHENTICATOR, chromium, isAccessible, listens, LOOKS, picture, scene, told } from "./scene.js";

test("the first steward comes in by a passkey, and does what is grave by showing it again", async () => {
  const context = await chromium.newContext(LOOKS.light);
  const page = await context.newPage();
  const quiet = listens(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });

  // Passkeys are bound to the name that the link has.
  const { origin } = new URL(scene.links.asha);
  await page.goto(scene.links.asha);
  await page.locator("#name").fill("asha");
  await page.locator("#make-passkey").click();
  await page.locator("#made").waitFor();
  await page.goto(origin);
  await page.getByRole("heading", { name: "Today", level: 1 }).waitFor();

  await page.goto(`${origin}/people`);
  await page.getByRole("link", { name: "ben" }).click();
  // Just now it was shown, so nothing is asked.
  await page.getByRole("button", { name: "Give: mentor" }).click();
  await page.getByRole("button", { name: "Take away: mentor" }).waitFor();

  await told("later");
  await page.reload();
  await page.getByRole("button", { name: "Give: reviewer" }).click();
  await page.getByRole("heading", { name: "Show your second factor" }).waitFor();
  assert.equal(await page.getByLabel("Code of your authenticator app").count(), 0);
  await isAccessible(page);
  await picture(page, "step-up", "light");
  // Whoever is at the browser and does not show that they are asha gets no further.
  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByText("No passkey was given").waitFor();
  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.getByRole("button", { name: "Take away: reviewer" }).waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  quiet();
  await context.close();
});
