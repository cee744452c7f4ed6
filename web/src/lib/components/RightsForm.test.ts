import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press, submit, write } from "../testing";
import RightsForm from "./RightsForm.svelte";

afterEach(() => vi.unstubAllGlobals());

const person = { person: "prs_2", name: "ben", roles: ["mentor"], groups: ["sales"], since: "2026-11-22T10:00:00Z" } as Schemas["Person"];

it("gives and takes roles and groups, for stewards", async () => {
  as("steward");
  const asked = node({ "POST /v1/roles": {}, "POST /v1/roles/take": {}, "POST /v1/groups": {}, "POST /v1/groups/leave": {} });
  const changed = vi.fn();
  render(RightsForm, { person, changed });
  await press("Give: reviewer");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1));
  await press("Take away: mentor");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2));
  await write("Group", "finance");
  await submit("Group");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(3));
  await press("Take out of sales");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(4));
  expect(asked).toEqual([
    ["POST /v1/roles", { person: "prs_2", role: "reviewer" }],
    ["POST /v1/roles/take", { person: "prs_2", role: "mentor" }],
    ["POST /v1/groups", { person: "prs_2", group: "finance" }],
    ["POST /v1/groups/leave", { person: "prs_2", group: "sales" }],
  ]);
});

it("only shows them to others", () => {
  as("mentor");
  render(RightsForm, { person, changed: vi.fn() });
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.getByText("sales")).toBeTruthy();
});
