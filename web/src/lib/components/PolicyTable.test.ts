import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import PolicyTable from "./PolicyTable.svelte";

const policy = (id: string, file: string, built_in: boolean, held = 0) => ({ id, file, built_in, outcome: "hold" as const, held, denied: 0 });

it("puts one's own first, then the doors, and counts where that is counted", async () => {
  const { rerender } = render(PolicyTable, { policies: [policy("gate", "built-in/gate.cedar", true), policy("wait", "built-in/packages.cedar", true, 1200), policy("mine", "own.cedar", false)] });
  expect(screen.getAllByRole("heading").map((heading) => heading.textContent)).toEqual(["Your own", "At the package doors"]);
  expect(screen.getByText("1,200")).toBeTruthy();
  expect(screen.getAllByText("nothing").length).toBe(1);
  // The node's own doors are a click away, and open for what was searched for.
  const gate = screen.getByText("At the gate, before anything else (1)").closest("details");
  expect(gate?.open).toBe(false);
  await rerender({ all: true });
  expect(gate?.open).toBe(true);
});
