import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import NotYours from "./NotYours.svelte";

it("says whose the page is, and what to do", () => {
  const { unmount } = render(NotYours, { view: "activity" });
  expect(screen.getByText("This is for an auditor or a steward")).toBeTruthy();
  expect(screen.getByText(/ask a steward/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Go to Today" }).getAttribute("href")).toBe("/");
  unmount();
  render(NotYours, { view: "policies" });
  expect(screen.getByText("This is for a reviewer, an auditor or a steward")).toBeTruthy();
});
