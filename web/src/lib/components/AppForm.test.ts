import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { node, press, problem, submit, write } from "../testing";
import AppForm from "./AppForm.svelte";

afterEach(() => {
  vi.unstubAllGlobals();
  router.go("/apps");
});

async function filled() {
  await press("Register an app");
  await write("Title", " Price list ");
  await write("What it does, on one line", "Makes the price list");
  await write("What else is worth knowing", "For sales.");
  await write("Who has it when you leave", "ben ");
  await submit("Title");
}

it("registers an app and leads to it once the list has it", async () => {
  const asked = node({ "POST /v1/apps": { app: "app_7", title: "Price list" } });
  const registered = vi.fn(async () => expect(router.path).toBe("/apps"));
  router.go("/apps");
  render(AppForm, { registered });
  await filled();
  await vi.waitFor(() => expect(router.path).toBe("/apps/app_7"));
  expect(registered).toHaveBeenCalledOnce();
  expect(asked).toEqual([["POST /v1/apps", { title: "Price list", headline: "Makes the price list", about: "For sales.", successor: "ben" }]]);
});

it("keeps what was written where the node does not take it", async () => {
  node({ "POST /v1/apps": problem(422, "Nobody here is called ben.") });
  const registered = vi.fn();
  render(AppForm, { registered });
  await filled();
  expect((await screen.findByRole("alert", { hidden: true })).textContent).toContain("Nobody here is called ben.");
  expect((screen.getByLabelText("Title") as HTMLInputElement).value.trim()).toBe("Price list");
  expect(registered).not.toHaveBeenCalled();
});
