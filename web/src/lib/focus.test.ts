import { tick } from "svelte";
import { afterEach, beforeEach, expect, it } from "vitest";
import { remembered } from "./focus";

beforeEach(() => {
  document.body.innerHTML = `<main id="main" tabindex="-1"><button id="opens">Ask</button><button id="other">Other</button></main>`;
});
afterEach(() => (document.body.innerHTML = ""));

const at = () => document.activeElement?.id ?? "";
const element = (id: string) => document.getElementById(id) as HTMLElement;

/** A question is opened from a button, has the keys, and is gone. */
async function asked(meanwhile: () => void) {
  element("opens").focus();
  const over = remembered();
  const question = document.createElement("button");
  document.body.append(question);
  question.focus();
  meanwhile();
  question.remove();
  over();
  await tick();
}

it("gives the keys back to what opened a question", async () => {
  await asked(() => {});
  expect(at()).toBe("opens");
});

it("gives them to the page where what opened it is gone", async () => {
  await asked(() => element("opens").remove());
  expect(at()).toBe("main");
});

it("leaves them where they went meanwhile", async () => {
  await asked(() => element("other").focus());
  expect(at()).toBe("other");
});
