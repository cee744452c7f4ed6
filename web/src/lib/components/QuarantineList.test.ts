import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press } from "../testing";
import QuarantineList from "./QuarantineList.svelte";

afterEach(() => vi.unstubAllGlobals());

const one = { purl: "pkg:pypi/demo", because: "it reads tokens", by: "kim", role: "reviewer", since: "2026-11-22T10:00:00Z" } as unknown as Schemas["Quarantine"];

it("is lifted by whoever judges", async () => {
  as("reviewer");
  const asked = node({ "POST /v1/quarantines/lift": {} });
  const changed = vi.fn();
  render(QuarantineList, { quarantines: [one], changed });
  await press("Lift");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toEqual([["POST /v1/quarantines/lift", { purl: "pkg:pypi/demo" }]]);
});

it("has nothing to press for whoever does not judge", () => {
  as("auditor");
  render(QuarantineList, { quarantines: [one], changed: vi.fn() });
  expect(screen.getByRole("listitem").textContent).toMatch(/it reads tokens.*kim, since/s);
  expect(screen.queryByRole("button")).toBeNull();
});
