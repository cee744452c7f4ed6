import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import { rowOf, type Line } from "../record";
import RecordRow from "./RecordRow.svelte";

const line = {
  index: 7,
  opened: { person: "kim", machine: "build-2" },
  record: {
    time: "2026-11-22T10:00:00.000Z",
    node: "fanlight/1",
    action: "packages:fetch-file",
    who: { kind: "person", id: "prs_1", strength: "device-token" },
    on: { kind: "Release", id: "pkg:pypi/ruff@0.17.6" },
    decision: { outcome: "hold", policies: ["wait-and-see"], reason: "too young" },
    epoch: { number: 1, digest: "00" },
  },
} as unknown as Line;

it("says who did what to which thing, and leads to the whole of it", () => {
  render(RecordRow, { line });
  expect(screen.getByRole("link").getAttribute("href")).toBe("/activity/7");
  expect(screen.getByRole("link").textContent).toMatch(/kim\s*fetched\s*ruff 0\.17\.6\s*held/);
});

it("names nobody whose name is gone, and goes into a file as a flat row", () => {
  const erased = { ...line, opened: null } as unknown as Line;
  render(RecordRow, { line: erased });
  expect(screen.getByText("prs_1")).toBeTruthy();
  expect(rowOf(line)).toMatchObject({ index: 7, who: "kim", on: "pkg:pypi/ruff@0.17.6", outcome: "hold", policies: "wait-and-see" });
});
