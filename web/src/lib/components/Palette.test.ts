import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { as, node, problem } from "../testing";
import Palette from "./Palette.svelte";

afterEach(() => vi.unstubAllGlobals());

const options = () => screen.getAllByRole("option", { hidden: true }).map((option) => option.textContent?.trim());

it("offers the pages that one may open, and goes to the chosen one by the keys", async () => {
  as();
  const close = vi.fn();
  render(Palette, { close });
  expect(options()).not.toContain("Activity");
  const field = screen.getByRole("combobox", { hidden: true });
  await fireEvent.input(field, { target: { value: "p" } });
  await fireEvent.keyDown(field, { key: "ArrowDown" });
  await fireEvent.keyDown(field, { key: "Enter" });
  expect(close).toHaveBeenCalledOnce();
  expect(router.path).not.toBe("/nowhere");
});

it("finds packages, apps and people, and passes over what one may not look through", async () => {
  as("mentor");
  node({
    "GET /v1/projects": { projects: [{ purl: "pkg:pypi/demo" }] },
    "GET /v1/apps": { apps: [{ app: "app_1", title: "Demo list" }] },
    "GET /v1/people": problem(403, "Not you."),
  });
  render(Palette, { close: vi.fn() });
  await fireEvent.input(screen.getByRole("combobox", { hidden: true }), { target: { value: "dem" } });
  await screen.findByText("Demo list");
  expect(options()).toEqual(["demoPython", "Demo listapp"]);
});

it("says where nothing has that name", async () => {
  as();
  node({ "GET /v1/projects": { projects: [] }, "GET /v1/apps/own": { apps: [] } });
  render(Palette, { close: vi.fn() });
  await fireEvent.input(screen.getByRole("combobox", { hidden: true }), { target: { value: "zzz" } });
  await screen.findByText("Nothing here has that name.");
});

it("finds a part of Set-up by its name, where one may open it", async () => {
  as("steward");
  node({ "GET /v1/projects": { projects: [] }, "GET /v1/apps": { apps: [] }, "GET /v1/people": { people: [] } });
  const { unmount } = render(Palette, { close: vi.fn() });
  const field = screen.getByRole("combobox", { hidden: true });
  await fireEvent.input(field, { target: { value: "settin" } });
  await fireEvent.keyDown(field, { key: "Enter" });
  expect(router.path).toBe("/setup/settings");
  unmount();
  as();
  render(Palette, { close: vi.fn() });
  await fireEvent.input(screen.getByRole("combobox", { hidden: true }), { target: { value: "settin" } });
  expect(screen.queryByRole("option", { hidden: true })).toBeNull();
});
