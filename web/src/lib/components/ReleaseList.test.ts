import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import ReleaseList from "./ReleaseList.svelte";
import Timeline from "./Timeline.svelte";

const releases = Array.from({ length: 30 }, (_, at) => ({
  version: `1.${30 - at}`,
  outcome: at < 2 ? "hold" : "allow",
  published: new Date(Date.UTC(2026, 0, 30 - at)).toISOString(),
  policies: [],
  files: [],
  counted_from: "published",
  yanked: false,
})) as unknown as Schemas["Release"][];

it("shows a few, the chosen one among them, and all on demand", async () => {
  const choose = vi.fn();
  render(ReleaseList, { releases, chosen: "1.3", choose });
  expect(screen.getAllByRole("listitem").length).toBe(13);
  expect(screen.getByRole("button", { name: /1\.3 / }).getAttribute("aria-pressed")).toBe("true");
  await fireEvent.click(screen.getByRole("button", { name: "All 30 releases" }));
  expect(screen.getAllByRole("listitem").length).toBe(30);
  await fireEvent.click(screen.getByRole("button", { name: /1\.29 / }));
  expect(choose).toHaveBeenCalledWith("1.29");
});

it("draws each release where it came, in the colour of how it is judged", () => {
  const { container } = render(Timeline, { releases, chosen: "1.30", choose: vi.fn() });
  expect(container.querySelectorAll("rect").length).toBe(30);
  expect(container.querySelectorAll("rect.hold").length).toBe(2);
  const x = [...container.querySelectorAll("rect")].map((rect) => Number(rect.getAttribute("x")));
  expect(x).toEqual([...x].sort((a, b) => a - b));
});
