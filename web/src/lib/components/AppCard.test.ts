import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { as, node, press, problem, submit, write } from "../testing";
import AppCard from "./AppCard.svelte";

afterEach(() => vi.unstubAllGlobals());

const app = { app: "app_1", title: "Price list", headline: "Makes the price list", about: "For sales.", owner: { person: "prs_1", name: "asha" }, successor: { person: "prs_2" }, keys: 0, registered: "2026-11-22T10:00:00Z" } as unknown as Schemas["App"];
const ANSWERS = { "GET /v1/keys/own": { keys: [] }, "GET /v1/apps/app_1/used": { packages: [], refused: [], truncated: false } };
const said = (name: string) => screen.getByText(name, { selector: "dt" }).nextElementSibling?.textContent;

it("says whose it is and who has it next, by pseudonym where the name may not be seen", async () => {
  as();
  const asked = node(ANSWERS);
  render(AppCard, { app, changed: vi.fn() });
  expect([said("Owner"), said("Then"), said("Id")]).toEqual(["asha", "prs_2", "app_1"]);
  await screen.findByText("It has fetched no package.");
  // The record is not asked for whoever may not read it.
  expect(asked.some(([what]) => what.includes("/ledger/"))).toBe(false);
});

it("is handed over to a person and a successor, without the spaces around them", async () => {
  as();
  const asked = node({ ...ANSWERS, "POST /v1/apps/app_1/hand-over": app });
  const changed = vi.fn();
  render(AppCard, { app, changed });
  await press("Hand over");
  await write("Who has it from now on", " ben ");
  await write("Who has it after them", "mia ");
  await submit("Who has it from now on");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked).toContainEqual(["POST /v1/apps/app_1/hand-over", { owner: "ben", successor: "mia" }]);
});

it("ends only once that was said twice, and says why the node does not", async () => {
  as();
  const asked = node({ ...ANSWERS, "DELETE /v1/apps/app_1": problem(409, "It was handed over meanwhile.") });
  const changed = vi.fn();
  render(AppCard, { app, changed });
  await press("End this app");
  expect(screen.getByRole("dialog", { hidden: true }).textContent).toContain("End Price list?");
  expect(asked.some(([what]) => what.startsWith("DELETE"))).toBe(false);
  await press("End this app", 1);
  expect((await screen.findByRole("alert", { hidden: true })).textContent).toContain("handed over meanwhile");
  expect(changed).not.toHaveBeenCalled();
});

it("has nothing to press once it has ended", async () => {
  as();
  node(ANSWERS);
  render(AppCard, { app: { ...app, ended: "2026-11-23T10:00:00Z" }, changed: vi.fn() });
  expect(said("ended")).toBeTruthy();
  expect(screen.queryAllByRole("button")).toEqual([]);
  expect(screen.queryByRole("heading", { name: "Keys" })).toBeNull();
});

it("says that it is nobody's", () => {
  as("steward");
  node(ANSWERS);
  render(AppCard, { app: { ...app, owner: null, orphaned: "2026-11-23T10:00:00Z" } as Schemas["App"], changed: vi.fn() });
  expect(said("Owner")).toContain("nobody's");
});
