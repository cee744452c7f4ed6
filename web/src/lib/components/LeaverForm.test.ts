import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press } from "../testing";
import LeaverForm from "./LeaverForm.svelte";

afterEach(() => vi.unstubAllGlobals());

const person = { person: "prs_2", name: "ben", roles: [], groups: [], since: "2026-11-22T10:00:00Z" } as Schemas["Person"];
const leaver = { person: "prs_2", sessions: 2, machines: ["laptop"], roles: ["mentor"], groups: [], exceptions: [], keys: [], apps: [{ app: "app_1", title: "Prices", successor_name: "kim" }], last_steward: false };

it("says what would end, and ends it only when one is sure", async () => {
  as("steward");
  const asked = node({ "POST /v1/leavers/preview": leaver, "POST /v1/leavers": leaver });
  const changed = vi.fn();
  render(LeaverForm, { person, changed });
  await screen.findByText("2 sessions and 1 machine would end.");
  expect(screen.getByText("Prices goes to kim")).toBeTruthy();
  await press("They leave: end it all");
  expect(asked.length).toBe(1);
  await press("They leave: end it all", 1);
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked[1]).toEqual(["POST /v1/leavers", { person: "prs_2" }]);
});

it("lets nobody end the last steward", async () => {
  as("steward");
  node({ "POST /v1/leavers/preview": { ...leaver, last_steward: true } });
  render(LeaverForm, { person, changed: vi.fn() });
  await screen.findByText(/make somebody else a steward first/);
  expect(screen.queryByRole("button")).toBeNull();
});
