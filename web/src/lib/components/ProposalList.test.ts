import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { as, node } from "../testing";
import ProposalList from "./ProposalList.svelte";

afterEach(() => {
  router.go("/");
  vi.unstubAllGlobals();
});

const one = (id: string, more: object) => ({ id, by: "ben", because: "demo is not liked", proposed: "2026-11-22T10:00:00Z", base: 1, state: "waiting", outdated: false, own: false, files: 1, set: "00", ...more });

it("shows what waits, asks the node by state, and narrows by words", async () => {
  as("steward");
  const asked = node({ "GET /v1/policy-proposals": { proposals: [one("prp_1", {}), one("prp_2", { because: "goodlib for all", outdated: true })] } });
  router.go("/policies?show=proposals");
  render(ProposalList, { rows: [] });
  await screen.findByText("demo is not liked");
  expect(screen.getByText("has to be made anew")).toBeTruthy();
  router.go("/policies?show=proposals&state=refused&q=goodlib");
  await vi.waitFor(() => expect(screen.queryByText("demo is not liked")).toBeNull());
  expect(asked.map(([what]) => what)).toEqual(["GET /v1/policy-proposals?state=waiting", "GET /v1/policy-proposals?state=refused"]);
});

it("leads to where one is made, where there is none", async () => {
  as("steward");
  node({ "GET /v1/policy-proposals": { proposals: [] } });
  router.go("/policies?show=proposals");
  render(ProposalList, { rows: [] });
  expect((await screen.findByRole("link", { name: "Change policies" })).getAttribute("href")).toBe("/policies?show=change");
});
