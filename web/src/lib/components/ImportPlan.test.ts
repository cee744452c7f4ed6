import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import ImportPlan from "./ImportPlan.svelte";

const CSV = "name,groups,active\nkim,sales,\nasha,finance,yes\nben,,no\n";
const told = { new: ["kim"], back: [], leaving: ["ben"], joins: [{ person: "kim", group: "sales" }], leaves: [], unchanged: 1, refused: [], left_out: ["room"] };

it("says what a list would change, counted and line by line", async () => {
  render(ImportPlan, { csv: CSV, told });
  expect(screen.getByText("1 new person; 1 leaves; 1 line changes nothing.")).toBeTruthy();
  expect(screen.getByText(/room/)).toBeTruthy();
  const rows = screen.getAllByRole("row").slice(1);
  expect(rows.map((row) => row.textContent?.replace(/\s+/g, " ").trim())).toEqual(["2kimnew into sales", "3ashano change", "4benleaves"]);
  await fireEvent.click(screen.getByRole("button", { name: "leaves (1)" }));
  expect(screen.getAllByRole("row").slice(1).length).toBe(1);
});

it("shows first what is refused, and why", () => {
  render(ImportPlan, { csv: CSV, told: { ...told, leaving: [], refused: [{ line: 4, why: "No steward would be left." }] } });
  expect(screen.getByRole("alert").textContent).toContain("1 line cannot be taken.");
  const rows = screen.getAllByRole("row").slice(1);
  expect(rows.length).toBe(1);
  expect(rows[0]?.textContent).toContain("No steward would be left.");
});
