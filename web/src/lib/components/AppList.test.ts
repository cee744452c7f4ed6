import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import AppList from "./AppList.svelte";

const app = { app: "app_1", title: "Price list", headline: "Makes it", about: "x", keys: 0, registered: "2026-11-22T10:00:00Z" };

it("says whose an app is and who has it next, and which is nobody's", () => {
  const apps = [
    { ...app, owner: { person: "prs_1", name: "asha" }, successor: { person: "prs_2" } },
    { ...app, app: "app_2", title: "Lost", orphaned: "2026-11-22T10:00:00Z" },
  ] as Schemas["App"][];
  render(AppList, { apps });
  const [first, second] = screen.getAllByRole("listitem");
  expect(first?.textContent).toMatch(/asha, then prs_2/);
  expect(second?.textContent).toContain("nobody's");
  expect(screen.getByRole("link", { name: /Price list/ }).getAttribute("href")).toBe("/apps/app_1");
});
