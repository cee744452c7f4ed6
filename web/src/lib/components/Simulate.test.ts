import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import Simulate from "./Simulate.svelte";

afterEach(() => vi.unstubAllGlobals());

const FILES = [{ name: "a.cedar", text: "permit (principal, action, resource);" }];
const nothing = { faults: [], warnings: [], replaces: [], records: 9, judged: 9, otherwise: 0, changed: {}, not_judged: {}, changes: [], not_listed: 0, truncated: false };

async function tried(answer: object) {
  const sent = vi.fn(async (_: Request) => Response.json({ ...nothing, ...answer }));
  vi.stubGlobal("fetch", sent);
  render(Simulate, { files: FILES });
  await fireEvent.submit(screen.getByLabelText("Against the last").closest("form") as HTMLFormElement);
  await screen.findByRole("status");
  return sent.mock.lastCall?.[0].json();
}

it("says what would be otherwise, for whom and why", async () => {
  const change = { index: 4, time: "2026-11-22T10:00:00Z", times: 2, action: "packages:fetch-file", on: "pkg:pypi/demo@1.0", who: "prs_1", before: { outcome: "allow", policies: [] }, after: { outcome: "deny", policies: ["no-demo"], reason: "demo is not used here" } };
  expect(await tried({ otherwise: 2, changes: [change] })).toEqual({ files: FILES, hours: 168 });
  expect(screen.getByText("2 of 9 attempts would have been decided otherwise.")).toBeTruthy();
  expect(screen.getByRole("listitem").textContent).toMatch(/demo.*prs_1 fetched.*allowed\s*→\s*denied.*demo is not used here/s);
});

it("says where nothing would be otherwise, and what could not be judged", async () => {
  await tried({ not_judged: { "facts-missing": 3 } });
  expect(screen.getByText("None of the 9 attempts would have been decided otherwise.")).toBeTruthy();
  expect(screen.getByText(/3 attempts cannot be judged again/)).toBeTruthy();
});
