// What the stories in a real browser share: the browser, somebody in it with an authenticator app, and how a page is looked at.
// The node, its upstream and its people are given by whoever starts a story, in FANLIGHT_SCENE.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after } from "node:test";
import { chromium as system } from "playwright-core";

/** `url`, `chromium`, `screens`, `links` by name, `alone` where nothing else runs (`make torture`), and what else a story needs. */
export const scene = JSON.parse(process.env.FANLIGHT_SCENE ?? "{}");

/** The system's browser, until the stories of a file are over. Its own sandbox does not work for root, as in a container. */
export const chromium = await system.launch({ executablePath: scene.chromium, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
after(() => chromium.close());

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSWORD = "ochre tuba folding Tuesday";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** How pages are looked at: in both themes, and on a phone. */
export const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 860 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 860 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};

/** The code that an authenticator app shows (RFC 6238), now or so many half minutes away. */
export function codeOf(secret, away = 0) {
  const bits = [...secret.replace(/\s/g, "")].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + away));
  const mac = createHmac("sha1", key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Fails at its end where a page said that something was wrong or not allowed. */
export function listens(page) {
  const said = [];
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("console", (message) => {
    // What the node refuses is shown on the page; the browser notes it besides.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) said.push(message.text());
  });
  return () => assert.deepEqual(said, []);
}

/** Makes an account by a link, on the page people see. Gives the app's secret and the recovery codes. */
export async function join(page, name, link = scene.links[name]) {
  // The link names the node as passkeys need it; a session is good for the name it began under.
  await page.goto(link.replace(/^https?:\/\/[^/]+/, scene.url));
  await page.locator("#join").waitFor();
  const secret = await page.locator("#secret").textContent();
  const field = page.locator("#name");
  if (await field.isEditable()) await field.fill(name);
  // A browser that can have passkeys is offered one first.
  const other = page.locator("#by-password");
  if (!(await other.evaluate((details) => details.open))) await other.locator("summary").click();
  await page.locator("#password").fill(PASSWORD);
  await page.locator("#again").fill(PASSWORD);
  await page.locator("#code").fill(codeOf(secret));
  await page.locator("#join button[type=submit]").click();
  const codes = page.locator("#list li");
  await codes.first().waitFor();
  return { secret, codes: await codes.allTextContents() };
}

/** A passkey's place that is always there and always sure who it is. */
export const AUTHENTICATOR = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };

const MAY = { permissions: ["clipboard-read", "clipboard-write"] };

/** Somebody at a browser of their own, logged in by their link. */
export async function somebody(name) {
  const context = await chromium.newContext({ ...LOOKS.light, ...MAY });
  const page = await context.newPage();
  const quiet = listens(page);
  await join(page, name);
  return { context, page, quiet };
}

/** Another page of theirs, in one of the looks. */
export async function opened(context, path, look = "light") {
  const other = await chromium.newContext({ ...LOOKS[look], ...MAY, storageState: await context.storageState() });
  const page = await other.newPage();
  const quiet = listens(page);
  await page.goto(scene.url + path);
  return { page, quiet, close: () => other.close() };
}

/** A page of theirs as it is, in both themes and on a phone: ready, without what axe finds, quiet; and a picture of each. */
export async function seen(context, path, name, ready) {
  for (const look of Object.keys(LOOKS)) {
    const { page, quiet, close } = await opened(context, path, look);
    await ready(page);
    await isAccessible(page);
    await picture(page, name, look);
    quiet();
    await close();
  }
}

/** What stands in the page now, in both themes and at phone width, each once it is ready: without what axe finds, and a picture of each. */
export async function looked(page, name, ready = async () => {}) {
  for (const [look, { colorScheme, viewport }] of Object.entries(LOOKS)) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(viewport);
    // Until it is taken up, and drawn so.
    const taken = [`(prefers-color-scheme: ${colorScheme})`, "(prefers-reduced-motion: reduce)"];
    await page.waitForFunction((media) => media.every((one) => matchMedia(one).matches), taken);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    // Colours that go over into others are read once they are there.
    await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getTiming().iterations === Number.POSITIVE_INFINITY));
    await ready(page);
    await isAccessible(page);
    await picture(page, name, look);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: null });
  await page.setViewportSize(LOOKS.light.viewport);
}

/** Logs in with a recovery code, because a code of the app is good once. */
export async function logIn(page, name, { codes }) {
  await page.goto(`${scene.url}/login`);
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(PASSWORD);
  await page.locator("#code").fill(codes.pop());
  await page.locator("button[type=submit]").click();
  await page.waitForURL((url) => url.pathname !== "/login");
}

/** Has whoever started the story do something with the node, and waits until it is done. */
export async function told(what) {
  const answer = await fetch(`${scene.helper}/${what}`, { method: "POST" });
  assert.equal(answer.status, 200, await answer.text());
}

/** Nothing of what axe looks for is wrong with the page. */
export async function isAccessible(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} (${node.failureSummary})`).join("; ")}`);
  assert.deepEqual(told, [], new URL(page.url()).pathname);
}

/** A picture for people to look at, and no part of the page wider than the window; the window of another size for it where one is given. */
export async function picture(page, name, look, size) {
  const before = page.viewportSize();
  if (size) await page.setViewportSize(size);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name} is ${wide} pixels too wide (${look})`);
  mkdirSync(scene.screens, { recursive: true });
  await page.screenshot({ path: `${scene.screens}/${name}-${look}.png`, fullPage: true, animations: "disabled" });
  if (size) await page.setViewportSize(before);
}
