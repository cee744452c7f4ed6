import { fireEvent, render, screen } from "@testing-library/svelte";
import { createRawSnippet } from "svelte";
import { afterEach, expect, it } from "vitest";
import { live } from "../live.svelte";
import { as } from "../testing";
import Shell from "./Shell.svelte";

afterEach(() => (live.connected = true));

const children = createRawSnippet(() => ({ render: () => "<p>the page</p>" }));
const views = () => screen.getAllByRole("listitem").map((item) => item.textContent?.trim());

it("leads to the pages of everybody, and to more by role", () => {
  as();
  const { unmount } = render(Shell, { children });
  expect(views()).toEqual(["Today", "My requests", "Packages", "Apps", "Set-up"]);
  unmount();
  as("auditor");
  render(Shell, { children });
  expect(views()).toContain("Activity");
});

it("opens the palette by a key from anywhere", async () => {
  as();
  render(Shell, { children });
  await fireEvent.keyDown(window, { key: "k", ctrlKey: true });
  expect(screen.getByRole("combobox", { hidden: true })).toBeTruthy();
});

it("says while the node does not answer", () => {
  as();
  live.connected = false;
  render(Shell, { children });
  expect(screen.getByRole("status").textContent).toContain("The node does not answer.");
});
