import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { node } from "../testing";
import LatestRecords from "./LatestRecords.svelte";

afterEach(() => vi.unstubAllGlobals());

const line = { index: 7, opened: { person: "ben" }, record: { time: "2026-11-22T10:00:00Z", action: "packages:fetch-file", who: { kind: "Person", id: "prs_2" }, on: { kind: "Release", id: "pkg:pypi/demo@1.0" }, decision: { outcome: "allow", policies: [] } } };

it("asks for a few, as Activity would, and leads to all of them", async () => {
  const asked = node({ "POST /v1/ledger/page": { origin: "o", size: 9, lines: [line] } });
  render(LatestRecords, { search: "who=ben&outcome=allow" });
  await screen.findByText("demo 1.0");
  expect(asked).toEqual([["POST /v1/ledger/page", { who: "ben", outcome: "allow", limit: 6 }]]);
  expect(screen.getByRole("link", { name: "All of it in Activity" }).getAttribute("href")).toBe("/activity?who=ben&outcome=allow");
});

it("says where there is nothing", async () => {
  node({ "POST /v1/ledger/page": { origin: "o", size: 9, lines: [] } });
  render(LatestRecords, { search: "who=ben" });
  await screen.findByText("Nothing is in the record.");
});
