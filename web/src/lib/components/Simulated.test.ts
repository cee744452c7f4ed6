import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import Simulated from "./Simulated.svelte";

const nothing = { judged: 40, otherwise: 0, changes: [], not_judged: {}, truncated: false };
const told = (more: object) => render(Simulated, { result: { ...nothing, ...more } as unknown as Schemas["Simulated"] });
const change = { index: 7, time: "2026-11-22T10:00:00Z", times: 3, action: "packages:fetch-file", on: "pkg:pypi/demo@2.0", who: "ben", before: { outcome: "allow", policies: [] }, after: { outcome: "deny", policies: ["no-demo"], reason: "demo is not used here" } };

it("says that nothing would be otherwise, and gives no empty file", () => {
  told({});
  expect(screen.getByRole("status").textContent).toContain("None of the 40 attempts would have been decided otherwise.");
  expect(screen.getByRole("status").className).toContain("same");
  expect(screen.queryByRole("button")).toBeNull();
});

it("shows each attempt with before and after, and leads to its record", () => {
  told({ otherwise: 3, changes: [change] });
  expect(screen.getByRole("status").textContent).toContain("3 of 40 attempts");
  expect(screen.getByRole("listitem").textContent).toMatch(/demo.*ben fetched, 3 times.*allowed.*denied.*demo is not used here/s);
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toContain("/activity/7");
  expect(screen.getByRole("button", { name: "Export: CSV" })).toBeTruthy();
});

it("says what it could not judge, and that there is more", () => {
  told({ not_judged: { "facts-missing": 2, "no-such-action": 1 }, truncated: true });
  expect(screen.getByRole("status").textContent).toMatch(/newest.*3 attempts cannot be judged again/s);
});
