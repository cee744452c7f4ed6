import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Rows } from "../exporting";
import { router } from "../router.svelte";
import { as, node } from "../testing";
import StandingExceptions from "./StandingExceptions.svelte";

afterEach(() => {
  router.go("/");
  vi.unstubAllGlobals();
});

const one = (id: string, because: string) => ({ id, purl: "pkg:pypi/demo@2.0", because, by: "lea", role: "reviewer", policies: ["wait-and-see"], until: "2999-01-01T00:00:00Z" });

it("is looked through by words", async () => {
  as("auditor");
  node({ "GET /v1/exceptions": { exceptions: [one("exc_1", "the line stands still"), one("exc_2", "a fix")] } });
  router.go("/policies?show=exceptions&q=line");
  render(StandingExceptions, { rows: [] });
  await screen.findByText("the line stands still");
  expect(screen.queryByText("a fix")).toBeNull();
  router.go("/policies?show=exceptions&q=nothing");
  await screen.findByText("Nothing fits");
});

it("says how one comes to be, where there is none", async () => {
  as("auditor");
  node({ "GET /v1/exceptions": { exceptions: [] } });
  render(StandingExceptions, { rows: [] });
  await screen.findByText("Nobody has an exception");
  expect(screen.queryByRole("searchbox")).toBeNull();
});

it("comes a page at a time, tells those in force apart, and goes into a file as a whole", async () => {
  as("auditor");
  let rows: Rows = [];
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { search, searchParams } = new URL(request.url);
    asked.push(search);
    return Response.json(searchParams.has("after") ? { exceptions: [{ ...one("exc_2", "a fix"), ended: "2026-11-22T10:00:00Z" }] } : { exceptions: [one("exc_1", "the line stands still")], next: "exc_1" });
  });
  const given = {
    get rows(): Rows {
      return rows;
    },
    set rows(to: Rows) {
      rows = to;
    },
  };
  router.go("/policies?show=exceptions");
  render(StandingExceptions, given);
  await screen.findByText("a fix");
  expect(asked).toEqual(["?limit=100", "?limit=99&after=exc_1"]);
  await vi.waitFor(() => expect(typeof given.rows).toBe("function"));
  const taken = given.rows;
  expect(typeof taken === "function" ? (await taken()).length : 0).toBe(2);
  router.set({ kind: "holds" });
  await vi.waitFor(() => expect(screen.getAllByRole("listitem").map((row) => row.textContent)).toEqual([expect.stringContaining("the line stands still")]));
  router.set({ kind: "over" });
  await vi.waitFor(() => expect(screen.getAllByRole("listitem").map((row) => row.textContent)).toEqual([expect.stringContaining("a fix")]));
});
