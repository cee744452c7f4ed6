import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import Decision from "./Decision.svelte";

const epoch = { number: 3, digest: "00ff" };

it("says how it was decided, why, until when, what to do, and by which policies", () => {
  render(Decision, { decision: { outcome: "hold", policies: ["wait-and-see", "no-demo"], reason: "it is new", advice: "take 1.0", until: "2026-11-26T15:57:00Z" }, epoch });
  expect(screen.getByText("held")).toBeTruthy();
  expect(screen.getByText("it is new")).toBeTruthy();
  expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual(["/policies/wait-and-see", "/policies/no-demo"]);
  expect(screen.getByText("wait-and-see").closest("dd")?.textContent).toBe("wait-and-see, no-demo");
});

it("names the exception that let it pass, and what that set aside", () => {
  render(Decision, { decision: { outcome: "allow", policies: [], excepted: { by: ["exc_1"], lifted: ["wait-and-see"] } }, epoch });
  expect(screen.getByText(/exc_1/).textContent).toContain("wait-and-see");
  expect(screen.getByText("none")).toBeTruthy();
});
