import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import ProjectTable from "./ProjectTable.svelte";

it("leads to each project, and marks those of which something was stopped", () => {
  const projects = [{ purl: "pkg:npm/%40acme/tables", allowed: 1200, stopped: 0, last: "2026-11-22T10:00:00Z" }, { purl: "pkg:pypi/demo", allowed: 1, stopped: 2, last: "2026-11-22T10:00:00Z" }] as Schemas["ProjectKnown"][];
  render(ProjectTable, { projects });
  const [, first, second] = screen.getAllByRole("row").map((row) => [...row.querySelectorAll("td")]);
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/packages/npm/@acme/tables", "/packages/pypi/demo"]);
  expect(first?.map((cell) => cell.textContent?.trim()).slice(1, 3)).toEqual(["1,200", "0"]);
  expect(first?.[2]?.className).not.toContain("some");
  expect(second?.[2]?.className).toContain("some");
});
