import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
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
