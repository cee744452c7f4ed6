import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { node, press } from "../testing";
import OwnRequest from "./OwnRequest.svelte";

afterEach(() => vi.unstubAllGlobals());

const request = (more: object) =>
  ({ id: "req_1", purl: "pkg:pypi/demo@2.0", by: "ben", because: "the build", asked: "2026-11-22T10:00:00Z", state: "waiting", judged: { reason: "it is new", advice: "Take 1.0 meanwhile.", facts: {} }, ...more }) as unknown as Schemas["Request"];

it("says what to do meanwhile, and is taken back", async () => {
  const asked = node({ "DELETE /v1/requests/own/req_1": request({}) });
  const changed = vi.fn();
  render(OwnRequest, { request: request({}), changed });
  expect(screen.getByText(/Take 1.0 meanwhile/)).toBeTruthy();
  await press("Take back");
  await vi.waitFor(() => expect(changed).toHaveBeenCalledOnce());
  expect(asked[0]?.[0]).toBe("DELETE /v1/requests/own/req_1");
});

it("shows the answer where there is one, and nothing to press", () => {
  render(OwnRequest, { request: request({ state: "granted", answer: { by: "asha", at: "2026-11-22T11:00:00Z", because: "looked at it" } }), changed: vi.fn() });
  expect(screen.getByText("looked at it")).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
});
