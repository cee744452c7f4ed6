import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { as, node } from "../testing";
import SpareRights from "./SpareRights.svelte";

afterEach(() => {
  router.go("/");
  vi.unstubAllGlobals();
});

const right = (name: string, spare: boolean) => ({ kind: "role", name, times: 0, actions: [], spare, by_directory: false });
const rights = {
  since: "2026-08-22T10:00:00Z",
  people: [
    { person: "prs_2", name: "ben", rights: [right("mentor", true), right("reviewer", false)] },
    { person: "prs_3", name: "kim", rights: [right("auditor", true)] },
  ],
  keys: [{ key: "key_1", label: "nightly", holder: "Price list", scopes: ["api"], used: [] }],
  proof: { allowed: 7, refused: 0 },
  left: 0,
};

it("shows what nothing needed, with the proof, and narrows it by words", async () => {
  as("steward");
  const asked = node({ "POST /v1/rights": rights });
  router.go("/people?show=spare");
  render(SpareRights, { rows: [] });
  await screen.findByText(/each of the 7 attempts that were allowed stays allowed/);
  expect(screen.getAllByRole("heading").map((heading) => heading.textContent)).toEqual(["ben", "kim", "Keys with more scopes than they use"]);
  expect(screen.queryByText("reviewer")).toBeNull();
  expect(asked[0]?.[1]).toEqual({ days: 90 });
  router.go("/people?show=spare&q=kim");
  await vi.waitFor(() => expect(screen.getAllByRole("heading").map((heading) => heading.textContent)).toEqual(["kim"]));
});

it("says that nothing is spare", async () => {
  as("steward");
  node({ "POST /v1/rights": { ...rights, people: [], keys: [] } });
  router.go("/people?show=spare");
  render(SpareRights, { rows: [] });
  await screen.findByText("Nothing is spare");
});
