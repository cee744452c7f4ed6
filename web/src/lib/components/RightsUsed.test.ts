import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { session } from "../session.svelte";
import RightsUsed from "./RightsUsed.svelte";

afterEach(() => vi.unstubAllGlobals());

const right = (name: string, more: object) => ({ kind: "role", name, times: 0, actions: [], spare: true, by_directory: false, ...more }) as unknown as Schemas["RightUsed"];
const rights = [
  right("reviewer", { spare: false, times: 3, actions: ["console:grant-request"], last: "2026-11-22T10:00:00Z" }),
  right("mentor", {}),
  right("finance", { kind: "group", by_directory: true }),
];

function shown(roles: string[]) {
  session.account = { roles } as unknown as Schemas["Account"];
  const changed = vi.fn();
  render(RightsUsed, { person: "prs_1", rights, changed });
  return changed;
}

it("says what each right was needed for, and lets a steward take what is spare", async () => {
  const changed = shown(["steward"]);
  const [reviewer, mentor, finance] = screen.getAllByRole("listitem");
  expect(reviewer?.textContent).toMatch(/3 times.*granted/);
  expect(mentor?.textContent).toContain("Nothing needed it");
  expect(finance?.textContent).toContain("take it there");
  const sent = vi.fn(async (_: Request) => Response.json({}));
  vi.stubGlobal("fetch", sent);
  expect(screen.getAllByRole("button").map((button) => button.getAttribute("aria-label"))).toEqual(["Take away: mentor"]);
  await fireEvent.click(screen.getByRole("button"));
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(sent.mock.lastCall?.[0].url).toContain("/v1/roles/take");
  expect(await sent.mock.lastCall?.[0].json()).toEqual({ person: "prs_1", role: "mentor" });
});

it("offers nothing to whoever may take nothing", () => {
  shown(["auditor"]);
  expect(screen.queryByRole("button")).toBeNull();
});
