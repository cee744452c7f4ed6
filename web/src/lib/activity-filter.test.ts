import { expect, it } from "vitest";
import { actionGroups, filterOf } from "./activity-filter";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const of = (search: string) => filterOf(new URLSearchParams(search), NOW);

it("reads a filter from the address", () => {
  expect(of("")).toEqual({});
  expect(of("?who=kim&on=demo&action=packages%3A&outcome=hold&policy=wait-and-see&since=24")).toEqual({
    who: "kim",
    on: "demo",
    action: "packages:",
    outcome: "hold",
    policy: "wait-and-see",
    since: "2026-11-21T12:00:00.000Z",
  });
});

it("takes days as they are where one is, the last as a whole", () => {
  const { since, until } = of("?from=2026-11-01&to=2026-11-02");
  expect(since).toBe(new Date(2026, 10, 1).toISOString());
  expect(until).toBe(new Date(2026, 10, 3).toISOString());
});

it("passes over what is not a filter", () => {
  expect(of("?outcome=never&from=tomorrow&since=days&show=all")).toEqual({});
});

it("offers each door and what is done there", () => {
  const packages = actionGroups().find((group) => group.label === "Packages");
  expect(packages?.options[0]).toEqual({ value: "packages:", label: "Packages: anything" });
  expect(packages?.options).toContainEqual({ value: "packages:fetch-file", label: "fetched" });
});
