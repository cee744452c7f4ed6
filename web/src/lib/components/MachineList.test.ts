import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { session } from "../session.svelte";
import MachineList from "./MachineList.svelte";

afterEach(() => vi.unstubAllGlobals());

const device = (number: number) => ({ device: `dev_${number}`, person: "prs_1", name: "asha", machine: `laptop ${number}`, made: "2026-11-22T10:00:00Z" });

it("lists machines a page at a time, and ends a token", async () => {
  session.account = { roles: ["steward"] } as unknown as Schemas["Account"];
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url);
    asked.push(`${request.method} ${pathname}?${searchParams}`);
    const first = Number(searchParams.get("after") ?? 0);
    const devices = Array.from({ length: Number(searchParams.get("limit")) }, (_, at) => device(first + at + 1));
    return Response.json(request.method === "GET" ? { devices, next: String(first + devices.length) } : { device: "dev_1", already: false });
  });
  render(MachineList);
  expect((await screen.findAllByRole("listitem")).length).toBe(100);
  await fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  await vi.waitFor(() => expect(screen.getAllByRole("listitem").length).toBe(200));
  await fireEvent.click(screen.getByRole("button", { name: "End it: asha, laptop 1" }));
  await vi.waitFor(() => expect(asked.at(-1)).toBe("GET /v1/tokens?limit=200"));
  expect(asked).toEqual(["GET /v1/tokens?limit=100", "GET /v1/tokens?limit=100&after=100", "DELETE /v1/tokens/dev_1?", "GET /v1/tokens?limit=200"]);
});
