import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { as, node } from "../testing";
import VersionList from "./VersionList.svelte";

afterEach(() => {
  router.go("/");
  vi.unstubAllGlobals();
});

const versions = [
  { version: 2, since: "2026-11-22T11:00:00Z", because: "security withdrew demo", by: "ben", approved_by: "asha", in_force: true },
  { version: 1, since: "2026-11-22T10:00:00Z", in_force: false },
];

it("lists the sets that were in force, and offers the way back to those that are not", async () => {
  as("steward");
  node({ "GET /v1/policy-versions": { versions, folder: "/state/policies" } });
  render(VersionList, { rows: [] });
  await screen.findByText("security withdrew demo");
  expect(screen.getByText("changed in the folder")).toBeTruthy();
  expect(screen.getAllByRole("button", { name: "Go back to it" }).length).toBe(1);
});

it("is looked through by words", async () => {
  as("auditor");
  router.go("/policies?show=history&q=withdrew");
  node({ "GET /v1/policy-versions": { versions, folder: "/state/policies" } });
  render(VersionList, { rows: [] });
  await screen.findByText("security withdrew demo");
  expect(screen.queryByText("changed in the folder")).toBeNull();
  router.go("/policies?show=history&q=nothing");
  await screen.findByText("No version fits");
});
