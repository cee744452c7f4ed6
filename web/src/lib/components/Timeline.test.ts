import { render, screen } from "@testing-library/svelte";
import { expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import Timeline from "./Timeline.svelte";

const release = (version: string, published: string | null, outcome = "allow") => ({ version, published, outcome }) as unknown as Schemas["Release"];

it("has a mark for each release that has a time, and reads the chosen one", () => {
  const { container } = render(Timeline, { releases: [release("3.0", "2026-11-20T00:00:00Z", "hold"), release("2.0", "2026-01-01T00:00:00Z"), release("1.0", "2024-01-01T00:00:00Z"), release("0.1", null)], chosen: "3.0", choose: vi.fn() });
  expect(container.querySelectorAll("rect").length).toBe(3);
  expect(container.querySelectorAll("rect.hold").length).toBe(1);
  expect(screen.getByText("3.0").parentElement?.textContent).toContain("held, published 20 Nov 2026");
  expect([...container.querySelectorAll("text")].map((text) => text.textContent)).toEqual(["2025", "2026"]);
});

it("is not there for a single release", () => {
  const { container } = render(Timeline, { releases: [release("1.0", "2024-01-01T00:00:00Z")], chosen: undefined, choose: vi.fn() });
  expect(container.querySelector("figure")).toBeNull();
});
