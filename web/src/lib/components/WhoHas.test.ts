import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import WhoHas from "./WhoHas.svelte";

const one = { time: "2026-11-22T10:00:00Z", first: "2026-11-22T10:00:00Z", times: 1, person: "kim", machine: "build-2", release: "pkg:pypi/a@1", file: "a.whl" };

it("tells who has it apart from who was refused it", () => {
  const who = { purl: "pkg:pypi/a@1", fetched: [{ ...one, received: "whole" }], not_received: [], refused: [{ ...one, person: null, outcome: "hold", policy: "x", reason: "y" }], behind: 0, truncated: false } as Schemas["Who"];
  render(WhoHas, { who });
  const [has, refused] = screen.getAllByRole("listitem");
  expect(has?.textContent).toContain("kim, build-2");
  expect(refused?.textContent).toContain("a caller nobody knows");
  expect(screen.getByText("Refused to")).toBeTruthy();
});
