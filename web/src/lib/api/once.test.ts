import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { send } from "./once";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const post = (path: string, body: object) => new Request(`http://node.example${path}`, { method: "POST", body: JSON.stringify(body) });
const lost = () => Promise.reject(new TypeError("failed to fetch"));

/** A node that answers so, one after the other; gives the keys that it saw. */
function node(...answers: (() => Promise<Response>)[]) {
  const keys: (string | null)[] = [];
  vi.stubGlobal("fetch", (request: Request) => {
    keys.push(request.headers.get("Idempotency-Key"));
    return (answers.shift() ?? (() => Promise.resolve(Response.json({}))))();
  });
  return keys;
}

async function answered(request: Request) {
  const asking = send(request).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return asking;
}

it("sends a call again under the same key where its answer was lost", async () => {
  const keys = node(lost, lost, () => Promise.resolve(Response.json({ app: "app_1" }, { status: 201 })));
  expect(((await answered(post("/v1/apps", { title: "Prices" }))) as Response).status).toBe(201);
  expect(keys.length).toBe(3);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(keys).size).toBe(1);
});

it("keeps the key for whoever presses again, until an answer came", async () => {
  const keys = node(lost, lost, lost);
  expect(await answered(post("/v1/apps/app_1/hand-over", { owner: "ben" }))).toBeInstanceOf(TypeError);
  await answered(post("/v1/apps/app_1/hand-over", { owner: "ben" }));
  expect(new Set(keys).size).toBe(1);
  await answered(post("/v1/apps/app_1/hand-over", { owner: "ben" }));
  await answered(post("/v1/apps/app_1/hand-over", { owner: "kim" }));
  expect(new Set(keys).size).toBe(3);
});

it("waits where the first is still under way", async () => {
  const early = () => Promise.resolve(new Response("{}", { status: 409, headers: { "Retry-After": "1" } }));
  const keys = node(early);
  expect(((await answered(post("/v1/roles", { person: "ben", role: "mentor" }))) as Response).status).toBe(200);
  expect(new Set(keys).size).toBe(1);
});

it("has no key for what reads or logs in, and sends that once", async () => {
  const keys = node(lost, lost);
  expect(await answered(post("/v1/ledger/page", {}))).toBeInstanceOf(TypeError);
  expect(await answered(post("/v1/step-up", { code: "1" }))).toBeInstanceOf(TypeError);
  expect(keys).toEqual([null, null]);
});
