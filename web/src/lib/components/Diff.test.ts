import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Diff from "./Diff.svelte";

const change = { name: "company.cedar", what: "changed" as const, added: 1, removed: 1, diff: '--- company.cedar\n+++ company.cedar\n@@ -1,2 +1,2 @@\n // why\n--- a remark that was there\n+@id("x")\n' };

it("shows which lines came and went, and none of the file's names twice", () => {
  const { container } = render(Diff, { changes: [change] });
  expect([...container.querySelectorAll(".came")].map((line) => line.textContent)).toEqual(['+@id("x")\n']);
  expect([...container.querySelectorAll(".went")].map((line) => line.textContent)).toEqual(["--- a remark that was there\n"]);
  expect(screen.getByText("changed, 1 line came, 1 went")).toBeTruthy();
});

it("says where nothing is otherwise", () => {
  render(Diff, { changes: [] });
  expect(screen.getByText("No file is otherwise.")).toBeTruthy();
});
