import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { router } from "../router.svelte";
import { as, node, press, problem } from "../testing";
import SessionList from "./SessionList.svelte";

afterEach(() => {
  vi.unstubAllGlobals();
  router.go("/people/prs_2");
});

const person = { person: "prs_2", name: "ben", roles: [], groups: [], since: "2026-11-22T10:00:00Z" } as Schemas["Person"];
const one = (session: string, browser: string, more: object = {}) => ({ session, browser, current: false, begun: "2026-11-22T10:00:00Z", seen: "2026-11-22T10:00:00Z", ends: "2026-11-23T10:00:00Z", new_browser: false, ...more });

it("says in which browsers somebody is logged in, which were new, and finds one", async () => {
  as("auditor");
  node({ "POST /v1/people/sessions": { sessions: [one("1", "Firefox on Linux"), one("2", "Safari on an iPhone", { new_browser: true })] } });
  render(SessionList, { person });
  const [first, second] = await screen.findAllByRole("listitem");
  expect(first?.textContent).not.toContain("new when they logged in");
  expect(second?.textContent).toContain("Safari on an iPhone, new when they logged in");
  expect(screen.queryByRole("button", { name: "End all sessions" })).toBeNull();
  router.set({ session: "firefox" });
  await vi.waitFor(() => expect(screen.getAllByRole("listitem").length).toBe(1));
  router.set({ session: "netscape" });
  await screen.findByText(/Nothing fits/);
});

it("has a steward end all of them, also those that a search hides", async () => {
  as("steward");
  const answers: Record<string, unknown> = { "POST /v1/people/sessions": { sessions: [one("1", "Firefox on Linux")] }, "POST /v1/people/sessions/end": { ended: 1 } };
  const asked = node(answers);
  router.set({ session: "netscape" });
  render(SessionList, { person });
  await screen.findByText(/Nothing fits/);
  answers["POST /v1/people/sessions"] = { sessions: [] };
  await press("End all sessions");
  await screen.findByText("Nowhere now.");
  expect(asked[1]).toEqual(["POST /v1/people/sessions/end", { person: "prs_2" }]);
  expect(screen.queryByRole("button", { name: "End all sessions" })).toBeNull();
});

it("says why they were not ended", async () => {
  as("steward");
  node({ "POST /v1/people/sessions": { sessions: [one("1", "Firefox on Linux")] }, "POST /v1/people/sessions/end": problem(409, "The ledger is full.") });
  render(SessionList, { person });
  await screen.findByRole("listitem");
  await press("End all sessions");
  expect((await screen.findByRole("alert")).textContent).toContain("The ledger is full.");
  expect(screen.getAllByRole("listitem").length).toBe(1);
});
