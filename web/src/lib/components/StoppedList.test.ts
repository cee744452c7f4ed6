import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import StoppedList from "./StoppedList.svelte";

const one = {
  purl: "pkg:pypi/ruff@0.17.6",
  outcome: "hold" as const,
  policy: "wait-and-see",
  reason: "ruff 0.17.6 was published 2 days ago; new releases wait 7 days here",
  until: "2026-11-27T10:00:00Z",
  times: 3,
  callers: 1,
  last: "2026-11-22T10:00:00Z",
};

it("shows each release with its reason and leads to it", () => {
  render(StoppedList, { stopped: [one] });
  expect(screen.getByRole("link", { name: /ruff/ }).getAttribute("href")).toBe("/packages/pypi/ruff?version=0.17.6");
  expect(screen.getByText(one.reason)).toBeTruthy();
  expect(screen.getByText("held")).toBeTruthy();
  expect(screen.getByText(/3 times, 1 caller/)).toBeTruthy();
});

it("says what would be here", () => {
  render(StoppedList, { stopped: [] });
  expect(screen.getByText("Nothing was stopped")).toBeTruthy();
});

it("says that nothing fits where a search narrows it", () => {
  render(StoppedList, { stopped: [], narrowed: true });
  expect(screen.getByText("Nothing fits")).toBeTruthy();
});
