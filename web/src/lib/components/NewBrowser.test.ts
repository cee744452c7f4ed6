import { fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Schemas } from "../api/client";
import { session } from "../session.svelte";
import NewBrowser from "./NewBrowser.svelte";

afterEach(() => vi.unstubAllGlobals());

const one = (name: string, more: object) => ({ session: name, current: false, begun: "2026-11-22T10:00:00Z", seen: "2026-11-22T10:00:00Z", ends: "2026-11-23T10:00:00Z", browser: "Firefox on Linux", new_browser: false, ...more });
const logged = (...sessions: object[]) => (session.account = { sessions } as unknown as Schemas["Account"]);

it("says nothing of this browser, nor of one that was used before", () => {
  logged(one("a", { current: true, new_browser: true }), one("b", {}));
  render(NewBrowser);
  expect(screen.queryByRole("region")).toBeNull();
});

it("tells of a new one until somebody says that it was them, and remembers that", async () => {
  logged(one("a", { current: true }), one("b", { new_browser: true }));
  const { unmount } = render(NewBrowser);
  expect(screen.getByRole("region").textContent).toContain("Firefox on Linux");
  await fireEvent.click(screen.getByRole("button", { name: "It was me" }));
  expect(screen.queryByRole("region")).toBeNull();
  unmount();
  render(NewBrowser);
  expect(screen.queryByRole("region")).toBeNull();
  expect(localStorage.getItem("fanlight.browsers")).toBe('["b"]');
});

it("ends it where it was somebody else", async () => {
  logged(one("a", { current: true }), one("c", { new_browser: true }));
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return Response.json(request.method === "DELETE" ? { sessions: 1 } : { sessions: [one("a", { current: true })], roles: [] });
  });
  render(NewBrowser);
  await fireEvent.click(screen.getByRole("button", { name: "End that session" }));
  await vi.waitFor(() => expect(screen.queryByRole("region")).toBeNull());
  expect(asked).toEqual(["DELETE /v1/account/sessions/c", "GET /v1/account"]);
});
