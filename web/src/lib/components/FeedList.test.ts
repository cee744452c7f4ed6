import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { as, node, press } from "../testing";
import FeedList from "./FeedList.svelte";

afterEach(() => vi.unstubAllGlobals());

const feed = (source: string, more: object = {}) => ({ source, state: "read", records: 12, ...more });

it("says of each feed how it is, and has them read by whoever judges", async () => {
  as("reviewer");
  const asked = node({ "GET /v1/advisories": { feeds: [feed("/feeds/a"), feed("/feeds/b", { state: "cannot-be-read", fault: "no such folder" })] }, "POST /v1/advisories/refresh": { feeds: [feed("/feeds/a")] } });
  const { rerender } = render(FeedList, { q: "" });
  await screen.findByText("no such folder");
  await rerender({ q: "cannot" });
  expect(screen.queryByText("/feeds/a")).toBeNull();
  await rerender({ q: "" });
  await press("Read them now");
  await vi.waitFor(() => expect(screen.queryByText("/feeds/b")).toBeNull());
  expect(asked.at(-1)?.[0]).toBe("POST /v1/advisories/refresh");
});

it("says how one is set where there is none", async () => {
  as("auditor");
  node({ "GET /v1/advisories": { feeds: [] } });
  render(FeedList, { q: "" });
  await screen.findByText(/advisories.sources/);
  expect(screen.queryByRole("button", { name: "Read them now" })).toBeNull();
});
