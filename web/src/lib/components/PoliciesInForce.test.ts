import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { router } from "../router.svelte";
import { choose, node, press, problem } from "../testing";
import PoliciesInForce from "./PoliciesInForce.svelte";

afterEach(() => {
  vi.unstubAllGlobals();
  router.go("/policies");
});

const policy = (id: string, outcome: string, more: object = {}) => ({ id, outcome, file: "built-in/packages.cedar", built_in: true, reason: `because of ${id}`, ...more });
const POLICIES = { policies: [policy("everybody-reads", "allow"), policy("wait-and-see", "hold"), policy("no-telemetry", "deny", { built_in: false }), policy("malicious", "deny")], epoch: { number: 1, digest: "d" } };
const MONTH = { policies: [{ policy: "malicious", held: 0, denied: 3 }], stopped: [], spans: [] };
const shown = () => screen.queryAllByRole("link").map((link) => link.textContent?.trim());
const given = () => render(PoliciesInForce, { rows: [], lede: undefined });

it("has the company's own first, of the others what stopped most, and what allows only on demand", async () => {
  node({ "GET /v1/policies": POLICIES, "GET /v1/overview": MONTH });
  given();
  await vi.waitFor(() => expect(shown()).toEqual(["no-telemetry", "malicious", "wait-and-see"]));
  await choose("Which", "all");
  await vi.waitFor(() => expect(shown()).toContain("everybody-reads"));
  await choose("Which", "own");
  await vi.waitFor(() => expect(shown()).toEqual(["no-telemetry"]));
  expect(router.search).toBe("?kind=own");
});

it("finds a policy by its words, and says so where there is none", async () => {
  node({ "GET /v1/policies": POLICIES, "GET /v1/overview": MONTH });
  router.go("/policies?q=of+WAIT");
  given();
  await vi.waitFor(() => expect(shown()).toEqual(["wait-and-see"]));
  router.go("/policies?q=zzzz");
  await screen.findByText("No policy fits");
});

it("tells of a change that was not taken, at its place", async () => {
  node({ "GET /v1/policies": { ...POLICIES, last_fault: { file: "own.cedar", line: 3, column: 7, message: "no such action" } }, "GET /v1/overview": MONTH });
  given();
  expect((await screen.findByRole("alert")).textContent).toMatch(/The newest change was not taken.*own\.cedar:3:7: no such action/);
});

it("says why they cannot be shown, and asks again", async () => {
  const answers: Record<string, unknown> = { "GET /v1/policies": problem(503, "The node is busy."), "GET /v1/overview": MONTH };
  node(answers);
  given();
  await screen.findByText("The node is busy.");
  answers["GET /v1/policies"] = POLICIES;
  await press("Try again");
  await vi.waitFor(() => expect(shown().length).toBe(3));
});
