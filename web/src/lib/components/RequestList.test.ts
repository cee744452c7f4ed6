import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";
import type { Schemas } from "../api/client";
import RequestList from "./RequestList.svelte";

const one = (id: string, state: string) => ({ id, purl: "pkg:pypi/demo@2.0", by: "ben", because: "the build", asked: "2026-11-22T10:00:00Z", state }) as unknown as Schemas["Request"];

it("shows where each stands that does not wait, and which is open; filters go along", () => {
  render(RequestList, { requests: [one("req_1", "waiting"), one("req_2", "granted")], chosen: "req_2", query: "?state=all" });
  const [first, second] = screen.getAllByRole("link");
  expect(first?.textContent).not.toContain("waits");
  expect(second?.textContent).toContain("granted");
  expect(second?.getAttribute("aria-current")).toBe("true");
  expect(second?.getAttribute("href")).toBe("/inbox/req_2?state=all");
});
