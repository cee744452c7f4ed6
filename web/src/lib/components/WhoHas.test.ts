import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { router } from "../router.svelte";
import WhoHas from "./WhoHas.svelte";

afterEach(() => router.go("/packages/pypi/a"));

const one = { time: "2026-11-22T10:00:00Z", first: "2026-11-22T10:00:00Z", times: 1, person: "kim", machine: "build-2", release: "pkg:pypi/a@1", file: "a.whl" };

it("tells who has it apart from who was refused it", () => {
  const who = { purl: "pkg:pypi/a@1", fetched: [{ ...one, received: "whole" }], not_received: [], refused: [{ ...one, person: null, outcome: "hold", policy: "x", reason: "y" }], behind: 0, truncated: false } as Schemas["Who"];
  render(WhoHas, { who });
  const [has, refused] = screen.getAllByRole("listitem");
  expect(has?.textContent).toContain("kim, build-2");
  expect(refused?.textContent).toContain("a caller nobody knows");
  expect(screen.getByText("Refused to")).toBeTruthy();
});

it("is looked through by person, machine or file", async () => {
  const who = { purl: "pkg:pypi/a@1", fetched: [{ ...one, received: "whole" }, { ...one, person: "mia", machine: "laptop", received: "whole" }], not_received: [], refused: [{ ...one, person: "lea", outcome: "hold", policy: "x", reason: "y" }], behind: 0, truncated: false } as Schemas["Who"];
  router.go("/packages/pypi/a?version=1&who=LAPTOP");
  render(WhoHas, { who });
  expect(screen.getByRole("listitem").textContent).toContain("mia, laptop");
  router.set({ who: "nobody like that" });
  await vi.waitFor(() => expect(screen.queryByRole("listitem")).toBeNull());
  expect(screen.getByRole("status").textContent).toContain("Nothing fits");
  expect(router.query.get("version")).toBe("1");
});
