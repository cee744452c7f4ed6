import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { Refusal } from "../api/client";
import * as exporting from "../exporting";
import { press } from "../testing";
import Export from "./Export.svelte";

afterEach(() => vi.restoreAllMocks());

it("gives the list that is shown as a file", async () => {
  const save = vi.spyOn(exporting, "save").mockImplementation(() => {});
  render(Export, { name: "people", rows: [{ name: "asha" }] });
  await press("Export: CSV");
  await press("Export: JSON");
  expect(save.mock.calls).toEqual([
    ["people.csv", "text/csv", "name\r\nasha\r\n"],
    ["people.json", "application/json", '[\n  {\n    "name": "asha"\n  }\n]'],
  ]);
});

it("offers nothing where there is nothing", () => {
  render(Export, { name: "people", rows: [] });
  expect((screen.getByRole("button", { name: "Export: CSV" }) as HTMLButtonElement).disabled).toBe(true);
});

it("says why a file could not be made", async () => {
  render(Export, { name: "people", rows: () => Promise.reject(new Refusal(403, "No", "Not you.", undefined, [], undefined)) });
  await press("Export: CSV");
  expect((await screen.findByRole("alert", { hidden: true })).textContent).toContain("Not you.");
  await press("Close");
  expect(screen.queryByRole("alert", { hidden: true })).toBeNull();
});
