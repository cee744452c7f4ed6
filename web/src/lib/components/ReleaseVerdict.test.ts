import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import ReleaseVerdict from "./ReleaseVerdict.svelte";

const judged = (more: object) => render(ReleaseVerdict, { release: { version: "2.0", outcome: "allow", policies: ["everybody"], askable: false, yanked: false, ...more } as unknown as Schemas["Release"] });

it("says of what is stopped why, until when, what to do, and by which policy", () => {
  const { container } = judged({ outcome: "hold", reason: "it is new", until: "2026-11-29T10:00:00Z", advice: "Take 1.0.", policies: ["wait-and-see"], first_seen: "2026-11-22T10:00:00Z" });
  expect(container.textContent).toMatch(/2.0\s+held.*it is new.*until.*Take 1.0\..*first seen here.*wait-and-see/s);
  expect(screen.getByRole("link").getAttribute("href")).toBe("/policies/wait-and-see");
});

it("names no policy for what passes, and tells that its publisher withdrew it", () => {
  const { container } = judged({ published: "2026-11-01T10:00:00Z", yanked: true, yanked_reason: "broken on Windows" });
  expect(screen.queryByRole("link")).toBeNull();
  expect(container.textContent).toContain("withdrawn by its publisher: broken on Windows");
});

it("says that the scan is still to come", () => {
  judged({ scan_to_come: true });
  expect(screen.getByText(/yet to be scanned/)).toBeTruthy();
});
