import { afterEach, expect, it, vi } from "vitest";
import { node } from "./testing";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
  localStorage.clear();
});

/** The page loaded anew. */
const loaded = async () => (await import("./session.svelte")).session;

it("expects nobody where nobody was logged in", async () => {
  const session = await loaded();
  expect(session.isExpected).toBe(false);
  expect(session.opens("activity")).toBe(false);
});

it("remembers the roles, so that pages are drawn before the node has said who it is", async () => {
  node({ "GET /v1/account": { roles: ["auditor"] } });
  await (await loaded()).load();
  vi.resetModules();
  const again = await loaded();
  expect(again.account).toBeUndefined();
  expect(again.isExpected).toBe(true);
  expect(again.opens("activity")).toBe(true);
  expect(again.isSteward).toBe(false);
});

it("takes what the node says over what it remembers", async () => {
  localStorage.setItem("fanlight.roles", '["steward"]');
  node({ "GET /v1/account": { roles: [] } });
  const session = await loaded();
  await session.load();
  expect(session.isSteward).toBe(false);
  expect(localStorage.getItem("fanlight.roles")).toBe("[]");
});

it("forgets who logged out, and reads nothing out of what is no list", async () => {
  localStorage.setItem("fanlight.roles", '{"a":1}');
  expect((await loaded()).isExpected).toBe(false);
  localStorage.setItem("fanlight.roles", "[]");
  vi.resetModules();
  const session = await loaded();
  session.forget();
  expect(localStorage.getItem("fanlight.roles")).toBeNull();
});
