import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { node, press, problem } from "../testing";
import Changed from "./Changed.svelte";

afterEach(() => vi.unstubAllGlobals());

const none = { "GET /v1/policy-versions": { folder: "/p", versions: [] }, "GET /v1/exceptions": { exceptions: [] }, "GET /v1/quarantines": { quarantines: [] } };
const given = () => render(Changed, { since: "2026-11-22T00:00:00Z", span: "the last 24 hours" });

it("leads to what was changed", async () => {
  node({ ...none, "GET /v1/quarantines": { quarantines: [{ purl: "pkg:pypi/demo", because: "it reads tokens", role: "reviewer", by: "kim", since: "2026-11-22T10:00:00Z" }] } });
  given();
  expect((await screen.findByRole("link", { name: "demo was quarantined" })).getAttribute("href")).toBe("/packages?show=quarantined&q=pkg%3Apypi%2Fdemo");
  expect(screen.getByRole("listitem").textContent).toMatch(/kim, \S/);
});

it("says that nothing was, and over which time", async () => {
  node(none);
  given();
  await screen.findByText("Nothing in the last 24 hours.");
});

it("says why it cannot be told, and asks again", async () => {
  const answers: Record<string, unknown> = { ...none, "GET /v1/exceptions": problem(503, "The node is busy.") };
  node(answers);
  given();
  await screen.findByText("The node is busy.");
  Object.assign(answers, none);
  await press("Try again");
  await screen.findByText("Nothing in the last 24 hours.");
});
