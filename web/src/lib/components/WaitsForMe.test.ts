import { render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import { as, node } from "../testing";
import WaitsForMe from "./WaitsForMe.svelte";

afterEach(() => vi.unstubAllGlobals());

const REQUESTS = { requests: [{ id: "req_1", purl: "pkg:pypi/demo@2.0", by: "ben", because: "the build", asked: "2026-11-22T10:00:00Z", state: "waiting" }], truncated: false };
const links = async () => (await screen.findAllByRole("link")).map((link) => [link.textContent?.trim(), link.getAttribute("href")]);

it("leads whoever answers to each request, and to all", async () => {
  as("reviewer");
  const asked = node({ "GET /v1/requests": REQUESTS });
  render(WaitsForMe);
  expect(await links()).toEqual([["demo 2.0", "/inbox/req_1"], ["All of it in the Inbox", "/inbox"]]);
  expect(screen.getByRole("heading").textContent).toBe("Waits for your answer");
  expect(screen.getByRole("listitem").textContent).toMatch(/ben, \S/);
  expect(asked.map(([what]) => what)).toEqual(["GET /v1/requests?state=waiting&limit=4"]);
});

it("shows a builder what they wait for themselves, and asks for nobody else's", async () => {
  as();
  const asked = node({ "GET /v1/requests/own": REQUESTS });
  render(WaitsForMe);
  expect(await links()).toEqual([["demo 2.0", "/requests"], ["All of it in My requests", "/requests"]]);
  expect(asked.map(([what]) => what)).toEqual(["GET /v1/requests/own?state=waiting&limit=4"]);
});

it("takes no room where nothing waits", async () => {
  as("reviewer");
  const asked = node({ "GET /v1/requests": { requests: [], truncated: false } });
  const { container } = render(WaitsForMe);
  await vi.waitFor(() => expect(asked.length).toBe(1));
  await new Promise((later) => setTimeout(later));
  expect(container.textContent?.trim()).toBe("");
});
