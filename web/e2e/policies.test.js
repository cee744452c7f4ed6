// A policy written, tried over the record, proposed by one steward, published by another, and taken back the same way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isAccessible, looked, picture, scene, seen, somebody } from "./scene.js";

const NO_DEMO = `@id("no-demo")
@outcome("deny")
@reason("{project} is not used here")
@advice("use goodlib instead")
forbid (principal, action in Fanlight::Action::"packages:fetch", resource)
when { context.project == "demo" };
`;

/** Pastes a text in place of all that is there, as people do. */
async function write(page, field, text) {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await field.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+v");
}

/** Each line of the editor has its number beside it, also where lines are broken because the window is narrow: once it is seen. */
const isNumbered = async (page) => {
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForFunction(() => {
    const root = [...document.querySelectorAll("main *")].find((one) => one.shadowRoot)?.shadowRoot;
    const tops = (of) => [...(root?.querySelectorAll(of) ?? [])].filter((one) => one.offsetHeight > 0 && getComputedStyle(one).visibility !== "hidden").map((one) => one.getBoundingClientRect().top);
    const [lines, numbers] = [tops(".cm-line"), tops(".cm-lineNumbers .cm-gutterElement")];
    return lines.length > 0 && lines.length === numbers.length && lines.every((top, at) => Math.abs(top - (numbers[at] ?? 0)) < 4);
  });
};

/** Has a policy for demo proposed for that reason. */
async function propose(page, because) {
  await page.goto(`${scene.url}/policies?show=change`);
  await page.getByRole("button", { name: "Add a file" }).click();
  await page.getByLabel("Name of the file").fill("no-demo");
  await page.getByRole("dialog").getByRole("button", { name: "Add a file" }).click();
  await write(page, page.getByRole("textbox", { name: "Policies of no-demo.cedar, in Cedar" }), NO_DEMO);
  await page.getByText("No fault: 1 policy of your own would be in force.").waitFor();
  await page.getByRole("button", { name: "Propose", exact: true }).click();
  await page.getByLabel("Why it should be so").fill(because);
  await page.getByRole("dialog").getByRole("button", { name: "Propose", exact: true }).click();
  await page.getByRole("link", { name: because }).waitFor();
}

