import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import TryPolicy from "./TryPolicy.svelte";

afterEach(() => vi.unstubAllGlobals());

const nothing = { faults: [], warnings: [], replaces: [], records: 9, judged: 9, otherwise: 0, changed: {}, not_judged: {}, changes: [], not_listed: 0, truncated: false };

async function tried(answer: object) {
  vi.stubGlobal("fetch", async () => Response.json({ ...nothing, ...answer }));
  const { container } = render(TryPolicy, {});
  await fireEvent.submit(screen.getByLabelText("Policies, in Cedar").closest("form") as HTMLFormElement);
  await screen.findByRole("status");
  return container;
}

it("says what would be otherwise, for whom and why", async () => {
  const change = { index: 4, time: "2026-11-22T10:00:00Z", times: 2, action: "packages:fetch-file", on: "pkg:pypi/demo@1.0", who: "prs_1", before: { outcome: "allow", policies: [] }, after: { outcome: "deny", policies: ["no-demo"], reason: "demo is not used here" } };
  await tried({ otherwise: 2, changes: [change], replaces: ["no-demo"] });
  expect(screen.getByText("2 of 9 attempts would have been decided otherwise.")).toBeTruthy();
  expect(screen.getByText("It takes the place of no-demo.")).toBeTruthy();
  expect(screen.getByRole("listitem").textContent).toMatch(/demo 1\.0|demo1\.0/);
  expect(screen.getByRole("listitem").textContent).toMatch(/allowed\s*→\s*denied/);
});

it("shows a fault at its line", async () => {
  const container = await tried({ faults: [{ file: "tried.cedar", line: 2, column: 5, message: "unexpected token" }] });
  expect(screen.getByText("line 2, column 5")).toBeTruthy();
  expect(container.querySelector(".numbers .fault")?.textContent).toBe("2\n");
});
