import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import Evidence from "./Evidence.svelte";

const evidence = (more: object) =>
  ({ request: { judged: { facts: { yanked: false } } }, others: [], in_use: [], reviews: [], policies: [{ id: "wait-and-see", text: "forbid (principal, action, resource);", place: "built-in/packages.cedar" }], ...more }) as unknown as Schemas["RequestEvidence"];

it("has each part one click away, with the text of the policies that a grant sets aside", () => {
  render(Evidence, { evidence: evidence({}) });
  expect(screen.getByText("Policies that a grant sets aside (1)")).toBeTruthy();
  expect(screen.getByText("built-in/packages.cedar")).toBeTruthy();
  expect(screen.getByText("Nobody here has a release of it yet.")).toBeTruthy();
});

it("says first who else waits", () => {
  render(Evidence, { evidence: evidence({ others: [{ id: "req_2", by: "kim", because: "me, too" }] }) });
  expect(screen.getByRole("link", { name: "kim" }).getAttribute("href")).toBe("/inbox/req_2");
});