test("a policy is published by a second person, and rolled back", async () => {
  const [asha, ben] = [await somebody("asha"), await somebody("ben")];
  assert.equal((await fetch(scene.file)).status, 200);

  // Ben writes it; what is wrong is told as he types, at its place.
  await ben.page.goto(`${scene.url}/policies`);
  await ben.page.getByRole("link", { name: "Change policies" }).click();
  await ben.page.getByText("You have no policies of your own yet").waitFor();
  await ben.page.getByRole("button", { name: "Add a file" }).click();
  await ben.page.getByLabel("Name of the file").fill("no-demo");
  await ben.page.getByRole("dialog").getByRole("button", { name: "Add a file" }).click();
  const field = ben.page.getByRole("textbox", { name: "Policies of no-demo.cedar, in Cedar" });
  await write(ben.page, field, NO_DEMO.replace("context.project", "context.nothing"));
  await ben.page.getByText("It is not right yet").waitFor();
  await ben.page.getByRole("button", { name: /^no-demo\.cedar, line 6/ }).first().click();
  assert.equal(await ben.page.locator(".fault-number").count(), 1);
  await isAccessible(ben.page);
  await picture(ben.page, "policy-fault", "light");
  await write(ben.page, field, NO_DEMO);
  await ben.page.keyboard.type("// typed");
  await ben.page.keyboard.press("Enter");
  await ben.page.getByText("No fault: 1 policy of your own would be in force.").waitFor();
  // What was written is there when the page is loaded anew.
  await ben.page.reload();
  await field.waitFor();

  // Tried over the record, then proposed.
  await ben.page.getByRole("button", { name: "Try it" }).click();
  await ben.page.getByText(/would have been decided otherwise/).waitFor();
  await ben.page.getByText("demo is not used here").first().waitFor();
  await ben.page.getByRole("button", { name: "Judge it" }).click();
  await ben.page.getByText("by no-demo").waitFor();
  await ben.page.getByText(/policies had nothing to say/).waitFor();
  await looked(ben.page, "policy-change", isNumbered);
  await ben.page.getByRole("button", { name: "Propose", exact: true }).click();
  await ben.page.getByLabel("Why it should be so").fill("security withdrew demo");
  await ben.page.getByRole("dialog").getByRole("button", { name: "Propose", exact: true }).click();
  await ben.page.getByRole("link", { name: "security withdrew demo" }).click();
  await ben.page.getByRole("button", { name: "Take back" }).waitFor();
  assert.equal(await ben.page.getByRole("button", { name: "Approve and publish" }).count(), 0);
  assert.equal((await fetch(scene.file)).status, 200);

  // Asha sees the difference and puts it in force.
  await seen(asha.context, "/policies?show=proposals", "proposals", (page) => page.getByRole("link", { name: "security withdrew demo" }).waitFor());
  await asha.page.goto(`${scene.url}/inbox`);
  await asha.page.getByRole("link", { name: "1 change to the policies waits for an answer" }).click();
  await asha.page.getByRole("link", { name: "security withdrew demo" }).click();
  await asha.page.getByText('+@id("no-demo")').waitFor();
  const { pathname, search } = new URL(asha.page.url());
  await seen(asha.context, pathname + search, "proposal", (page) => page.getByText('+@id("no-demo")').waitFor());
  await asha.page.getByRole("button", { name: "Approve and publish" }).click();
  await asha.page.getByRole("dialog").getByRole("button", { name: "Approve and publish" }).click();
  await asha.page.getByText("published").first().waitFor();
  const refused = await fetch(scene.file);
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /demo is not used here/);

  // It was wrong: the way back is proposed and approved the same way.
  await seen(asha.context, "/policies?show=history", "history", (page) => page.getByText("security withdrew demo").waitFor());
  await asha.page.goto(`${scene.url}/policies?show=history`);
  await asha.page.getByRole("button", { name: /security withdrew demo/ }).click();
  await asha.page.getByText('+@id("no-demo")').waitFor();
  await asha.page.getByRole("button", { name: "Go back to it" }).first().click();
  await asha.page.getByLabel("Why it should be so").fill("demo is needed after all");
  await asha.page.getByRole("dialog").getByRole("button", { name: "Propose", exact: true }).click();
  await asha.page.getByRole("link", { name: "demo is needed after all" }).waitFor();
  await ben.page.goto(`${scene.url}/policies?show=proposals`);
  await ben.page.getByRole("link", { name: "demo is needed after all" }).click();
  await ben.page.getByText('-@id("no-demo")').waitFor();
  await ben.page.getByRole("button", { name: "Approve and publish" }).click();
  await ben.page.getByRole("dialog").getByRole("button", { name: "Approve and publish" }).click();
  await ben.page.getByText("published").first().waitFor();
  assert.equal((await fetch(scene.file)).status, 200);

  // What nobody wants is refused with words, and who proposed it reads them.
  await propose(ben.page, "demo is not liked");
  await asha.page.goto(`${scene.url}/policies?show=proposals`);
  await asha.page.getByRole("link", { name: "demo is not liked" }).click();
  await asha.page.getByRole("button", { name: "Refuse" }).click();
  await asha.page.getByLabel("Why, and what to use instead").fill("liking is no reason");
  await isAccessible(asha.page);
  await picture(asha.page, "proposal-refusing", "light");
  await asha.page.getByRole("dialog").getByRole("button", { name: "Refuse" }).click();
  await asha.page.getByText("liking is no reason").waitFor();
  assert.equal(await asha.page.getByRole("button", { name: "Approve and publish" }).count(), 0);
  await ben.page.goto(`${scene.url}/policies?show=proposals&state=refused`);
  await ben.page.getByRole("link", { name: "demo is not liked" }).click();
  await ben.page.getByText("liking is no reason").waitFor();
  await picture(ben.page, "proposal-refused", "light");

  // And who thinks better of it takes it back: then there is nothing to answer.
  await propose(ben.page, "demo is to go after all");
  await ben.page.getByRole("link", { name: "demo is to go after all" }).click();
  await ben.page.getByRole("button", { name: "Take back" }).click();
  await ben.page.getByText("taken back").first().waitFor();
  assert.equal(await ben.page.getByRole("button", { name: "Take back" }).count(), 0);
  await asha.page.goto(`${scene.url}/policies?show=proposals`);
  await asha.page.getByText("No proposal is here").waitFor();
  await asha.page.goto(`${scene.url}/policies?show=proposals&state=withdrawn`);
  await asha.page.getByRole("link", { name: "demo is to go after all" }).waitFor();
  assert.equal((await fetch(scene.file)).status, 200);

  // The history is looked through by words.
  await asha.page.goto(`${scene.url}/policies?show=history`);
  await asha.page.getByLabel("Words or name").fill("after all");
  await asha.page.getByText("security withdrew demo").waitFor({ state: "detached" });
  await asha.page.getByText("demo is needed after all").waitFor();
  await asha.page.getByLabel("Words or name").fill("nothing like that");
  await asha.page.getByText("No version fits").waitFor();
  asha.quiet();
  ben.quiet();
});
