import { expect, it } from "vitest";
import { Refusal } from "./api/client";
import { Loaded } from "./loaded.svelte";

it("keeps what is there until the answer comes, and the answer to the later question", async () => {
  const loaded = new Loaded<string>();
  await loaded.ask(async () => "first");
  let answer = (_: string) => {};
  const early = loaded.ask(() => new Promise((resolve) => (answer = resolve)));
  expect([loaded.value, loaded.asking]).toEqual(["first", true]);
  await loaded.ask(async () => "later");
  answer("early");
  await early;
  expect([loaded.value, loaded.asking]).toEqual(["later", false]);
});

it("tells trouble beside what was there before", async () => {
  const loaded = new Loaded<string>();
  await loaded.ask(async () => "before");
  await loaded.ask(() => Promise.reject(new Refusal(503, "", "No.", undefined, [], undefined)));
  expect([loaded.value, loaded.trouble?.message]).toEqual(["before", "No."]);
});
